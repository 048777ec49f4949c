/** Follows the server's changes. The browser resumes by Last-Event-ID; where it gives up, we open again and catch up. */
import type { LiveChange } from '../state/types.ts';

export type LiveState = 'connecting' | 'live' | 'lost';

export interface Follower {
  onState(state: LiveState): void;
  onChanges(revision: number, changes: LiveChange[]): void;
  /** The server went on without us and could not say what changed: look at everything again. */
  onGap(revision: number): void;
}

const firstWaitMs = 1000;
const longestWaitMs = 30_000;

export class Events {
  #source: EventSource | null = null;
  #revision: number;
  #waitMs = firstWaitMs;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #follower: Follower;

  /** Starts to follow after the revision that the page has. */
  constructor(revision: number, follower: Follower) {
    this.#revision = revision;
    this.#follower = follower;
    this.#open();
  }

  /** Opens anew, as the person who is signed in now. */
  restart(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#follower.onState('connecting');
    this.#open();
  }

  #open(): void {
    const source = new EventSource('/events');
    this.#source = source;
    // A source opened anew sends no Last-Event-ID, so what happened meanwhile shows only as a gap.
    let first = true;
    source.addEventListener('hello', (e) => {
      const { revision } = JSON.parse((e as MessageEvent<string>).data) as { revision: number };
      this.#waitMs = firstWaitMs;
      this.#follower.onState('live');
      if (first && revision > this.#revision) {
        this.#revision = revision;
        this.#follower.onGap(revision);
      }
      first = false;
    });
    // The server no longer knows what this page has missed.
    source.addEventListener('reset', (e) => {
      const { revision } = JSON.parse((e as MessageEvent<string>).data) as { revision: number };
      this.#revision = revision;
      this.#follower.onGap(revision);
    });
    source.addEventListener('change', (e) => {
      const told = JSON.parse((e as MessageEvent<string>).data) as { revision: number; changes: LiveChange[] };
      if (told.revision <= this.#revision) return;
      this.#revision = told.revision;
      this.#follower.onChanges(told.revision, told.changes);
    });
    source.onerror = () => {
      this.#follower.onState('lost');
      if (source.readyState !== EventSource.CLOSED) return;
      this.#timer = setTimeout(() => this.#open(), this.#waitMs);
      this.#waitMs = Math.min(this.#waitMs * 2, longestWaitMs);
    };
  }
}
