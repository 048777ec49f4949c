/** The server's operations by name. */
import type {
  Board,
  Catalogue,
  Feature,
  HistoryEntry,
  Hit,
  MapStyle,
  Media,
  OfferedMove,
  Page,
  Ref,
  Session,
} from '../state/types.ts';
import type { Client, Once } from './client.ts';
import { historyServer } from './server-history.ts';

const item = ({ layer, id }: Ref) => `/collections/${layer}/items/${id}`;

/** What is asked as of a moment; null is now. */
const asOf = (past: string | null | undefined): Record<string, string> => (past ? { datetime: past } : {});

const query = (values: Record<string, string>) => {
  const text = new URLSearchParams(values).toString();
  return text ? `?${text}` : '';
};

export const server = (client: Client) => ({
  ...historyServer(client),
  session: () => client.get<Session>('/api/session'),
  catalogue: () => client.get<Catalogue>('/api/layers'),
  style: () => client.get<MapStyle>(`/styles/commune.json?lang=${client.lang}`),
  board: () => client.get<Board>('/board'),
  feature: (ref: Ref, past?: string | null) => client.get<Feature>(item(ref) + query(asOf(past))),
  history: async (ref: Ref) => (await client.get<{ entries: HistoryEntry[] }>(`${item(ref)}/history`)).entries ?? [],
  moves: async (ref: Ref) => (await client.get<{ moves: OfferedMove[] }>(`${item(ref)}/moves`)).moves ?? [],
  items: (layer: string, asked: Record<string, string>, past?: string | null) =>
    client.get<Page>(`/collections/${layer}/items${query({ ...asked, ...asOf(past) })}`),
  /** A further page, by the path of its next link. */
  page: (href: string) => {
    const url = new URL(href, location.origin);
    return client.get<Page>(url.pathname + url.search);
  },
  search: async (q: string, signal: AbortSignal) =>
    (await client.get<{ results: Hit[] }>(`/search?${new URLSearchParams({ q, limit: '20' })}`, signal)).results ?? [],
  upload: (file: File, onSent: (percent: number) => void) => {
    const form = new FormData();
    form.append('file', file);
    return client.send<Media>('/media', form, onSent);
  },
  submit: (file: File, fields: Record<string, string>, onSent: (percent: number) => void, once: Once) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append('file', file);
    return client.send<Feature>('/api/submissions', form, onSent, once);
  },
});

export type Server = ReturnType<typeof server>;
