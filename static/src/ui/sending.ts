/** Sending a form: once, however the network is; and what happens when somebody else was quicker. */
import { newKey } from '../api/again.ts';
import * as drafts from '../edit/draft.ts';
import { intentOf } from '../edit/intent.ts';
import { claim, patchRequest, type Request, requestOf } from '../edit/request.ts';
import { choose, geometryName, patchOf, type Settlement, type Side, settle, since, unsettled } from '../edit/settle.ts';
import { sameRef } from '../state/layers.ts';
import type { Feature, Problem, Ref } from '../state/types.ts';
import type { App } from './app.ts';
import { openFeature, patchFeature } from './features.ts';
import { kept, patchForm, report } from './forms.ts';
import type { FormDetail } from './model.ts';
import { askSignIn } from './people.ts';

/** A merge that is overtaken is merged anew, but not for ever. */
const mostMerges = 3;

export async function send(app: App): Promise<void> {
  const { detail, lang } = app.model;
  if (detail?.kind !== 'form' || detail.sending) return;
  if (drafts.whyNot(detail.draft, lang).length) {
    patchForm(app, { tried: true });
    focusFault();
    return;
  }
  await deliver(app, requestOf(detail.draft, lang));
}

/** Saves what was chosen between one's own and somebody else's change. */
export async function sendSettled(app: App): Promise<void> {
  const { detail } = app.model;
  if (detail?.kind !== 'form' || !detail.settlement || detail.sending) return;
  if (unsettled(detail.settlement).length) {
    patchForm(app, { tried: true });
    focusFault();
    return;
  }
  await merge(app, detail.settlement, 1);
}

export function settleBy(app: App, name: string, side: Side): void {
  const { detail } = app.model;
  if (detail?.kind === 'form' && detail.settlement)
    patchForm(app, { settlement: choose(detail.settlement, name, side) });
}

const focusFault = () =>
  requestAnimationFrame(() =>
    document.querySelector<HTMLElement>('.detail [aria-invalid="true"], .detail .fault')?.focus(),
  );

async function deliver(app: App, request: Request, merges = 0): Promise<void> {
  const { detail } = app.model;
  if (detail?.kind !== 'form') return;
  const { problem: _p, conflict: _c, again: _a, ...clean } = detail;
  const file = detail.draft.kind === 'submission' ? kept.get(detail.draft.layer) : undefined;
  const intent = intentOf(detail.intent, file ? { ...request, body: [request.body, markOf(file)] } : request, newKey);
  app.update({ detail: { ...clean, intent, tried: true, sending: true } });
  const once = { key: intent.key, onAgain: (again: number) => patchForm(app, { again }) };
  try {
    const { path, ...ask } = request;
    const feature = file
      ? await app.server.submit(file, claim(detail.draft, app.model.lang), (sent) => reportFirst(app, sent), once)
      : await app.client.ask<Feature>(path, { ...ask, ...once });
    await saved(app, detail, feature.id);
  } catch (error) {
    await refused(app, app.problem(error), merges);
  }
}

/** Tells a file from another, without reading it. */
const markOf = ({ name, size, lastModified }: File) => [name, size, lastModified];

function reportFirst(app: App, sent: number): void {
  const { detail } = app.model;
  const first = detail?.kind === 'form' ? detail.draft.files[0] : undefined;
  if (first) report(app, first.key, { sent });
}

async function saved(app: App, { draft }: FormDetail, id: number): Promise<void> {
  const { detail } = app.model;
  const merged = detail?.kind === 'form' ? detail.settlement : undefined;
  const trail = app.model.trail.slice();
  const last = trail.at(-1);
  if (last?.kind === 'feature' && last.ref.id === id) trail.pop();
  app.update({ detail: null, trail });
  if (!merged) app.toast(app.say('done', { what: app.say.text(draft.move?.title ?? draft.layer.title) }));
  const ref = { layer: draft.layer.id, id };
  await openFeature(app, ref);
  if (merged) patchFeature(app, ref, { merged });
}

async function refused(app: App, problem: Problem, merges: number): Promise<void> {
  patchForm(app, { sending: false, problem });
  if (problem.status === 401) askSignIn(app, true);
  if (problem.status === 404) await gone(app);
  if (problem.status === 412 || problem.status === 409) await conflict(app, problem, merges);
}

