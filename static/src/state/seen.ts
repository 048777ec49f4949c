/** Up to which revision a person has looked, on this device; and what is new to them. */
export interface Store {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

const key = 'bando-seen';

/** The revision that was seen last; null on a device that has not looked yet, or keeps nothing. */
export function readSeen(store: () => Store): number | null {
  try {
    const seen = Number(store().getItem(key) ?? Number.NaN);
    return Number.isSafeInteger(seen) && seen >= 0 ? seen : null;
  } catch {
    return null;
  }
}

/** Keeps how far was looked, never further back; false where the device keeps nothing. */
export function keepSeen(store: () => Store, revision: number): boolean {
  try {
    const before = readSeen(store);
    if (before === null || revision > before) store().setItem(key, String(revision));
    return true;
  } catch {
    return false;
  }
}

/** Begins anew with a revision, further back or not. */
export function startOver(store: () => Store, revision: number): boolean {
  try {
    store().setItem(key, String(revision));
    return true;
  } catch {
    return false;
  }
}

/** A database that was set up anew counts from the start: what was seen of the old one says nothing. */
export const seenIn = (seen: number | null, head: number): number | null =>
  seen === null || seen > head ? null : seen;
