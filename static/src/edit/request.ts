/** A draft as the request that keeps it. */
import type { Lang } from '../state/types.ts';
import { changed, type Draft, given } from './draft.ts';

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
  const reason = draft.reason.trim() ? { reason: draft.reason.trim().normalize('NFC') } : {};
  if (draft.kind === 'create' && draft.place) {
    const geometry = { type: 'Point', coordinates: draft.place };
    return {
      method: 'POST',
      path: items,
      body: { type: 'Feature', geometry, properties: given(draft, lang), ...reason },
    };
  }
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

/** The text parts of a coverage claim. */
export const claim = (draft: Draft, lang: Lang): Record<string, string> =>
  Object.fromEntries(Object.entries(given(draft, lang)).map(([name, value]) => [name, String(value)]));
