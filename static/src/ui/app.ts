/** The page's heart: the model, the rooms it talks to, and drawing after each change. */
import { type Accounts, accounts } from '../api/accounts.ts';
import { Client, Refused } from '../api/client.ts';
import type { Events } from '../api/events.ts';
import { type Server, server } from '../api/server.ts';
import type { CommuneMap } from '../map/map.ts';
import { writeAddress } from '../state/hash.ts';
import { layerOf } from '../state/layers.ts';
import { type Say, speak } from '../state/say.ts';
import type { Layer, Problem } from '../state/types.ts';
import type { Detail, Model } from './model.ts';
import { shapesOf } from './model-history.ts';

const toastMs = 4000;
const addressRestMs = 300;

export class App {
  model: Model;
  map: CommuneMap | null = null;
  events: Events | null = null;
  say: Say;
  readonly client = new Client();
  readonly server: Server = server(this.client);
  readonly accounts: Accounts = accounts(this.client);
  readonly #draw: (app: App) => void;
  #drawing = false;
  #covered = false;
  #toast: ReturnType<typeof setTimeout> | undefined;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #chosen = '';
  #compared = false;

  constructor(model: Model, draw: (app: App) => void) {
    this.model = model;
    this.#draw = draw;
    this.client.lang = model.lang;
    this.say = speak(model.lang);
  }

  /** Changes the model; the page is drawn once for all changes of a moment. */
  update(patch: Partial<Model>): void {
    this.model = { ...this.model, ...patch };
    if (patch.lang) {
      this.client.lang = patch.lang;
      this.say = speak(patch.lang);
    }
    if ('detail' in patch) this.#compare();
    if ('detail' in patch || 'panel' in patch || 'dialog' in patch) this.#covered = true;
    if (this.#drawing) return;
    this.#drawing = true;
    queueMicrotask(() => {
      this.#drawing = false;
      this.#draw(this);
      if (this.#covered) this.map?.repaint();
      this.#covered = false;
      this.#addressSoon();
    });
  }

  /** What was and what is, on the map, as the open detail has it. */
  #compare(): void {
    const shapes = shapesOf(this.model.detail);
    if (shapes || this.#compared) this.map?.compare(shapes);
    this.#compared = shapes !== null;
  }

  layer(id: string): Layer | undefined {
    return layerOf(this.model.catalogue, id);
  }

  /** Shows a detail; back returns to what was there. */
  push(detail: Detail): void {
    const { detail: before, trail } = this.model;
    const keep = before && !passing.has(before.kind) ? [...trail, before].slice(-8) : trail;
    this.update({ detail, trail: keep });
  }

  back(): void {
    const trail = [...this.model.trail];
    this.show(trail.pop() ?? null, trail);
  }

  close(): void {
    this.show(null, []);
  }

  show(detail: Detail | null, trail: Detail[]): void {
    this.update({ detail, trail });
    if (detail?.kind !== 'form')
      this.map?.select(detail?.kind === 'feature' ? (detail.feature?.geometry ?? null) : null);
  }

  toast(text: string): void {
    clearTimeout(this.#toast);
    this.update({ toast: text });
    this.#toast = setTimeout(() => this.update({ toast: '' }), toastMs);
  }

  /** Puts a text on the clipboard; where that is forbidden the person sees it and may copy it by hand. */
  async copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.toast(this.say('copied'));
    } catch {
      this.toast(text);
    }
  }

  /** The problem of a failed request. Anything else is a fault of the page and goes on to the console. */
  problem(error: unknown): Problem {
    if (error instanceof Refused) return error.problem;
    throw error;
  }

  /** What a problem says to the reader, in their language. */
  explain(problem: Problem): string {
    if (problem.status === 0) return this.say('errNetwork');
    if (problem.detail) return problem.detail;
    if (problem.status === 403) return this.say('errDenied');
    return problem.title || this.say('errUnexpected');
  }

  /** What is chosen stands in the address at once; where the map is, when it has come to rest. */
  #addressSoon(): void {
    const { view, detail, lang, page, boot, past } = this.model;
    if (boot !== 'ready') return;
    const ref = detail?.kind === 'feature' ? detail.ref : detail?.kind === 'form' ? refOfForm(detail) : undefined;
    const chosen = {
      ...(ref ? { selected: ref } : {}),
      ...(page ? { page } : {}),
      ...(past ? { at: past } : {}),
      lang,
    };
    const hash = writeAddress({ ...(view ? { view } : {}), ...chosen });
    const write = () => {
      if (hash !== location.hash) history.replaceState(null, '', hash || location.pathname);
    };
    clearTimeout(this.#rest);
    const what = writeAddress(chosen);
    if (what !== this.#chosen) write();
    else this.#rest = setTimeout(write, addressRestMs); // browsers refuse an address that changes with every frame
    this.#chosen = what;
  }
}

/** Details that are done with when another opens: nobody goes back to a question. */
const passing = new Set<Detail['kind']>(['form', 'undo', 'past']);

const refOfForm = (detail: Detail & { kind: 'form' }) =>
  detail.draft.feature ? { layer: detail.draft.layer.id, id: detail.draft.feature.id } : undefined;
