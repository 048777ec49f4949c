/** What is new: by day, the unseen marked, filtered by layer, person and the map's frame. */
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { Revision } from '../state/types-history.ts';
import { byDay } from '../state/when.ts';
import type { App } from './app.ts';
import { count, nameIn, openRevision } from './change.ts';
import { openCompare } from './compare.ts';
import { icon } from './icons.ts';
import { filterNews, mostCounted, readNews } from './news.ts';
import { empty, loading, trouble } from './parts.ts';
import { countsOf, standing } from './view-change.ts';

/** The number of unseen changes at the tab; said in full to a screen reader. */
export function newsBadge(app: App): TemplateResult | typeof nothing {
  const { unseen } = app.model.news;
  if (!unseen) return nothing;
  const n = unseen > mostCounted ? `${mostCounted}+` : String(unseen);
  return html`<span class="news-badge"><span aria-hidden="true">${n}</span><span class="visually-hidden">${app.say('newsCount', { n })}</span></span>`;
}

export function newsView(app: App): TemplateResult {
  const { news } = app.model;
  const { layer, who, inView } = news.filter;
  const filtered = layer !== '' || who !== '' || inView;
  return html`<div class="news">
    <div class="actions news-actions">
      <button type="button" class="quiet" @click=${() => openCompare(app)}>${icon('compare')}${app.say('compareOpen')}</button>
    </div>
    ${filters(app)}
    <div role="status">
      ${
        news.arrived
          ? html`<button type="button" class="primary wide arrived" @click=${() => void readNews(app)}>${icon('news')}${app.say('newsArrived', { n: news.arrived > mostCounted ? `${mostCounted}+` : news.arrived })}</button>`
          : nothing
      }
    </div>
    ${news.keeps ? nothing : html`<p class="faint">${app.say('newsStays')}</p>`}
    ${news.load === 'failed' ? trouble(app, undefined, () => void readNews(app)) : nothing}
    ${news.load === 'loading' ? loading(app) : nothing}
    ${news.load === 'ready' && !news.revisions.length ? empty(app.say(filtered ? 'newsNoneFiltered' : 'newsNone')) : nothing}
    ${byDay(news.revisions).map(
      ({ day, rows }) => html`<section class="day" data-day=${day}>
        <h3>${app.say.day(rows[0]?.at ?? day)}</h3>
        <ul class="plain rows">${rows.map((r) => revisionRow(app, r))}</ul>
      </section>`,
    )}
    ${news.more && news.load === 'ready' ? html`<button type="button" class="quiet wide" @click=${() => void readNews(app, true)}>${app.say('newsMore')}</button>` : nothing}
  </div>`;
}

function filters(app: App): TemplateResult {
  const { filter, people } = app.model.news;
  const layers = (app.model.catalogue?.layers ?? []).map((l) => [l.id, app.say.text(l.title)] as const);
  const sorted = [...layers].sort((a, b) => a[1].localeCompare(b[1], 'vi'));
  const chosen = [
    filter.layer && app.say.text(app.layer(filter.layer)?.title),
    filter.who,
    filter.inView && app.say('newsInView'),
  ];
  const known = people.includes(filter.who) || !filter.who ? people : [...people, filter.who];
  return html`<details class="filters">
    <summary>${icon('filter')}<span>${app.say('newsFilter', { what: chosen.filter(Boolean).join(' · ') || app.say('newsAllLayers').toLocaleLowerCase('vi') })}</span></summary>
    <div class="filter-fields">
      <label class="field"><span class="label">${app.say('newsLayer')}</span>
        <select name="layer" @change=${(e: Event) => filterNews(app, { layer: (e.target as HTMLSelectElement).value })}>
          <option value="" .selected=${filter.layer === ''}>${app.say('newsAllLayers')}</option>
          ${sorted.map(([id, title]) => html`<option value=${id} .selected=${filter.layer === id}>${title}</option>`)}
        </select>
      </label>
      ${
        known.length
          ? html`<label class="field"><span class="label">${app.say('newsWho')}</span>
              <select name="who" @change=${(e: Event) => filterNews(app, { who: (e.target as HTMLSelectElement).value })}>
                <option value="" .selected=${filter.who === ''}>${app.say('newsAnyone')}</option>
                ${known.map((name) => html`<option value=${name} .selected=${filter.who === name}>${name}</option>`)}
              </select>
            </label>`
          : nothing
      }
      ${app.map ? html`<label class="check"><input type="checkbox" name="in-view" .checked=${live(filter.inView)} @change=${(e: Event) => filterNews(app, { inView: (e.target as HTMLInputElement).checked })} /><span>${app.say('newsInView')}</span></label>` : nothing}
    </div>
  </details>`;
}

function revisionRow(app: App, revision: Revision): TemplateResult {
  const { say } = app;
  const fresh = app.model.news.seen !== null && revision.revision > app.model.news.seen;
  const author = say.text(revision.role_title) || revision.who || say('someone');
  return html`<li>
    <button type="button" class="row revision ${fresh ? 'fresh' : ''}" data-revision=${revision.revision} @click=${() => void openRevision(app, revision)}>
      <span class="row-text">
        <span class="row-title">${fresh ? html`<span class="new">${say('newsNew')}</span>` : nothing}${titleOf(app, revision)}</span>
        ${revision.why ? html`<span class="row-why">${revision.why}</span>` : nothing}
        <span class="row-under">${author}${revision.who && revision.role_title ? ` (${revision.who})` : ''} · <time datetime=${revision.at} title=${say.time(revision.at)}>${say.ago(revision.at)}</time></span>
        ${standing(app, revision)}
      </span>
      ${icon('forward')}
    </button>
  </li>`;
}

/** One thing by its name, many by their numbers and layers. */
function titleOf(app: App, revision: Revision): string {
  const [first] = revision.features ?? [];
  const layers = Object.keys(revision.collections).map((id) => app.say.text(app.layer(id)?.title) || id);
  if (first && count(revision) === 1) return `${nameIn(app, first)}: ${countsOf(app, revision).replace(/^\S+\s/, '')}`;
  const named = layers.length > 2 ? [...layers.slice(0, 2), '…'] : layers;
  return `${named.join(', ')}: ${countsOf(app, revision)}`;
}
