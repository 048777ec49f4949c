/** Opening a change: of one feature with its shapes on the map, or a whole revision. */
import type { ShownSide } from '../map/sides.ts';
import { boxAround } from '../state/geometry.ts';
import { nameOf, sameRef } from '../state/layers.ts';
import type { HistoryEntry, Ref } from '../state/types.ts';
import type { Change, Placed, Revision } from '../state/types-history.ts';
import type { App } from './app.ts';
import type { ChangeDetail, RevisionDetail } from './model-history.ts';

/** Shows an entry of a feature's history: what it was, what it became. */
export async function openChange(app: App, ref: Ref, name: string, entry: HistoryEntry): Promise<void> {
  const start: ChangeDetail = {
    kind: 'change',
    ref,
    name,
    load: 'loading',
    entry,
    edits: 1,
    before: null,
    after: null,
    side: 'both',
  };
  open(app, start);
  try {
    const { before, after, entry: read } = await app.server.entry(ref, entry.revision);
    patchChange(app, start, { load: 'ready', before, after, entry: read ?? entry });
    frame(app);
  } catch (error) {
    patchChange(app, start, { load: 'failed', problem: app.problem(error) });
  }
}

/** A difference between two moments as an entry of the history: when it was is empty where that is not told. */
export const entryOf = (change: Change): HistoryEntry => ({ via: null, ...change, at: change.at ?? '' });

/** Shows what became of a feature between two moments, which the comparison has told already. */
export function openDifference(app: App, change: Change): void {
  const ref = { layer: change.collection, id: change.id };
  const entry = entryOf(change);
  const { before = null, after = null } = change;
  const name = nameIn(app, change);
  open(app, { kind: 'change', ref, name, load: 'ready', entry, edits: change.edits, before, after, side: 'both' });
  frame(app);
}

/** What a touched feature is called. */
export const nameIn = (
  app: App,
  { collection, id, name }: { collection: string; id: number; name: string | null },
): string => nameOf(app.say, app.layer(collection), id, { name });

function open(app: App, detail: ChangeDetail | RevisionDetail): void {
  app.map?.select(null);
  app.push(detail);
}

function frame(app: App): void {
  const { detail } = app.model;
  const box = detail?.kind === 'change' ? boxAround([detail.before?.geometry, detail.after?.geometry]) : null;
  if (box) app.map?.fly(box);
}

function patchChange(app: App, of: ChangeDetail, patch: Partial<ChangeDetail>): void {
  const { detail } = app.model;
  if (detail?.kind === 'change' && sameRef(detail.ref, of.ref) && detail.entry.revision === of.entry.revision)
    app.update({ detail: { ...detail, ...patch } });
}

export function showSide(app: App, side: ShownSide): void {
  const { detail } = app.model;
  if (detail?.kind === 'change') app.update({ detail: { ...detail, side } });
}

/** A revision of one feature opens as that change; a larger one as its list. */
export async function openRevision(app: App, revision: Revision): Promise<void> {
  const [only] = revision.features ?? [];
  if (only && count(revision) === 1) {
    const { at, who, role, role_title = null, via, why, evidence = null, revision: n } = revision;
    const entry = { revision: n, at, who, role, role_title, via, why, evidence, op: only.op };
    return openChange(app, { layer: only.collection, id: only.id }, nameIn(app, only), entry);
  }
  open(app, { kind: 'revision', revision, entries: [], more: false, load: 'loading' });
  if (revision.bbox) app.map?.fly(revision.bbox);
  await readRevision(app, revision.revision);
}

/** Reads the entries of an open revision, on from those that are known. */
export async function readRevision(app: App, n: number): Promise<void> {
  const { detail: before } = app.model;
  const known = before?.kind === 'revision' ? before.entries : [];
  const patch = (news: Partial<RevisionDetail>) => {
    const { detail } = app.model;
    if (detail?.kind === 'revision' && detail.revision.revision === n) app.update({ detail: { ...detail, ...news } });
  };
  try {
    const { entries, more, ...revision } = await app.server.revision(n, known.at(-1)?.ordinal);
    patch({ revision, entries: [...known, ...entries], more, load: 'ready' });
  } catch (error) {
    patch({ load: 'failed', problem: app.problem(error) });
  }
}

export const openPlaced = (app: App, placed: Placed): Promise<void> =>
  openChange(app, { layer: placed.collection, id: placed.id }, nameIn(app, placed), placed);

/** How many features a revision touched. */
export const count = ({ counts }: Revision): number => counts.create + counts.update + counts.delete;
