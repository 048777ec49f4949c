/** Comparing two moments: what differs, as a list and on the map. */
import { whyNotCompare } from '../edit/moments.ts';
import { boxAround } from '../state/geometry.ts';
import { fromField, moment, toField } from '../state/when.ts';
import type { App } from './app.ts';
import type { CompareDetail } from './model-history.ts';

/** More than this a list on a phone cannot show, nor a map tell apart. */
const mostCompared = 200;
const weekMs = 7 * 86_400_000;

export function openCompare(app: App): void {
  const now = new Date();
  app.push({
    kind: 'compare',
    since: toField(new Date(now.getTime() - weekMs)),
    until: toField(now),
    layer: app.model.news.filter.layer,
    inView: app.model.news.filter.inView,
    tried: false,
    folded: false,
    load: null,
    changes: [],
    more: false,
  });
}

export function patchCompare(app: App, patch: Partial<CompareDetail>): void {
  const { detail } = app.model;
  if (detail?.kind === 'compare') app.update({ detail: { ...detail, ...patch } });
}

export async function compare(app: App): Promise<void> {
  const { detail } = app.model;
  if (detail?.kind !== 'compare') return;
  if (whyNotCompare(detail.since, detail.until).length) {
    patchCompare(app, { tried: true });
    requestAnimationFrame(() => document.querySelector<HTMLElement>('.detail [aria-invalid="true"]')?.focus());
    return;
  }
  const { problem: _, ...clean } = detail;
  app.update({ detail: { ...clean, tried: true, folded: true, load: 'loading', changes: [] } });
  try {
    const { changes, links } = await app.server.changes({
      since: fromField(detail.since) ?? '',
      until: lastSecond(detail.until),
      ...(detail.layer ? { collections: detail.layer } : {}),
      ...(detail.inView && app.map ? { bbox: app.map.frame.map((v) => v.toFixed(5)).join(',') } : {}),
      include: 'before,after',
      limit: String(mostCompared),
    });
    patchCompare(app, { load: 'ready', changes, more: links?.some((l) => l.rel === 'next') ?? false });
    const box = boxAround(changes.flatMap((c) => [c.before?.geometry, c.after?.geometry]));
    if (box && !detail.inView) app.map?.fly(box);
  } catch (error) {
    patchCompare(app, { load: 'failed', problem: app.problem(error) });
  }
}

/** A field without seconds means its whole minute, as far as it has passed. */
function lastSecond(field: string): string {
  const end = new Date(field).getTime() + 59_000;
  return moment(new Date(Math.min(end, Date.now())));
}
