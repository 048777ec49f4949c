/** A page of people: over the map, with a head that leads back to it, the pages beside, and one of them. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Page } from '../state/hash.ts';
import type { App } from './app.ts';
import { type IconName, icon } from './icons.ts';
import { leavePage, mayRead, openPage, readPage, titleKeys } from './pages.ts';
import { loading, trouble } from './parts.ts';
import { askSignIn } from './people.ts';
import { setLang, start } from './start.ts';
import { myAccountView } from './view-account.ts';
import { logView } from './view-account-log.ts';
import { joinView } from './view-join.ts';
import { organisationsView } from './view-organisations.ts';
import { peopleView } from './view-people.ts';
import { personView } from './view-person.ts';
import { tokensView } from './view-tokens.ts';

const signs: Record<Page['name'], IconName> = {
  join: 'account',
  account: 'account',
  tokens: 'key',
  people: 'people',
  organisations: 'house',
  log: 'clock',
};

/** The pages that the reader may open, for wherever they are offered. */
export function pageLinks(app: App): TemplateResult {
  const { page } = app.model;
  const names = (['account', 'tokens', 'people', 'organisations', 'log'] as const).filter(
    (name) => mayRead(app, { name }) === 'yes',
  );
  return html`<ul class="plain page-links">
    ${names.map(
      (
        name,
      ) => html`<li><button type="button" data-page=${name} aria-current=${page?.name === name ? 'page' : 'false'} @click=${() => openPage(app, { name })}>
        ${icon(signs[name])}<span>${app.say(name === 'account' ? 'myAccount' : name)}</span>
      </button></li>`,
    )}
  </ul>`;
}

export function pageView(app: App, page: Page): TemplateResult {
  const { session, lang } = app.model;
  const other = lang === 'vi' ? 'en' : 'vi';
  return html`<div class="page">
    <header class="page-head">
      <div class="weave" aria-hidden="true"></div>
      <div class="page-bar">
        <button type="button" class="round" data-leave aria-label=${app.say('toMap')} title=${app.say('toMap')} @click=${() => leavePage(app)}>${icon('back')}</button>
        <p class="page-of"><span class="over">${app.say('appName')}</span><strong>${app.say.text(session?.title)}</strong></p>
        <button type="button" class="lang" lang=${other} @click=${() => void setLang(app, other)}>${other.toUpperCase()}<span class="visually-hidden">: ${app.say('switchLangLabel')}</span></button>
      </div>
    </header>
    <div class="page-body">
      ${session?.person && page.name !== 'join' ? html`<nav class="page-nav" aria-label=${app.say('pageNav')}>${pageLinks(app)}</nav>` : nothing}
      <main class="page-main ${page.name === 'join' ? 'join' : ''}">${page.name === 'people' && page.of ? personView(app, page.of, (body) => guarded(app, page, body)) : html`<h1 id="page-title" tabindex="-1">${app.say(titleKeys[page.name])}</h1>${guarded(app, page, () => body(app, page))}`}</main>
    </div>
  </div>`;
}

/** What stands in the way of a page's content is shown in its place. */
function guarded(app: App, page: Page, body: () => TemplateResult): TemplateResult {
  const { boot, bootProblem, pages } = app.model;
  if (boot === 'failed') return trouble(app, bootProblem, () => void start(app));
  if (boot === 'loading') return loading(app);
  switch (mayRead(app, page)) {
    case 'signIn':
      return html`<p class="lead">${app.say('needSignIn')}</p><button type="button" class="primary" @click=${() => askSignIn(app)}>${app.say('signIn')}</button>`;
    case 'no':
      return html`<p class="lead">${app.say('needRight')}</p>`;
    case 'yes':
      if (pages.load === 'failed' && page.name !== 'join')
        return trouble(app, pages.problem ?? undefined, () => void readPage(app));
      return pages.load === 'loading' && !pages.accounts.length ? loading(app) : body();
  }
}

function body(app: App, page: Page): TemplateResult {
  switch (page.name) {
    case 'join':
      return joinView(app);
    case 'account':
      return myAccountView(app);
    case 'tokens':
      return tokensView(app);
    case 'people':
      return peopleView(app);
    case 'organisations':
      return organisationsView(app);
    case 'log':
      return logView(app, page);
  }
}
