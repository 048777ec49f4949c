/** Why the moments that were chosen cannot be asked for. Fields of date and time hold the device's own time. */
import { fromField } from '../state/when.ts';
import type { WordKey } from '../state/words.ts';

export interface Why {
  why: WordKey;
  field: 'since' | 'until' | 'at';
}

export function whyNotMoment(at: string, now: Date): Why[] {
  const iso = fromField(at);
  if (!iso) return [{ why: 'whyMoment', field: 'at' }];
  return Date.parse(iso) > now.getTime() ? [{ why: 'whyFuture', field: 'at' }] : [];
}

export function whyNotCompare(since: string, until: string): Why[] {
  const [from, to] = [fromField(since), fromField(until)];
  const whys: Why[] = [];
  if (!from) whys.push({ why: 'whyMoment', field: 'since' });
  if (!to) whys.push({ why: 'whyMoment', field: 'until' });
  if (from && to && from >= to) whys.push({ why: 'whyOrder', field: 'until' });
  return whys;
}
