/** When a write is sent again by itself, and under which key. With its key the server keeps it once, however often it comes. */
import type { Problem } from '../state/types.ts';

/** How often a write is sent in all before the person is asked. */
export const mostTries = 5;

const firstWaitMs = 1000;
const longestWaitMs = 8000;

/** Faults that say nothing against the request: the server was not reached, is busy, or is still at the first one. */
export const isPassing = ({ status, code }: Problem): boolean =>
  [0, 502, 503, 504].includes(status) || code === 'idempotency_key_in_use';

/** How long to wait after the try of that number (1, 2, …) failed so; null when it is not sent again by itself. */
export function waitAfter(tries: number, problem: Problem): number | null {
  if (!isPassing(problem) || tries >= mostTries) return null;
  const own = Math.min(firstWaitMs * 2 ** (tries - 1), longestWaitMs);
  return Math.min(Math.max(own, (problem.retryAfterS ?? 0) * 1000), longestWaitMs);
}

/** A key for a new change. crypto.randomUUID is not there on a page without TLS; this is. */
export const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** Waits, but no longer than until the network is back. */
export const untilOnline = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener('online', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    addEventListener('online', done);
  });
