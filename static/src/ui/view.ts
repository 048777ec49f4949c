/** The whole page: rail and panels, detail, tools over the map, dialog. */
import { html, nothing, render, type TemplateResult } from 'lit';
import { nameOf } from '../state/layers.ts';
import type { App } from './app.ts';
import { placeAt } from './forms.ts';
import { type IconName, icon } from './icons.ts';
import type { Detail, PanelName } from './model.ts';
import { closeButton, layerSwatch, loading, trouble } from './parts.ts';
import { askSignIn } from './people.ts';
import { openPanel, setLang, start, stopPlacing } from './start.ts';
import { cornerView, toolsView } from './view-chrome.ts';
import { featureView, hereView } from './view-feature.ts';
import { formTitle, formView } from './view-form.ts';
import { historyParts } from './view-history-parts.ts';
import { layersView } from './view-layers.ts';
import { listView } from './view-list.ts';
import { newsBadge, newsView } from './view-news.ts';
import { pageView } from './view-page.ts';
import { pastBanner } from './view-past.ts';
import { progressView } from './view-progress.ts';
import { searchBox, searchResults } from './view-search.ts';
import { peekView } from './view-settle.ts';
import { dialogView } from './view-sign-in.ts';
import { accountView, initials, workView } from './view-work.ts';

export function draw(app: App): void {
  const { detail, wide, panel, boot, page } = app.model;
  const root = document.getElementById('ui') as HTMLElement;
  const peeking = detail?.kind === 'form' && detail.peeking === true;
  const placing = detail?.kind === 'form' && (detail.placing || peeking);
  document.body.classList.toggle('placing', placing);
  document.body.classList.toggle('has-detail', detail !== null && !placing);
  document.body.classList.toggle('has-sheet', !wide && !placing && (detail !== null || panel !== null));
  // What a page covers is out of reach of the keyboard too.
  document.body.classList.toggle('has-page', page !== null);
  (document.getElementById('map') as HTMLElement).inert = page !== null;
  const below = page
    ? pageView(app, page)
    : html`${wide ? rail(app) : html`${brand(app)}${placing ? nothing : tabs(app)}`}
    ${boot === 'failed' ? html`<div class="boot">${trouble(app, app.model.bootProblem, () => void start(app))}</div>` : nothing}
    ${app.model.webgl ? nothing : noWebgl(app)}
    ${!wide && panel && !detail ? html`<section class="sheet" aria-labelledby="panel-title">${panelHead(app, panel)}<div class="scroll">${panelBody(app, panel)}</div></section>` : nothing}
    ${detail && !placing ? detailView(app, detail) : nothing}
    ${peeking ? peekView(app) : placing ? placingView(app) : nothing}
    ${pastBanner(app)}
    ${boot === 'ready' && app.model.webgl ? html`<section class="over-map" aria-label=${app.say('mapTools')}>${toolsView(app)}${cornerView(app)}</section>` : nothing}`;
  render(
    html`${below} ${app.model.dialog ? dialogView(app) : nothing}
    <div class="toast" role="status" aria-live="polite">${app.model.toast ? html`<p>${app.model.toast}</p>` : nothing}</div>`,
    root,
  );
  const dialog = root.querySelector('dialog');
  if (dialog && !dialog.open) dialog.showModal();
}

function brand(app: App): TemplateResult {
  const { session, lang, wide } = app.model;
  // What stands in brackets after the commune's name, such as that this is a demo, is said beside it.
  const [, name, aside] = /^(.*?)\s*(?:\((.*)\))?$/.exec(app.say.text(session?.title)) ?? [];
  return html`<header class="brand">
    <div class="weave" aria-hidden="true"></div>
    <div class="brand-row">
      <div class="brand-name">
        <p class="over">${[app.say('appName'), aside].filter(Boolean).join(' · ')}</p>
        <h1>${name || html`&nbsp;`}</h1>
      </div>
      ${wide ? nothing : status(app)}
      <button type="button" class="lang" lang=${lang === 'vi' ? 'en' : 'vi'} @click=${() => void setLang(app, lang === 'vi' ? 'en' : 'vi')}>
        ${lang === 'vi' ? 'EN' : 'VI'}<span class="visually-hidden">: ${app.say('switchLangLabel')}</span>
      </button>
    </div>
    ${session?.demo ? html`<p class="demo" title=${app.say.text(session.notice)}>${app.say('demo')}</p>` : nothing}
  </header>`;
}

const status = (app: App): TemplateResult =>
  html`<p class="live ${app.model.live}" role="status" title=${app.model.live === 'lost' ? app.say('lostHelp') : ''}>
    <i aria-hidden="true"></i>${app.say(app.model.live)}
  </p>`;

const tabIcons: Record<PanelName, IconName> = {
  layers: 'layers',
  search: 'search',
  progress: 'progress',
  news: 'news',
  work: 'work',
  account: 'account',
};

