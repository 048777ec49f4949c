/** The account log: who did what to which account. */
import { html, nothing, type TemplateResult } from 'lit';
import { kinds, kindTitle, sentence } from '../state/accounts.ts';
import type { Page } from '../state/hash.ts';
import type { LogEntry } from '../state/types-account.ts';
import { logOf, olderLog } from './accounts.ts';
import type { App } from './app.ts';
import { faultBelow, onSubmit, selectField, textField } from './fields.ts';
import { empty } from './parts.ts';

export function logView(app: App, page: Page): TemplateResult {
  const { log, sending } = app.model.pages;
  return html`<p class="lead">${app.say('logWhy')}</p>
    <form class="filters" role="search" @submit=${onSubmit((d) => logOf(app, String(d.get('account')), String(d.get('what'))))}>
      ${textField(app, { name: 'account', label: app.say('logOf'), help: app.say('logOfHelp'), value: page.of ?? '', required: false })}
      ${selectField(app, { name: 'what', label: app.say('logKind'), value: log.what, none: app.say('logAll'), choices: kinds.map((k) => [k, kindTitle(app.say, k)] as const) })}
      <button type="submit" class="quiet">${app.say('logFilter')}</button>
    </form>
    ${log.entries.length ? html`<ol class="plain lines log">${log.entries.map((e) => entryView(app, e))}</ol>` : empty(app.say('logNone'))}
    ${faultBelow(app)}
    ${
      log.more
        ? html`<button type="button" class="quiet" ?disabled=${sending} @click=${() => void olderLog(app)}>${app.say('logMore')}</button>`
        : log.entries.length
          ? html`<p class="faint">${app.say('logEnd')}</p>`
          : nothing
    }`;
}

const entryView = (app: App, e: LogEntry): TemplateResult =>
  html`<li data-what=${e.what}>
    <p>${sentence(app.say, e, app.model.pages.roles)}</p>
    <p class="row-under"><time datetime=${e.at}>${app.say.time(e.at)}</time>${e.address ? html` · ${app.say('logFrom', { address: e.address })}` : nothing}</p>
  </li>`;
