/** Search as one types: by keyboard or by thumb; what was looked at lately when nothing is typed. */
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { Box, Hit } from '../state/types.ts';
import type { App } from './app.ts';
import { openFeature } from './features.ts';
import { icon } from './icons.ts';
import { empty, featureRow, layerSwatch, loading, trouble } from './parts.ts';

const recentKey = 'bando-recent';
const recentKept = 6;
/** Typing rests this long before the server is asked. */
const restMs = 140;

export function readRecent(): Hit[] {
  try {
    return (JSON.parse(localStorage.getItem(recentKey) ?? '[]') as Hit[]).slice(0, recentKept);
  } catch {
    return [];
  }
}

function keepRecent(app: App, recent: Hit[]): void {
  app.update({ recent });
  try {
    localStorage.setItem(recentKey, JSON.stringify(recent));
  } catch {
    // A full or forbidden storage only forgets what was looked at.
  }
}

const asking = new WeakMap<App, { timer?: ReturnType<typeof setTimeout>; stop?: AbortController }>();

function type(app: App, query: string): void {
  const last = asking.get(app);
  clearTimeout(last?.timer);
  last?.stop?.abort();
  app.update({ query, hitAt: 0, ...(query.trim() ? { hitLoad: 'loading' as const } : { hits: null }) });
  if (!query.trim()) return;
  const stop = new AbortController();
  asking.set(app, { stop, timer: setTimeout(() => void ask(app, query.trim(), stop.signal), restMs) });
}

async function ask(app: App, query: string, signal: AbortSignal): Promise<void> {
  try {
    const hits = await app.server.search(query.normalize('NFC'), signal);
    app.update({ hits, hitLoad: 'ready' });
  } catch (error) {
    if (signal.aborted) return;
    app.problem(error);
    app.update({ hitLoad: 'failed' });
  }
}

function choose(app: App, hit: Hit): void {
  const rest = app.model.recent.filter((h) => h.layer !== hit.layer || h.id !== hit.id);
  keepRecent(app, [hit, ...rest].slice(0, recentKept));
  app.update({ query: '', hits: null, trail: [], detail: null, ...(app.model.wide ? {} : { panel: null }) });
  const box: Box = hit.bbox ?? [...hit.center, ...hit.center];
  void openFeature(app, { layer: hit.layer, id: hit.id }, 'fly', box);
}

export function searchBox(app: App): TemplateResult {
  const { query, hits, hitAt } = app.model;
  const keys = (e: KeyboardEvent) => {
    const all = hits ?? [];
    if (e.key === 'Escape' && query) {
      e.stopPropagation();
      type(app, '');
    } else if (e.key === 'Enter' && all[hitAt]) choose(app, all[hitAt]);
    else if (e.key === 'ArrowDown') app.update({ hitAt: Math.min(hitAt + 1, Math.max(all.length - 1, 0)) });
    else if (e.key === 'ArrowUp') app.update({ hitAt: Math.max(hitAt - 1, 0) });
    else return;
    e.preventDefault();
  };
  const open = query.trim() !== '' && (hits?.length ?? 0) > 0;
  return html`<div class="find" role="search">
    ${icon('search')}
    <input
      id="search"
      type="text"
      inputmode="search"
      enterkeyhint="search"
      autocomplete="off"
      spellcheck="false"
      role="combobox"
      aria-expanded=${open}
      aria-controls="hits"
      aria-autocomplete="list"
      aria-activedescendant=${open ? `hit-${hitAt}` : nothing}
      aria-label=${app.say('searchPlace')}
      placeholder=${app.say('searchPlace')}
      .value=${live(query)}
      @input=${(e: Event) => type(app, (e.target as HTMLInputElement).value)}
      @keydown=${keys}
    />
    ${
      query
        ? html`<button type="button" class="round small" aria-label=${app.say('clear')} @click=${() => {
            type(app, '');
            document.getElementById('search')?.focus();
          }}>${icon('close')}</button>`
        : nothing
    }
  </div>`;
}

export function searchResults(app: App): TemplateResult {
  const { query, hits, hitLoad, hitAt, recent } = app.model;
  if (!query.trim()) return recentView(app, recent);
  if (hitLoad === 'failed') return trouble(app, undefined, () => type(app, query));
  if (!hits) return loading(app);
  if (hits.length === 0 && hitLoad === 'ready') return empty(app.say('noHits', { q: query.trim() }));
  return html`<p class="visually-hidden" role="status">${app.say('hits', { n: hits.length })}</p>
    <ul class="plain rows" id="hits" role="listbox" aria-label=${app.say('search')}>
      ${hits.map((hit, i) => hitRow(app, hit, i, i === hitAt))}
    </ul>`;
}

function hitRow(app: App, hit: Hit, index: number, active: boolean): TemplateResult {
  const layer = app.layer(hit.layer);
  return html`<li
    class="row ${active ? 'active' : ''}"
    id="hit-${index}"
    role="option"
    aria-selected=${active}
    @click=${() => choose(app, hit)}
  >
    ${layer ? layerSwatch(layer) : nothing}
    <span class="row-text"><span class="row-title">${hit.name || hit.code}</span><span class="row-under">${underOf(app, hit)}</span></span>
  </li>`;
}

const underOf = (app: App, hit: Hit) =>
  [...new Set([app.say.text(hit.layer_title), app.say.text(hit.detail)])].filter(Boolean).join(' · ');

function recentView(app: App, recent: Hit[]): TemplateResult {
  if (recent.length === 0) return html`<p class="faint lead">${app.say('searchHelp')}</p>`;
  return html`<div class="heading-row">
      <h3>${app.say('recent')}</h3>
      <button type="button" class="text" @click=${() => keepRecent(app, [])}>${app.say('clearRecent')}</button>
    </div>
    <ul class="plain rows">
      ${recent.map((hit) => {
        const layer = app.layer(hit.layer);
        return featureRow(
          () => choose(app, hit),
          layer ? layerSwatch(layer) : nothing,
          hit.name || String(hit.code),
          underOf(app, hit),
        );
      })}
    </ul>`;
}
