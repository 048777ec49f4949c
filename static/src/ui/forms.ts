/** Forms: opening them, and what is attached. */
import * as drafts from '../edit/draft.ts';
import type { Feature, Layer, OfferedMove, Place } from '../state/types.ts';
import type { App } from './app.ts';
import { readAllNames } from './features.ts';
import type { FormDetail } from './model.ts';

const starting = (app: App, layer: Layer) => {
  const now = new Date();
  const two = (n: number) => String(n).padStart(2, '0');
  const today = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return { layer, lang: app.model.lang, today };
};

function open(app: App, draft: drafts.Draft, placing = false): void {
  if (app.model.past) {
    app.toast(app.say('pastNoEdit'));
    return;
  }
  app.push({ kind: 'form', draft, placing, tried: false, sending: false });
  for (const refers of new Set(drafts.typed(draft).flatMap((f) => f.refers ?? [])))
    readAllNames(app, refers).catch(() => undefined);
  if (!app.model.wide) app.update({ panel: null });
  focusForm();
}

const focusForm = () => requestAnimationFrame(() => document.querySelector<HTMLElement>('.detail h2')?.focus());

export const openMove = (app: App, layer: Layer, feature: Feature, move: OfferedMove): void =>
  open(app, drafts.startMove(starting(app, layer), feature, move));

export const openEdit = (app: App, layer: Layer, feature: Feature): void =>
  open(app, drafts.startEdit(starting(app, layer), feature));

export function openCreate(app: App, layer: Layer): void {
  app.close();
  open(app, drafts.startCreate(starting(app, layer), null), true);
}

export function openSubmission(app: App): void {
  const layer = app.layer('coverage_submissions');
  if (layer) open(app, drafts.startSubmission(starting(app, layer), app.model.session?.person?.operator));
}

export function patchForm(app: App, patch: Partial<FormDetail>): void {
  const { detail } = app.model;
  if (detail?.kind === 'form') app.update({ detail: { ...detail, ...patch } });
}

export function change(app: App, alter: (draft: drafts.Draft) => drafts.Draft): void {
  const { detail } = app.model;
  if (detail?.kind === 'form') patchForm(app, { draft: alter(detail.draft) });
}

export function placeAt(app: App, place: Place): void {
  change(app, (d) => drafts.setPlace(d, place));
  patchForm(app, { placing: false });
  app.map?.select({ type: 'Point', coordinates: place });
  focusForm();
}

/** Keeps the chosen file with the draft; evidence is sent at once, a coverage file goes with its form. */
export async function attachFile(app: App, file: File): Promise<void> {
  const { detail } = app.model;
  if (detail?.kind !== 'form') return;
  const attached = { key: crypto.randomUUID(), name: file.name, sent: 0 };
  if (detail.draft.kind === 'submission') {
    kept.set(detail.draft.layer, file);
    change(app, (d) => ({ ...d, files: [attached] }));
    return;
  }
  const single = drafts.wantsModel(detail.draft);
  change(app, (d) => drafts.attach(single ? { ...d, files: [] } : d, attached));
  try {
    const media = await app.server.upload(file, (sent) => report(app, attached.key, { sent }));
    report(app, attached.key, { sent: 100, media });
  } catch (error) {
    report(app, attached.key, { failed: app.explain(app.problem(error)) });
  }
}

/** The file of a coverage claim waits here: files are no plain values. */
export const kept = new WeakMap<Layer, File>();

export function report(app: App, key: string, news: Partial<drafts.Attached>): void {
  change(app, (d) => ({ ...d, files: d.files.map((f) => (f.key === key ? { ...f, ...news } : f)) }));
}
