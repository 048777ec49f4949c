/** What the page knows of changes and time. */
import type { Intent } from '../edit/intent.ts';
import { geometryName, sidesOf } from '../edit/settle.ts';
import type { ShownSide, Sides } from '../map/sides.ts';
import type { Feature, HistoryEntry, Problem, Ref } from '../state/types.ts';
import type { Change, Placed, Revision, UndoAnswer, UndoConflict } from '../state/types-history.ts';
import type { Detail, Load } from './model.ts';

/** One change of one feature, in words and on the map. */
export interface ChangeDetail {
  kind: 'change';
  ref: Ref;
  name: string;
  load: Load;
  entry: HistoryEntry;
  /** How many edits it sums up; 1 for an entry of the log. */
  edits: number;
  before: Feature | null;
  after: Feature | null;
  side: ShownSide;
  problem?: Problem;
}

export interface RevisionDetail {
  kind: 'revision';
  revision: Revision;
  entries: Placed[];
  more: boolean;
  load: Load;
  problem?: Problem;
}

/** Undoing a revision, as a whole or of one feature: tried out first, so that conflicts are told before. */
export interface UndoDetail {
  kind: 'undo';
  revision: number;
  /** The feature whose part is undone; missing for the whole revision. */
  only?: Ref;
  name: string;
  /** The entry that is undone, where it is of one feature. */
  entry?: HistoryEntry;
  trial: 'trying' | 'ready' | 'failed';
  answer?: UndoAnswer;
  conflicts: UndoConflict[];
  /** What can be undone goes, what cannot stays. */
  each: boolean;
  sure: boolean;
  reason: string;
  tried: boolean;
  sending: boolean;
  again?: number;
  intent?: Intent;
  problem?: Problem;
}

export interface CompareDetail {
  kind: 'compare';
  /** As the fields of date and time have them. */
  since: string;
  until: string;
  layer: string;
  inView: boolean;
  tried: boolean;
  /** The fields have given way to what was found. */
  folded: boolean;
  load: Load | null;
  changes: Change[];
  more: boolean;
  problem?: Problem;
}

export interface PastDetail {
  kind: 'past';
  at: string;
  tried: boolean;
  busy: boolean;
  problem?: Problem;
}

export type HistoryDetail = ChangeDetail | RevisionDetail | UndoDetail | CompareDetail | PastDetail;

export interface NewsFilter {
  layer: string;
  who: string;
  inView: boolean;
}

export interface News {
  load: Load;
  revisions: Revision[];
  more: boolean;
  /** The newest revision that the list knows of. */
  head: number;
  /** Up to where this person had looked when the list was opened: what is newer is marked. */
  seen: number | null;
  unseen: number;
  /** How many came in while the list was open; they wait until asked for, so that nothing jumps. */
  arrived: number;
  filter: NewsFilter;
  /** Who is known to have changed anything, for the filter. */
  people: string[];
  /** This device remembers how far was looked. */
  keeps: boolean;
}

export const noNews: News = {
  load: 'loading',
  revisions: [],
  more: false,
  head: 0,
  seen: null,
  unseen: 0,
  arrived: 0,
  filter: { layer: '', who: '', inView: false },
  people: [],
  keeps: true,
};

/** The shapes that a detail shows on the map, before and after. */
export function shapesOf(detail: Detail | null): Sides | null {
  if (detail?.kind === 'change') return { ...pairOf([detail]), side: detail.side };
  if (detail?.kind === 'compare') return { ...pairOf(detail.changes), side: 'both' };
  const settlement = detail?.kind === 'form' ? detail.settlement : undefined;
  if (!settlement?.stale.merge.conflicts.includes(geometryName)) return null;
  const { mine, theirs } = sidesOf(settlement, geometryName) as {
    mine: Feature['geometry'];
    theirs: Feature['geometry'];
  };
  return { before: theirs ? [theirs] : [], after: mine ? [mine] : [], side: 'both' };
}

/** A shape that did not change is shown once. */
function pairOf(
  changes: readonly { before?: Feature | null; after?: Feature | null }[],
): Pick<Sides, 'before' | 'after'> {
  const pairs = changes.map(({ before, after }) => ({ was: before?.geometry ?? null, is: after?.geometry ?? null }));
  return {
    before: pairs.flatMap(({ was, is }) => (was && !sameShape(was, is) ? [was] : [])),
    after: pairs.flatMap(({ is }) => is ?? []),
  };
}

export const sameShape = (a: Feature['geometry'], b: Feature['geometry']): boolean =>
  JSON.stringify(a) === JSON.stringify(b);