function tabs(app: App): TemplateResult {
  const { wide, session, panel, detail } = app.model;
  const names: PanelName[] = wide ? ['layers', 'progress', 'news'] : ['layers', 'search', 'progress', 'news'];
  if (session?.person) names.push('work');
  if (!wide) names.push('account');
  return html`<nav class="tabs" aria-label=${app.say('nav')}>
    ${names.map((name) => {
      const current = panel === name && (wide || !detail);
      return html`<button type="button" class="tab" data-panel=${name} aria-current=${current ? 'true' : 'false'} @click=${() => {
        openPanel(app, name);
        if (name === 'search') requestAnimationFrame(() => document.getElementById('search')?.focus());
      }}>
        <span class="tab-icon">${icon(tabIcons[name])}${name === 'news' ? newsBadge(app) : nothing}</span><span>${app.say(name)}</span>
      </button>`;
    })}
  </nav>`;
}

function rail(app: App): TemplateResult {
  const { query, panel } = app.model;
  const name = panel ?? 'layers';
  return html`<aside class="rail">
    ${brand(app)} ${searchBox(app)}
    ${query.trim() ? html`<div class="scroll results">${searchResults(app)}</div>` : html`${tabs(app)}<section class="scroll" aria-labelledby="panel-title"><h2 id="panel-title" class="visually-hidden">${panelTitle(app, name)}</h2>${panelBody(app, name)}</section>`}
    <footer class="rail-foot">${status(app)}${accountButton(app)}</footer>
  </aside>`;
}

function accountButton(app: App): TemplateResult {
  const person = app.model.session?.person;
  return html`<button type="button" class=${person ? 'who-am-i' : 'quiet'} data-panel="account" @click=${() => (person ? openPanel(app, 'account') : askSignIn(app))}>
    ${
      person
        ? html`<span class="initials" aria-hidden="true">${initials(person.title || person.name)}</span><span>${app.say.text(person.role_title)}</span>`
        : html`${icon('account')}${app.say('signIn')}`
    }
  </button>`;
}

const panelTitle = (app: App, name: PanelName): string =>
  app.say(
    (
      {
        layers: 'layersTitle',
        search: 'search',
        progress: 'progressTitle',
        news: 'newsTitle',
        work: 'workTitle',
        account: 'account',
      } as const
    )[name],
  );

const panelHead = (app: App, name: PanelName): TemplateResult => html`<header class="sheet-head">
  <h2 id="panel-title">${panelTitle(app, name)}</h2>
  ${closeButton(app, () => app.update({ panel: null }))}
</header>`;

function panelBody(app: App, name: PanelName): TemplateResult {
  if (!app.model.session && app.model.boot === 'loading') return loading(app);
  switch (name) {
    case 'layers':
      return layersView(app);
    case 'search':
      return html`${searchBox(app)}${searchResults(app)}`;
    case 'progress':
      return progressView(app);
    case 'news':
      return newsView(app);
    case 'work':
      return workView(app);
    case 'account':
      return accountView(app);
  }
}

function detailView(app: App, detail: Detail): TemplateResult {
  const { over, title, body } = detailParts(app, detail);
  const isForm = detail.kind === 'form' || detail.kind === 'undo' || detail.kind === 'past';
  const leave = isForm ? () => app.back() : () => app.close();
  return html`<section class="detail ${detail.kind}" aria-labelledby="detail-title" @keydown=${(e: KeyboardEvent) => e.key === 'Escape' && leave()}>
    <header class="sheet-head">
      ${app.model.trail.length && !isForm ? html`<button type="button" class="round" aria-label=${app.say('back')} @click=${() => app.back()}>${icon('back')}</button>` : nothing}
      <div class="sheet-title">
        ${over ? html`<p class="over">${over}</p>` : nothing}
        <h2 id="detail-title" tabindex="-1">${title}</h2>
      </div>
      ${closeButton(app, leave)}
    </header>
    <div class="scroll">${body}</div>
  </section>`;
}

function detailParts(app: App, detail: Detail): { over?: unknown; title: unknown; body: TemplateResult } {
  switch (detail.kind) {
    case 'here':
      return { title: app.say('here'), body: hereView(app, detail) };
    case 'list': {
      const layer = app.layer(detail.layer);
      return {
        over: app.say('listTitle'),
        title: detail.title ?? app.say.text(layer?.title),
        body: listView(app, detail),
      };
    }
    case 'form':
      return {
        over: app.say.text(detail.draft.layer.title),
        title: formTitle(app, detail),
        body: formView(app, detail),
      };
    case 'feature': {
      const layer = app.layer(detail.ref.layer);
      const over = layer ? html`${layerSwatch(layer)} ${app.say.text(layer.title)}` : nothing;
      return {
        over,
        title: nameOf(app.say, layer, detail.ref.id, detail.feature?.properties ?? {}),
        body: featureView(app, detail),
      };
    }
    default:
      return historyParts(app, detail);
  }
}

function placingView(app: App): TemplateResult {
  return html`<div class="crosshair" aria-hidden="true"></div>
    <section class="placing-bar" aria-label=${app.say('placeHere')}>
      <p>${app.say('placePoint')}</p>
      <p class="coordinates">${app.model.view ? app.say.place(app.model.view.center) : ''}</p>
      <div class="actions">
        <button type="button" class="quiet" @click=${() => stopPlacing(app)}>${app.say('cancel')}</button>
        <button type="button" class="primary" @click=${() => app.map && placeAt(app, app.map.view.center)}>${app.say('placeHere')}</button>
      </div>
    </section>`;
}

const noWebgl = (app: App): TemplateResult => html`<section class="no-webgl" role="alert">
  <h2>${app.say('noWebgl')}</h2>
  <p>${app.say('noWebglHelp')}</p>
</section>`;
