/** A draft as the request that keeps it. */
import type { Lang } from '../state/types.ts';
import { changed, type Draft, given } from './draft.ts';
import type { Patch } from './settle.ts';

export interface Request {
  method: 'POST' | 'PATCH';
  path: string;
  /** The revision the writer saw, for If-Match. */
  ifMatch?: number;
  body: unknown;
}

/** The request of a draft that nothing stands in the way of. A submission is sent as a form instead: see claim. */
export function requestOf(draft: Draft, lang: Lang): Request {
  const items = `/collections/${draft.layer.id}/items`;
  const reason = reasonOf(draft);
  if (draft.kind === 'create') {
    const geometry = draft.place ? { type: 'Point', coordinates: draft.place } : (draft.geometry ?? null);
    return {
      method: 'POST',
      path: items,
      body: { type: 'Feature', geometry, properties: given(draft, lang), ...reason },
    };
  }
  if (draft.kind === 'submission') return { method: 'POST', path: '/api/submissions', body: claim(draft, lang) };
  if (!draft.feature) throw new Error(`a draft of kind ${draft.kind} has no feature`);
  const path = `${items}/${draft.feature.id}`;
  const ifMatch = Number(draft.feature.properties.revision ?? 0);
  if (draft.kind === 'edit')
    return { method: 'PATCH', path, ifMatch, body: { properties: changed(draft, lang), ...reason } };
  const evidence = draft.files.flatMap((f) => (f.media ? [f.media.id] : []));
  return {
    method: 'POST',
    path: `${path}/moves`,
    ifMatch,
    body: { move: draft.move?.id, properties: given(draft, lang), ...reason, evidence },
  };
}

/** The request that keeps what two people changed of the draft's feature. */
export const patchRequest = (draft: Draft, { ifMatch, change }: Patch): Request => ({
  method: 'PATCH',
  path: `/collections/${draft.layer.id}/items/${draft.feature?.id}`,
  ifMatch,
  body: { ...change, ...reasonOf(draft) },
});

const reasonOf = (draft: Draft) => {
  const reason = draft.reason.trim().normalize('NFC');
  return reason ? { reason } : {};
};

/** The text parts of a coverage claim. */
export const claim = (draft: Draft, lang: Lang): Record<string, string> =>
  Object.fromEntries(Object.entries(given(draft, lang)).map(([name, value]) => [name, String(value)]));