async function gone(app: App): Promise<void> {
  const { detail } = app.model;
  if (detail?.kind !== 'form' || !detail.draft.feature) return;
  const { problem: _, settlement: __, ...rest } = detail;
  app.update({ detail: { ...rest, conflict: 'deleted' } });
  toTop();
}

/** Somebody changed the feature meanwhile: what goes together is saved together; the rest is for the person to choose. */
async function conflict(app: App, problem: Problem, merges: number): Promise<void> {
  const { detail } = app.model;
  if (detail?.kind !== 'form' || !detail.draft.feature) return;
  const { draft } = detail;
  const ref = { layer: draft.layer.id, id: detail.draft.feature.id };
  const seen = detail.settlement?.stale.revision ?? Number(draft.feature?.properties.revision ?? 0);
  const by = since(await app.server.history(ref).catch(() => []), seen);
  const settlement = settle(problem, detail.settlement ? [...by, ...detail.settlement.by] : by);
  if (!settlement) return rebase(app, ref, problem);
  const clean = settlement.stale.merge.conflicts.length === 0 && merges < mostMerges;
  if (draft.kind === 'edit' && clean) return merge(app, settlement, merges + 1);
  const stands = draft.move && !settlement.stale.merge.theirs.includes(stateOf(app, draft));
  if (draft.kind === 'move' && clean && stands) {
    patchForm(app, { settlement });
    return deliver(app, { ...requestOf(draft, app.model.lang), ifMatch: settlement.stale.revision }, merges + 1);
  }
  if (draft.kind !== 'edit') return rebase(app, ref, problem);
  const { problem: _, ...rest } = detail;
  app.update({ detail: { ...rest, sending: false, tried: false, settlement } });
  if (settlement.stale.merge.conflicts.includes(geometryName)) app.map?.select(null);
  toTop();
}

/** What happened is told at the head of the form: nobody has to look for it. */
const toTop = () =>
  requestAnimationFrame(() => {
    document.querySelector('.detail .scroll')?.scrollTo({ top: 0 });
    document.querySelector<HTMLElement>('.detail h2')?.focus();
  });

/** The field that the draft's move moves. */
const stateOf = (app: App, { layer, move }: drafts.Draft): string =>
  app.layer(layer.id)?.moves.find((m) => m.id === move?.id)?.field ?? '';

async function merge(app: App, settlement: Settlement, merges: number): Promise<void> {
  const { detail } = app.model;
  if (detail?.kind !== 'form') return;
  patchForm(app, { settlement });
  const patch = patchOf(settlement);
  if (patch) return deliver(app, patchRequest(detail.draft, patch), merges);
  await saved(app, detail, detail.draft.feature?.id ?? 0);
}

/** Takes theirs as the ground of the form, and keeps what was typed here. */
export async function rebase(app: App, ref: Ref, problem?: Problem): Promise<void> {
  const { detail, lang } = app.model;
  if (detail?.kind !== 'form') return;
  const { draft } = detail;
  try {
    const feature = await app.server.feature(ref);
    if (problem?.status === 409 && feature.properties.revision === draft.feature?.properties.revision) return;
    const offered = draft.move ? (await app.server.moves(ref)).some((m) => m.id === draft.move?.id && m.allowed) : true;
    const now = app.model.detail;
    if (
      now?.kind !== 'form' ||
      !now.draft.feature ||
      !sameRef(ref, { layer: draft.layer.id, id: now.draft.feature.id })
    )
      return;
    const { problem: _, settlement: __, ...rest } = now;
    const renewed = drafts.rebase(now.draft, feature, lang);
    app.update({ detail: { ...rest, sending: false, draft: renewed, conflict: offered ? 'kept' : 'gone' } });
  } catch (error) {
    const failed = app.problem(error);
    if (failed.status === 404) await gone(app);
    else patchForm(app, { problem: failed });
  }
}

/** The form of a feature that was deleted meanwhile becomes the form of a new one. */
export function sendAnew(app: App): void {
  const { detail } = app.model;
  if (detail?.kind !== 'form') return;
  const { conflict: _, intent: __, problem: ___, ...rest } = detail;
  app.update({ detail: { ...rest, tried: false, draft: drafts.anew(detail.draft) } });
}
