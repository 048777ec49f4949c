/** The only door to the server: requests, their faults, uploads. Paths are on the page's own host, always. */
import type { Lang, Problem } from '../state/types.ts';

/** An answer that is not a success, in words; status 0 when the server was not reached. */
export class Refused extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.problem = problem;
  }
}

export interface Ask {
  method?: string;
  body?: unknown;
  form?: FormData;
  ifMatch?: number;
  signal?: AbortSignal;
}

export class Client {
  lang: Lang = 'vi';
  #csrf = '';

  /** The token that unsafe requests of a signed-in person carry. */
  set csrf(token: string) {
    this.#csrf = token;
  }

  async get<T>(path: string, signal?: AbortSignal): Promise<T> {
    return this.ask<T>(path, signal ? { signal } : {});
  }

  async ask<T>(path: string, { method = 'GET', body, form, ifMatch, signal }: Ask): Promise<T> {
    const headers = this.#headers(method, ifMatch);
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const init: RequestInit = { method, headers, credentials: 'same-origin', ...(signal ? { signal } : {}) };
    if (form) init.body = form;
    else if (body !== undefined) init.body = JSON.stringify(body);
    let answer: Response;
    try {
      answer = await fetch(path, init);
    } catch (cause) {
      if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
      throw new Refused(unreached);
    }
    const text = await answer.text();
    if (!answer.ok) throw new Refused(readProblem(answer.status, text));
    return (text ? JSON.parse(text) : null) as T;
  }

  /** Sends one form and reports how much of it has left, 0–100. XMLHttpRequest: fetch does not tell. */
  send<T>(path: string, form: FormData, onSent: (percent: number) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open('POST', path);
      for (const [name, value] of Object.entries(this.#headers('POST'))) request.setRequestHeader(name, value);
      request.upload.onprogress = (e) => e.lengthComputable && onSent(Math.round((100 * e.loaded) / e.total));
      request.onerror = () => reject(new Refused(unreached));
      request.onload = () => {
        if (request.status < 200 || request.status > 299)
          reject(new Refused(readProblem(request.status, request.responseText)));
        else resolve(JSON.parse(request.responseText) as T);
      };
      request.send(form);
    });
  }

  #headers(method: string, ifMatch?: number): Record<string, string> {
    const headers: Record<string, string> = { 'Accept-Language': this.lang };
    if (method !== 'GET' && this.#csrf) headers['X-CSRF-Token'] = this.#csrf;
    if (ifMatch !== undefined) headers['If-Match'] = `"${ifMatch}"`;
    return headers;
  }
}

const unreached: Problem = { status: 0, code: 'unreached', title: '', detail: '' };

function readProblem(status: number, text: string): Problem {
  try {
    const told = JSON.parse(text) as Partial<Problem>;
    return { ...told, status, code: told.code ?? 'unexpected', title: told.title ?? '', detail: told.detail ?? '' };
  } catch {
    return { status, code: 'unexpected', title: '', detail: '' };
  }
}
