/**
 * Two people changed the same feature. What each changed alone goes together; where both changed the same thing, a
 * person chooses. Plain values: every choice gives a new settlement, and what is sent follows from it.
 */
import type { Geometry } from 'geojson';
import type { HistoryEntry, Problem } from '../state/types.ts';
import type { Merge, Stale } from '../state/types-history.ts';

export type Side = 'mine' | 'theirs';

export interface Settlement {
  stale: Stale & { merge: Merge };
  choices: Readonly<Record<string, Side>>;
  /** Who was faster, the last first; empty where that is not told. */
  by: readonly HistoryEntry[];
}

export const geometryName = 'geometry';

/** The problem as one that can be settled: the server told how the changes go together. */
export function settle(problem: Problem, by: readonly HistoryEntry[]): Settlement | null {
  const stale = problem as Stale;
  if (problem.status !== 412 || !stale.merge || !stale.theirs) return null;
  return { stale: stale as Settlement['stale'], choices: {}, by };
}

/** The entries of others that came after the version that the writer saw. */
export const since = (history: readonly HistoryEntry[], revision: number): HistoryEntry[] =>
  history.filter((entry) => entry.revision > revision);

export const choose = (of: Settlement, name: string, side: Side): Settlement => ({
  ...of,
  choices: { ...of.choices, [name]: side },
});

/** The conflicts that nobody has chosen in yet. */
export const unsettled = ({ stale, choices }: Settlement): string[] =>
  stale.merge.conflicts.filter((name) => !choices[name]);

export interface Sides {
  before: unknown;
  mine: unknown;
  theirs: unknown;
}

export function sidesOf({ stale }: Settlement, name: string): Sides {
  const of = (feature: { properties?: Record<string, unknown>; geometry?: Geometry | null } | null | undefined) =>
    (name === geometryName ? feature?.geometry : feature?.properties?.[name]) ?? null;
  return { before: of(stale.base), mine: of(stale.mine), theirs: of(stale.theirs) };
}

export interface Patch {
  ifMatch: number;
  change: Omit<Merge['change'], 'type'>;
}

/** The patch that keeps both people's work, on the version of theirs; null when nothing of mine is left to keep. */
export function patchOf(of: Settlement): Patch | null {
  const { merge, revision } = of.stale;
  const properties = { ...merge.change.properties };
  let { geometry } = merge.change;
  for (const name of merge.conflicts)
    if (of.choices[name] === 'mine') {
      const { mine } = sidesOf(of, name);
      if (name === geometryName) geometry = mine as Geometry | null;
      else properties[name] = mine;
    }
  if (geometry === undefined && Object.keys(properties).length === 0) return null;
  return { ifMatch: revision, change: { properties, ...(geometry === undefined ? {} : { geometry }) } };
}

/** Whose changes end up together: the attributes of each side that are kept. */
export function keptOf({ stale: { merge }, choices }: Settlement): { mine: string[]; theirs: string[] } {
  const chosen = (side: Side) => merge.conflicts.filter((name) => choices[name] === side);
  return { mine: [...merge.mine, ...merge.both, ...chosen('mine')], theirs: [...merge.theirs, ...chosen('theirs')] };
}
