/** One person for the administrator: who they are, inviting, changing, locking, taking the account back. */
import { html, nothing, type TemplateResult } from 'lit';
import { roleMeaning, stateOf } from '../state/accounts.ts';
import type { Account } from '../state/types-account.ts';
import { changePerson, forget, invite, reset, setDisabled, wishOf } from './accounts.ts';
import type { App } from './app.ts';
import { copy } from './copy.ts';
import { faultBelow, formButtons, onSubmit, textField } from './fields.ts';
import { icon } from './icons.ts';
import { closeForm, openForm, openPage, patchPages } from './pages.ts';
import { tags } from './view-people.ts';
import { operatorTitle, personFieldNames, personFields } from './view-person-form.ts';

export function personView(
  app: App,
  id: string,
  guarded: (body: () => TemplateResult) => TemplateResult,
): TemplateResult {
  const a = app.model.pages.accounts.find((one) => String(one.id) === id);
  return html`<p class="trail"><button type="button" class="text" @click=${() => openPage(app, { name: 'people' })}>${icon('back')}${app.say('people')}</button></p>
    <h1 id="page-title" tabindex="-1">${a ? (a.title ?? a.name) : app.say('people')}</h1>
    ${guarded(() => (a ? body(app, a) : html`<p class="lead">${app.say('noSuchPerson')}</p>`))}`;
}

function body(app: App, a: Account): TemplateResult {
  if (stateOf(a) === 'forgotten') return forgottenView(app, a);
  const { open, invitation } = app.model.pages;
  return html`<div class="tags">${tags(app, a)}</div>
    ${invitation ? invitationView(app, invitation) : nothing}
    ${open === 'change' ? changeView(app, a) : factsView(app, a)} ${actsView(app, a)}`;
}

const forgottenView = (app: App, a: Account): TemplateResult =>
  html`<div class="tags">${tags(app, a)}</div>
    <p class="lead">${app.say('forgottenHelp')}</p>
    <button type="button" class="quiet" @click=${() => openPage(app, { name: 'log', of: a.name })}>${icon('clock')}${app.say('theirLog')}</button>`;

function factsView(app: App, a: Account): TemplateResult {
  const { organisations } = app.model.pages;
  const fact = (title: string, value: unknown) =>
    value ? html`<div><dt>${title}</dt><dd>${value}</dd></div>` : nothing;
  const meaning = roleMeaning[a.role];
  const state = stateOf(a);
  return html`<section class="block">
    <dl class="facts">
      ${fact(app.say('userName'), a.name)}
      ${fact(app.say('role'), html`${app.say.text(a.role_title)}${meaning ? html`<br /><span class="faint">${app.say(meaning)}</span>` : nothing}`)}
      ${fact(app.say('organisation'), organisations.find((o) => o.code === a.organisation)?.title)}
      ${fact(app.say('operator'), a.operator && operatorTitle(app, a.operator))}
      ${fact(app.say('hamlet'), a.hamlet_id && (app.model.names[`hamlets/${a.hamlet_id}`] ?? a.hamlet_id))}
      ${fact(app.say('personState'), state === 'disabled' ? app.say('personDisabledAt', { at: app.say.time(a.disabled_at ?? '') }) : app.say(state === 'waiting' ? 'personWaiting' : 'personActive'))}
      ${fact(app.say('factor'), app.say(a.second_factor ? 'factorYes' : 'factorNo'))}
      ${fact(app.say('personSince'), app.say.time(a.created_at))}
    </dl>
    <div class="actions">
      <button type="button" class="quiet" data-opens="change" @click=${() => openForm(app, 'change', { role: a.role })}>${icon('edit')}${app.say('changePerson')}</button>
      <button type="button" class="quiet" @click=${() => openPage(app, { name: 'log', of: a.name })}>${icon('clock')}${app.say('theirLog')}</button>
    </div>
  </section>`;
}

const changeView = (app: App, a: Account): TemplateResult =>
  html`<form class="stack panel" data-form="change" novalidate @submit=${onSubmit((d) => void changePerson(app, a.id, wishOf(app, d)))}>
    <h2 tabindex="-1">${app.say('changePerson')}</h2>
    <p class="faint">${app.say('roleAtOnce')}</p>
    ${personFields(app, a)} ${faultBelow(app, ...personFieldNames)} ${formButtons(app, app.say('save'), () => closeForm(app))}
  </form>`;

