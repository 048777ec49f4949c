/** The server's operations on revisions: what happened, what differs between two moments, undoing. */
import type { Ref } from '../state/types.ts';
import type { ChangePage, EntryAt, RevisionPage, RevisionWhole, Undo, UndoAnswer } from '../state/types-history.ts';
import type { Client, Once } from './client.ts';

export const historyServer = (client: Client) => ({
  entry: ({ layer, id }: Ref, revision: number) =>
    client.get<EntryAt>(`/collections/${layer}/items/${id}/history/${revision}`),
  revisions: (query: Record<string, string>) => client.get<RevisionPage>(`/revisions?${new URLSearchParams(query)}`),
  /** A revision with its entries behind that ordinal. */
  revision: (n: number, after = 0) => client.get<RevisionWhole>(`/revisions/${n}${after ? `?after=${after}` : ''}`),
  changes: (query: Record<string, string>) => client.get<ChangePage>(`/changes?${new URLSearchParams(query)}`),
  undo: (n: number, undo: Undo, once: Once = {}) =>
    client.ask<UndoAnswer>(`/revisions/${n}/revert`, { method: 'POST', body: undo, ...once }),
});
