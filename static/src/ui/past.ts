/** The map as of a moment: tiles, sheets and lists show that moment, and nothing can be edited meanwhile. */
import { whyNotMoment } from '../edit/moments.ts';
import type { Problem } from '../state/types.ts';
import { fromField, toField } from '../state/when.ts';
import type { App } from './app.ts';
import { openFeature } from './features.ts';
import type { PastDetail } from './model-history.ts';

const dayMs = 86_400_000;

export function openPast(app: App): void {
  const { detail, past } = app.model;
  if (detail?.kind === 'past') return;
  const at = past ? new Date(past) : new Date(Date.now() - dayMs);
  app.push({ kind: 'past', at: toField(at), tried: false, busy: false });
  if (!app.model.wide) app.update({ panel: null });
  requestAnimationFrame(() => document.querySelector<HTMLElement>('.detail h2')?.focus());
}

export function patchPast(app: App, patch: Partial<PastDetail>): void {
  const { detail } = app.model;
  if (detail?.kind === 'past') app.update({ detail: { ...detail, ...patch } });
}

export async function choosePast(app: App): Promise<void> {
  const { detail } = app.model;
  if (detail?.kind !== 'past' || detail.busy) return;
  const at = fromField(detail.at);
  if (!at || whyNotMoment(detail.at, new Date()).length) {
    patchPast(app, { tried: true });
    requestAnimationFrame(() => document.querySelector<HTMLElement>('.detail [aria-invalid="true"]')?.focus());
    return;
  }
  const { problem: _, ...clean } = detail;
  app.update({ detail: { ...clean, busy: true } });
  const problem = await whyNotThere(app, at);
  if (problem) return patchPast(app, { busy: false, problem });
  if (app.model.detail?.kind === 'past') app.back();
  turn(app, at);
}

/** Goes to a moment that an address names, or back to now (null). */
export async function showPast(app: App, at: string | null): Promise<void> {
  const problem = at ? await whyNotThere(app, at) : null;
  if (problem) app.toast(problem.status === 410 ? app.say('pastGone') : app.explain(problem));
  turn(app, problem ? null : at);
}

/** Asks for next to nothing as of the moment: the log may have given it up. */
async function whyNotThere(app: App, at: string): Promise<Problem | null> {
  const layer = app.model.catalogue?.layers[0];
  if (!layer) return null;
  try {
    await app.server.items(layer.id, { limit: '1' }, at);
    return null;
  } catch (error) {
    return app.problem(error);
  }
}

function turn(app: App, past: string | null): void {
  if (past === app.model.past) return;
  document.body.classList.toggle('in-past', past !== null);
  app.update({ past });
  app.map?.choose(app.model);
  const { detail } = app.model;
  if (detail?.kind === 'feature') void openFeature(app, detail.ref);
  else if (detail?.kind === 'here' || detail?.kind === 'list') app.close();
}
