/** Why an undo cannot be sent yet. */
import type { UndoAnswer, UndoConflict } from '../state/types-history.ts';
import type { WordKey } from '../state/words.ts';

export interface Undoing {
  /** Set where one feature's part is undone: no further confirmation is asked. */
  only?: unknown;
  trial: 'trying' | 'ready' | 'failed';
  answer?: UndoAnswer;
  conflicts: readonly UndoConflict[];
  each: boolean;
  sure: boolean;
  reason: string;
}

/** How many features would be undone as things stand. */
export const undoable = ({ answer, conflicts, each }: Undoing): number =>
  conflicts.length && !each ? 0 : (answer?.reverted ?? 0);

export function whyNotUndo(of: Undoing): { why: WordKey; field: 'trial' | 'reason' | 'sure' }[] {
  if (of.trial !== 'ready') return [{ why: 'revertChecking', field: 'trial' }];
  if (undoable(of) === 0) return [{ why: 'revertNothing', field: 'trial' }];
  const reasons: ReturnType<typeof whyNotUndo> = [];
  if (of.reason.trim() === '') reasons.push({ why: 'whyReason', field: 'reason' });
  if (!of.only && !of.sure) reasons.push({ why: 'whySure', field: 'sure' });
  return reasons;
}
