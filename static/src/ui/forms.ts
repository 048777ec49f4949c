/** Forms: opening them, what is attached, sending, and what happens when somebody else was quicker. */
import * as drafts from '../edit/draft.ts';
import { claim, requestOf } from '../edit/request.ts';
import type { Feature, Layer, OfferedMove, Place, Problem } from '../state/types.ts';
import type { App } from './app.ts';
import { openFeature, readAllNames } from './features.ts';
import type { FormDetail } from './model.ts';
import { askSignIn } from './people.ts';

const starting = (app: App, layer: Layer) => {
  const now = new Date();
  const two = (n: number) => String(n).padStart(2, '0');
  const today = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return { layer, lang: app.model.lang, today };
};

function open(app: App, draft: drafts.Draft, placing = false): void {
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
const kept = new WeakMap<Layer, File>();

function report(app: App, key: string, news: Partial<drafts.Attached>): void {
  change(app, (d) => ({ ...d, files: d.files.map((f) => (f.key === key ? { ...f, ...news } : f)) }));
}

export async function send(app: App): Promise<void> {
  const { detail, lang } = app.model;
  if (detail?.kind !== 'form' || detail.sending) return;
  if (drafts.whyNot(detail.draft, lang).length) {
    patchForm(app, { tried: true });
    requestAnimationFrame(() =>
      document.querySelector<HTMLElement>('.detail [aria-invalid="true"], .detail .fault')?.focus(),
    );
    return;
  }
  const { problem: _p, conflict: _c, ...clean } = detail;
  app.update({ detail: { ...clean, tried: true, sending: true } });
  try {
    const feature = await deliver(app, detail.draft);
    const what = detail.draft.move?.title ?? detail.draft.layer.title;
    app.update({ detail: null });
    app.toast(app.say('done', { what: app.say.text(what) }));
    const trail = app.model.trail.slice();
    const last = trail.at(-1);
    if (last?.kind === 'feature' && last.ref.id === feature.id) trail.pop();
    app.update({ trail });
    await openFeature(app, { layer: detail.draft.layer.id, id: feature.id });
  } catch (error) {
    await refused(app, app.problem(error));
  }
}

async function deliver(app: App, draft: drafts.Draft): Promise<Feature> {
  const { lang } = app.model;
  const file = kept.get(draft.layer);
  if (draft.kind === 'submission' && file) {
    const [attached] = draft.files;
    return app.server.submit(file, claim(draft, lang), (sent) => attached && report(app, attached.key, { sent }));
  }
  const { path, ...ask } = requestOf(draft, lang);
  return app.client.ask<Feature>(path, ask);
}

async function refused(app: App, problem: Problem): Promise<void> {
  patchForm(app, { sending: false, problem });
  if (problem.status === 401) askSignIn(app, true);
  if (problem.status === 412 || problem.status === 409) await rebase(app, problem);
}

/** Somebody changed the feature meanwhile: take theirs as the ground and keep what was typed here. */
async function rebase(app: App, problem: Problem): Promise<void> {
  const { detail, lang } = app.model;
  if (detail?.kind !== 'form' || !detail.draft.feature) return;
  const { draft } = detail;
  const ref = { layer: draft.layer.id, id: detail.draft.feature.id };
  try {
    const feature = await app.server.feature(ref);
    if (problem.status === 409 && feature.properties.revision === draft.feature?.properties.revision) return;
    const stillOffered = draft.move
      ? (await app.server.moves(ref)).some((m) => m.id === draft.move?.id && m.allowed)
      : true;
    const { problem: _, ...rest } = detail;
    app.update({
      detail: {
        ...rest,
        sending: false,
        draft: drafts.rebase(draft, feature, lang),
        conflict: stillOffered ? 'kept' : 'gone',
      },
    });
  } catch (error) {
    patchForm(app, { problem: app.problem(error) });
  }
}
