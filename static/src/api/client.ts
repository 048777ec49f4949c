/** The only door to the server: requests, their faults, uploads. Paths are on the page's own host, always. */
import type { Lang, Problem } from '../state/types.ts';
import { untilOnline, waitAfter } from './again.ts';

/** An answer that is not a success, in words; status 0 when the server was not reached. */
export class Refused extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.problem = problem;
  }
}

/** How a write is sent so that it is kept once. */
export interface Once {
  /** The key of the intended change: a request with a key is sent again by itself when its answer was not heard. */
  key?: string;
  /** Told before each further try; tries counts from 2. */
  onAgain?: (tries: number) => void;
}

export interface Ask extends Once {
  method?: string;
  body?: unknown;
  form?: FormData;
  ifMatch?: number;
  signal?: AbortSignal;
}

/** A write whose answer does not come is given up, and sent again. */
const answerWithinMs = 60_000;

export class Client {
  lang: Lang = 'vi';
  #csrf = '';
  readonly #wait: (ms: number) => Promise<void>;

  constructor(wait = untilOnline) {
    this.#wait = wait;
  }

  /** The token that unsafe requests of a signed-in person carry. */
  set csrf(token: string) {
    this.#csrf = token;
  }

  async get<T>(path: string, signal?: AbortSignal): Promise<T> {
    return this.ask<T>(path, signal ? { signal } : {});
  }

  ask<T>(path: string, ask: Ask): Promise<T> {
    return this.#again(ask, () => this.#askOnce<T>(path, ask));
  }

  async #askOnce<T>(path: string, { method = 'GET', body, form, ifMatch, signal, key }: Ask): Promise<T> {
    const headers = this.#headers(method, { ifMatch, key });
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const within = signal ?? (key ? AbortSignal.timeout(answerWithinMs) : undefined);
    const init: RequestInit = { method, headers, credentials: 'same-origin', ...(within ? { signal: within } : {}) };
    if (form) init.body = form;
    else if (body !== undefined) init.body = JSON.stringify(body);
    let answer: Response;
    let text: string;
    try {
      answer = await fetch(path, init);
      text = await answer.text();
    } catch (cause) {
      if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
      throw new Refused(unreached);
    }
    if (!answer.ok) throw new Refused(readProblem(answer.status, text, answer.headers.get('Retry-After')));
    return (text ? JSON.parse(text) : null) as T;
  }

  /** Sends one form and reports how much of it has left, 0–100. */
  send<T>(path: string, form: FormData, onSent: (percent: number) => void, once: Once = {}): Promise<T> {
    return this.#again(once, () => this.#sendOnce<T>(path, form, onSent, once));
  }

  /** XMLHttpRequest: fetch does not tell how much has left. */
  #sendOnce<T>(path: string, form: FormData, onSent: (percent: number) => void, { key }: Once): Promise<T> {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open('POST', path);
      for (const [name, value] of Object.entries(this.#headers('POST', { key }))) request.setRequestHeader(name, value);
      request.upload.onprogress = (e) => e.lengthComputable && onSent(Math.round((100 * e.loaded) / e.total));
      request.onerror = () => reject(new Refused(unreached));
      request.onload = () => {
        const after = request.getResponseHeader('Retry-After');
        if (request.status < 200 || request.status > 299)
          reject(new Refused(readProblem(request.status, request.responseText, after)));
        else resolve(JSON.parse(request.responseText) as T);
      };
      request.send(form);
    });
  }

  /** Tries until it is answered. Without a key once only: nobody would know what a second time does. */
  async #again<T>({ key, onAgain }: Once, attempt: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await attempt();
      } catch (error) {
        const waitMs = key && error instanceof Refused ? waitAfter(tries, error.problem) : null;
        if (waitMs === null) throw error;
        onAgain?.(tries + 1);
        await this.#wait(waitMs);
      }
    }
  }

  #headers(
    method: string,
    { ifMatch, key }: { ifMatch?: number | undefined; key?: string | undefined },
  ): Record<string, string> {
    const headers: Record<string, string> = { 'Accept-Language': this.lang };
    if (method !== 'GET' && this.#csrf) headers['X-CSRF-Token'] = this.#csrf;
    if (ifMatch !== undefined) headers['If-Match'] = `"${ifMatch}"`;
    if (key) headers['Idempotency-Key'] = key;
    return headers;
  }
}

const unreached: Problem = { status: 0, code: 'unreached', title: '', detail: '' };

function readProblem(status: number, text: string, retryAfter: string | null): Problem {
  const seconds = Number(retryAfter ?? Number.NaN);
  const later = Number.isFinite(seconds) ? { retryAfterS: seconds } : {};
  try {
    const told = JSON.parse(text) as Partial<Problem>;
    const code = told.code ?? 'unexpected';
    return { ...told, ...later, status, code, title: told.title ?? '', detail: told.detail ?? '' };
  } catch {
    return { ...later, status, code: 'unexpected', title: '', detail: '' };
  }
}
