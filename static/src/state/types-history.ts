/** What the server says of changes: merges after a 412, revisions, differences between two moments, what stands in an undo's way. */
import type { Geometry } from 'geojson';
import type { Box, Feature, HistoryEntry, Media, Problem, Text } from './types.ts';

export type Op = 'create' | 'update' | 'delete';

/** One line of a readable difference; the field "geometry" among them. */
export interface Difference {
  field: string;
  title: Text;
  from: Text | null;
  to: Text | null;
  /** How a shape changed, in a sentence. */
  how?: Text;
}

/** Who changed which attribute since a writer read the feature, "geometry" among them. */
export interface Merge {
  mine: string[];
  theirs: string[];
  both: string[];
  conflicts: string[];
  change: { type: 'Feature'; properties: Record<string, unknown>; geometry?: Geometry | null };
}

/** The answer to a writer who was slower. */
export interface Stale extends Problem {
  base?: Feature;
  mine: { properties?: Record<string, unknown>; geometry?: Geometry | null } | null;
  theirs?: Feature;
  revision: number;
  merge?: Merge;
}

/** One entry with the feature as it was and as it became. */
export interface EntryAt {
  entry: HistoryEntry;
  before: Feature | null;
  after: Feature | null;
}

export interface Author {
  who: string | null;
  role: string | null;
  role_title?: Text | null;
}

/** A feature that a revision touched. */
export interface Touched {
  collection: string;
  id: number;
  op: Op;
  name: string | null;
}

export interface Revision extends Author {
  revision: number;
  at: string;
  via: string | null;
  why: string | null;
  evidence?: Media[] | null;
  counts: { create: number; update: number; delete: number };
  collections: Record<string, number>;
  bbox: Box | null;
  features?: Touched[] | null;
  reverts?: number | null;
  reverted_by?: number | null;
}

/** An entry of a revision, with the feature that it is of. */
export interface Placed extends HistoryEntry {
  collection: string;
  id: number;
  ordinal: number;
  name: string | null;
}

/** A revision with its entries, a page at a time. */
export interface RevisionWhole extends Revision {
  entries: Placed[];
  more: boolean;
}

export interface RevisionPage {
  revisions: Revision[];
  more: boolean;
  head: number;
}

/** A feature that differs between two moments. */
export interface Change extends Author {
  collection: string;
  id: number;
  op: Op;
  name: string | null;
  revision: number;
  /** Null where no entry tells the reader anything: what could be seen once was taken back. */
  at: string | null;
  why: string | null;
  edits: number;
  changed?: Record<string, { from: unknown; to: unknown }> | null;
  difference?: Difference[] | null;
  geometry_changed?: boolean;
  before?: Feature | null;
  after?: Feature | null;
}

export interface ChangePage {
  changes: Change[];
  links?: { rel: string; href: string }[];
}

/** What stands in the way of undoing a feature's part of a revision: somebody changed the same again later. */
export interface UndoConflict {
  collection: string;
  id: number;
  name: string | null;
  code: string;
  attributes?: UndoAttribute[] | null;
  geometry?: boolean | null;
  detail?: Text | null;
}

export interface UndoAttribute {
  name: string;
  title?: Text;
  was: unknown;
  set: unknown;
  now: unknown;
}

export interface UndoAnswer {
  revision: number | null;
  reverted: number;
  unchanged: number;
  conflicts?: UndoConflict[] | null;
}

export interface Undo {
  reason: string;
  mode: 'all' | 'each';
  features?: { collection: string; id: number }[];
  dry_run?: boolean;
}
