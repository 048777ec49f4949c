/** Two moments beside each other: fields to choose them, and what differs, the shapes on the map. */
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { whyNotCompare } from '../edit/moments.ts';
import { toField } from '../state/when.ts';
import type { App } from './app.ts';
import { entryOf, nameIn, openDifference } from './change.ts';
import { compare, patchCompare } from './compare.ts';
import type { CompareDetail } from './model-history.ts';
import { empty, featureRow, layerSwatch, loading, trouble } from './parts.ts';
import { opBadge } from './view-change.ts';
import { lineOf } from './view-history.ts';
import { momentField } from './view-past.ts';
import { legend } from './view-sides.ts';

export function compareView(app: App, detail: CompareDetail): TemplateResult {
  const asked = detail.folded && detail.load !== null && detail.load !== 'failed';
  return html`${asked ? askedView(app, detail) : formView(app, detail)} ${resultView(app, detail)}`;
}

/** What was asked in a line, so that a phone has room for what came of it. */
function askedView(app: App, { since, until, layer, inView }: CompareDetail): TemplateResult {
  const what = [
    layer ? app.say.text(app.layer(layer)?.title) : app.say('newsAllLayers'),
    inView ? app.say('newsInView') : '',
  ];
  return html`<div class="asked">
    <p>${app.say('compareAsked', { since: app.say.time(since), until: app.say.time(until) })}<br /><span class="faint">${what.filter(Boolean).join(' · ')}</span></p>
    <button type="button" class="quiet" @click=${() => patchCompare(app, { folded: false })}>${app.say('compareOther')}</button>
  </div>`;
}

function formView(app: App, detail: CompareDetail): TemplateResult {
  const whys = detail.tried ? whyNotCompare(detail.since, detail.until) : [];
  const why = (field: string) => whys.find((w) => w.field === field)?.why;
  const layers = (app.model.catalogue?.layers ?? []).map((l) => [l.id, app.say.text(l.title)] as const);
  const sorted = [...layers].sort((a, b) => a[1].localeCompare(b[1], 'vi'));
  return html`<form class="compare-form" novalidate @submit=${(e: Event) => {
    e.preventDefault();
    void compare(app);
  }}>
    <p class="faint">${app.say('compareLead')}</p>
    <div class="moments">
      ${momentField(app, { id: 'since', label: 'compareSince', value: detail.since, why: why('since'), set: (since) => patchCompare(app, { since }) })}
      ${momentField(app, { id: 'until', label: 'compareUntil', value: detail.until, why: why('until'), set: (until) => patchCompare(app, { until }) })}
    </div>
    <button type="button" class="text" @click=${() => patchCompare(app, { until: toField(new Date()) })}>${app.say('compareNow')}</button>
    <label class="field"><span class="label">${app.say('newsLayer')}</span>
      <select name="layer" @change=${(e: Event) => patchCompare(app, { layer: (e.target as HTMLSelectElement).value })}>
        <option value="" .selected=${detail.layer === ''}>${app.say('newsAllLayers')}</option>
        ${sorted.map(([id, title]) => html`<option value=${id} .selected=${detail.layer === id}>${title}</option>`)}
      </select>
    </label>
    ${app.map ? html`<label class="check"><input type="checkbox" name="in-view" .checked=${live(detail.inView)} @change=${(e: Event) => patchCompare(app, { inView: (e.target as HTMLInputElement).checked })} /><span>${app.say('newsInView')}</span></label>` : nothing}
    <button type="submit" class="primary wide" ?disabled=${detail.load === 'loading'}>${app.say('compareGo')}</button>
  </form>`;
}

function resultView(app: App, { load, changes, more, problem }: CompareDetail): TemplateResult | typeof nothing {
  if (load === null) return nothing;
  if (load === 'loading') return loading(app);
  if (load === 'failed') return trouble(app, problem, () => void compare(app));
  if (!changes.length) return empty(app.say('compareNone'));
  return html`<p class="lead" role="status"><strong>${app.say(more ? 'compareSome' : 'compareCount', { n: app.say.number(changes.length) })}</strong></p>
    ${app.map ? legend(app) : nothing}
    <ul class="plain rows differences">
      ${changes.map((change) => {
        const layer = app.layer(change.collection);
        const under = layer && change.op === 'update' ? lineOf(app, layer, entryOf(change)) : '';
        return featureRow(
          () => openDifference(app, change),
          layer ? layerSwatch(layer) : nothing,
          nameIn(app, change),
          under || app.say.text(layer?.title),
          opBadge(app, change.op),
        );
      })}
    </ul>`;
}
