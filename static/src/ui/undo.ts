/** Undoing: tried out first, so that what stands in the way is told before anything is sent. */
import { newKey } from '../api/again.ts';
import { intentOf } from '../edit/intent.ts';
import { whyNotUndo } from '../edit/undo.ts';
import type { HistoryEntry, Problem, Ref } from '../state/types.ts';
import type { Undo, UndoConflict } from '../state/types-history.ts';
import type { App } from './app.ts';
import { openFeature } from './features.ts';
import type { UndoDetail } from './model-history.ts';
import { refreshNews } from './news.ts';
import { askSignIn } from './people.ts';

interface Start {
  revision: number;
  name: string;
  only?: Ref;
  entry?: HistoryEntry;
}

export async function openUndo(app: App, start: Start): Promise<void> {
  if (app.model.past) {
    app.toast(app.say('pastNoEdit'));
    return;
  }
  const closed = { conflicts: [], each: false, sure: false, reason: '', tried: false, sending: false };
  app.push({ kind: 'undo', ...start, trial: 'trying', ...closed });
  requestAnimationFrame(() => document.querySelector<HTMLElement>('.detail h2')?.focus());
  await tryOut(app, start.revision);
}

export function patchUndo(app: App, patch: Partial<UndoDetail>): void {
  const { detail } = app.model;
  if (detail?.kind === 'undo') app.update({ detail: { ...detail, ...patch } });
}

const askedOf = (detail: UndoDetail, mode: Undo['mode'], reason: string): Undo => ({
  mode,
  reason,
  ...(detail.only ? { features: [{ collection: detail.only.layer, id: detail.only.id }] } : {}),
});

/** Asks the server what would happen. Where some of it cannot be undone, it is asked too how much of the rest can. */
export async function tryOut(app: App, n: number): Promise<void> {
  const { detail } = app.model;
  if (detail?.kind !== 'undo' || detail.revision !== n) return;
  const ask = (mode: Undo['mode']) =>
    app.server.undo(n, { ...askedOf(detail, mode, app.say('revertTitle', { n })), dry_run: true });
  try {
    patchUndo(app, { trial: 'ready', answer: await ask('all'), conflicts: [] });
  } catch (error) {
    const problem = app.problem(error);
    const conflicts = conflictsOf(problem);
    if (!conflicts) return patchUndo(app, { trial: 'failed', problem });
    const some = detail.only ? undefined : await ask('each').catch(() => undefined);
    patchUndo(app, { trial: 'ready', conflicts, ...(some ? { answer: some } : {}) });
  }
}

const conflictsOf = (problem: Problem): UndoConflict[] | null =>
  problem.code === 'revert_conflicts' ? ((problem as { conflicts?: UndoConflict[] }).conflicts ?? []) : null;

export async function sendUndo(app: App): Promise<void> {
  const { detail } = app.model;
  if (detail?.kind !== 'undo' || detail.sending) return;
  if (whyNotUndo(detail).length) {
    patchUndo(app, { tried: true });
    requestAnimationFrame(() => document.querySelector<HTMLElement>('.detail [aria-invalid="true"]')?.focus());
    return;
  }
  const undo = askedOf(detail, detail.each ? 'each' : 'all', detail.reason.trim().normalize('NFC'));
  const path = `/revisions/${detail.revision}/revert`;
  const intent = intentOf(detail.intent, { method: 'POST', path, body: undo }, newKey);
  const { problem: _, again: __, ...clean } = detail;
  app.update({ detail: { ...clean, intent, sending: true } });
  try {
    const onAgain = (again: number) => patchUndo(app, { again });
    await app.server.undo(detail.revision, undo, { key: intent.key, onAgain });
    await undone(app, detail);
  } catch (error) {
    const problem = app.problem(error);
    const conflicts = conflictsOf(problem);
    patchUndo(app, { sending: false, ...(conflicts ? { conflicts, each: false } : { problem }) });
    if (problem.status === 401) askSignIn(app, true);
  }
}

/** Back to where it was asked for: the sheet of the feature, read anew, or the list of what is new. */
async function undone(app: App, { revision, only }: UndoDetail): Promise<void> {
  app.toast(app.say('revertDone', { n: revision }));
  const trail = app.model.trail.filter((d) => d.kind === 'here' || d.kind === 'list');
  app.show(null, trail);
  if (only) await openFeature(app, only);
  else if (!app.model.wide) app.update({ panel: 'news' });
  await refreshNews(app, 'show');
}