/** What can be done to the account, each with what it means before it is done. */
function actsView(app: App, a: Account): TemplateResult {
  const to = a.title ?? a.name;
  const own = a.name === app.model.session?.person?.name;
  return html`${
    a.disabled
      ? nothing
      : act(
          app,
          'invite',
          app.say(a.has_password ? 'inviteNew' : 'inviteAgain'),
          app.say('inviteWhy'),
          'primary',
          () => void invite(app, a.id, to),
        )
  }
  ${
    a.disabled
      ? act(app, 'enable', app.say('enable'), '', 'primary', () => void setDisabled(app, a.id, to, false))
      : act(
          app,
          'disable',
          app.say('disable'),
          app.say('disableWhy'),
          'danger',
          () => void setDisabled(app, a.id, to, true),
        )
  }
  ${own ? html`<p class="faint">${app.say('ownReset')}</p>` : act(app, 'reset', app.say('reset'), app.say('resetWhy'), 'danger', () => void reset(app, a.id, to), app.say('resetEnds'))}
  ${own ? nothing : forgetView(app, a)}`;
}

function forgetView(app: App, a: Account): TemplateResult {
  if (app.model.pages.open !== 'forget')
    return act(app, 'forget', app.say('forget'), app.say('forgetWhy'), 'danger', () => undefined);
  return html`<form class="stack panel" data-form="forget" novalidate @submit=${onSubmit((d) => void forget(app, a, String(d.get('typed')), String(d.get('reason'))))}>
    <h2 tabindex="-1">${app.say('forget')}?</h2>
    <p class="note">${app.say('forgetEnds')}</p>
    ${textField(app, { name: 'reason', label: app.say('forgetReason'), help: app.say('forgetReasonHelp') })}
    ${textField(app, { name: 'typed', label: app.say('forgetType', { name: a.name }) })}
    ${faultBelow(app, 'reason', 'typed')} ${formButtons(app, app.say('forget'), () => closeForm(app), 'danger')}
  </form>`;
}

/** Something with consequences is asked once more, with what they are. */
function act(
  app: App,
  form: string,
  title: string,
  why: string,
  kind: string,
  done: () => void,
  ends = '',
): TemplateResult {
  if (app.model.pages.open !== form)
    return html`<section class="act">
      ${why ? html`<p class="faint">${why}</p>` : nothing}
      <button type="button" class="quiet" data-opens=${form} @click=${() => openForm(app, form)}>${title}</button>
    </section>`;
  return html`<form class="stack panel" data-form=${form} @submit=${onSubmit(done)}>
    <h2 tabindex="-1">${title}?</h2>
    ${why ? html`<p>${why}</p>` : nothing}
    ${ends ? html`<p class="note">${ends}</p>` : nothing}
    ${faultBelow(app)} ${formButtons(app, title, () => closeForm(app), kind)}
  </form>`;
}

function invitationView(app: App, i: NonNullable<App['model']['pages']['invitation']>): TemplateResult {
  return html`<section class="panel made" aria-labelledby="invitation">
    <h2 id="invitation" tabindex="-1">${app.say('inviteTitle', { name: i.to })}</h2>
    <p class="note">${app.say('inviteOnce', { at: app.say.time(i.expires_at) })}</p>
    <p class="secret"><code data-link>${i.link}</code></p>
    <div class="actions">
      <button type="button" class="primary" @click=${() => void copy(app, i.link)}>${icon('copy')}${app.say('copyInvite')}</button>
      <button type="button" class="quiet" @click=${() => {
        patchPages(app, { invitation: null });
        requestAnimationFrame(() => document.getElementById('page-title')?.focus());
      }}>${app.say('inviteDone')}</button>
    </div>
    <p class="faint">${app.say('inviteQrHelp')}</p>
    <img class="qr" src=${i.qr} alt=${app.say('inviteQr')} width="220" height="220" />
  </section>`;
}
