/** What has happened to a feature: who, when, why, on what evidence, and what changed, in words. */
import { html, nothing, type TemplateResult } from 'lit';
import { fieldOf } from '../state/layers.ts';
import type { HistoryEntry, Layer } from '../state/types.ts';
import type { WordKey } from '../state/words.ts';
import type { App } from './app.ts';
import { icon } from './icons.ts';
import type { FeatureDetail } from './model.ts';

const shortHistory = 4;

const ops: Record<string, WordKey> = { create: 'opCreate', update: 'opUpdate', delete: 'opDelete' };

const ways: Record<string, WordKey> = {
  web: 'viaWeb',
  http: 'viaWeb',
  review: 'viaWeb',
  import: 'viaImport',
  demo: 'viaDemo',
  sql: 'viaSql',
  psql: 'viaSql',
  token: 'viaToken',
  api: 'viaToken',
};

export function historyView(app: App, layer: Layer, detail: FeatureDetail, showAll: () => void): TemplateResult {
  const { history, wholeHistory } = detail;
  const shown = wholeHistory ? history : history.slice(0, shortHistory);
  return html`<section class="history">
    <h3>${app.say('history')}</h3>
    ${history.length === 0 ? html`<p class="faint">${app.say('historyEmpty')}</p>` : nothing}
    <ol class="plain">${shown.map((entry) => entryView(app, layer, entry))}</ol>
    ${
      history.length > shown.length
        ? html`<button type="button" class="text" @click=${showAll}>${app.say('historyMore', { n: history.length })}</button>`
        : nothing
    }
  </section>`;
}

function entryView(app: App, layer: Layer, entry: HistoryEntry): TemplateResult {
  const { say } = app;
  const way = ways[entry.via ?? ''];
  const lines = changesOf(app, layer, entry);
  return html`<li>
    <p class="who"><strong>${say.text(entry.role_title) || entry.who || say('someone')}</strong>${way ? html` <span class="faint">${say(way)}</span>` : nothing}</p>
    <p class="faint"><time datetime=${entry.at}>${say.time(entry.at)}</time> · ${say('revision', { n: entry.revision })}</p>
    ${entry.why ? html`<p class="why">${entry.why}</p>` : nothing}
    ${entry.op !== 'update' || lines.length === 0 ? html`<p>${say(ops[entry.op] ?? 'opUpdate')}</p>` : nothing}
    ${lines.length ? html`<ul class="plain changes">${lines}</ul>` : nothing}
    ${entry.evidence?.length ? evidenceView(entry) : nothing}
  </li>`;
}

/** Created things list no changes: everything about them was new. */
function changesOf(app: App, layer: Layer, entry: HistoryEntry): TemplateResult[] {
  if (entry.op === 'create') return [];
  const lines = Object.entries(entry.changed ?? {})
    .filter(([name]) => name !== 'revision')
    .map(([name, { from, to }]) => {
      const field = fieldOf(layer, name);
      if (!field) return undefined;
      const say = (value: unknown) =>
        field.refers
          ? (app.model.names[`${field.refers}/${value}`] ?? app.say.value(value))
          : app.say.value(value, field);
      return html`<li><span class="faint">${app.say.text(field.title)}:</span> ${app.say('fromTo', { from: say(from), to: say(to) })}</li>`;
    })
    .filter((line) => line !== undefined);
  return entry.geometry_changed ? [...lines, html`<li>${app.say('geometryChanged')}</li>`] : lines;
}

const evidenceView = (entry: HistoryEntry): TemplateResult => html`<ul class="plain evidence">
  ${entry.evidence?.map(
    (media) => html`<li>
      <a href=${media.url} target="_blank" rel="noopener">
        ${media.type.startsWith('image/') ? html`<img src=${media.url} alt=${media.name} loading="lazy" width="96" height="72" />` : html`${icon('file')}${media.name}`}
      </a>
    </li>`,
  )}
</ul>`;
