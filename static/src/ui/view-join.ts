/** Following an invitation: who is invited as what, and choosing a password. */
import { html, nothing, type TemplateResult } from 'lit';
import { roleMeaning } from '../state/accounts.ts';
import { within } from '../state/say.ts';
import { join } from './account.ts';
import type { App } from './app.ts';
import { codeField, faultBelow, newPasswordField, onSubmit } from './fields.ts';
import { leavePage, readPage } from './pages.ts';
import { mapName, trouble } from './parts.ts';
import { askSignIn } from './people.ts';

export function joinView(app: App): TemplateResult {
  const { session, pages } = app.model;
  const { invited, problem } = pages;
  if (problem && problem.code !== 'invitation') return trouble(app, problem, () => void readPage(app));
  if (problem || !invited || pages.fault?.code === 'invitation') return overView(app);
  const meaning = roleMeaning[invited.role];
  const { person } = session ?? {};
  return html`<p class="lead">${app.say('joinHello', { name: invited.title ?? invited.name })}</p>
    <p>${app.say('joinTo', { map: within(mapName(app)) })}</p>
    <dl class="facts">
      <div><dt>${app.say('userName')}</dt><dd>${invited.name}</dd></div>
      <div><dt>${app.say('joinRole')}</dt><dd>${app.say.text(invited.role_title)}${meaning ? html`<br /><span class="faint">${app.say(meaning)}</span>` : nothing}</dd></div>
    </dl>
    ${person && person.name !== invited.name ? html`<p class="note">${app.say('joinAs', { name: person.title })}</p>` : nothing}
    <form class="stack" novalidate @submit=${onSubmit((data) => void join(app, String(data.get('new')), String(data.get('code') ?? '')))}>
      <input class="visually-hidden" type="text" name="username" autocomplete="username" value=${invited.name} readonly tabindex="-1" aria-hidden="true" />
      ${newPasswordField(app, invited.name)} ${invited.second_factor ? codeField(app) : nothing}
      ${faultBelow(app, 'password', 'new', ...(invited.second_factor ? ['code', 'second_code'] : []))}
      <button type="submit" class="primary wide" ?disabled=${pages.sending}>${app.say('joinSubmit')}</button>
    </form>`;
}

const overView = (app: App): TemplateResult =>
  html`<p class="lead"><strong>${app.say('joinOver')}</strong></p>
    <p class="lead">${app.say('joinOverHelp')}</p>
    ${app.model.pages.problem ? html`<p class="faint">${app.explain(app.model.pages.problem)}</p>` : nothing}
    <div class="actions">
      <button type="button" class="primary" @click=${() => {
        leavePage(app);
        if (!app.model.session?.person) askSignIn(app);
      }}>${app.say('signIn')}</button>
      <button type="button" class="quiet" @click=${() => leavePage(app)}>${app.say('toMap')}</button>
    </div>`;
