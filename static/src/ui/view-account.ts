/** One's own account: who I am and what I may, the password, the second factor, devices, links to other sign-ins. */
import { html, nothing, type TemplateResult } from 'lit';
import { rightsOf, roleMeaning } from '../state/accounts.ts';
import { deviceOf } from '../state/device.ts';
import { within } from '../state/say.ts';
import type { Identity, OpenSession, OwnAccount } from '../state/types-account.ts';
import type { WordKey } from '../state/words.ts';
import { changePassword, endSession, link, newCodes, turnOffFactor, turnOnFactor, unlink } from './account.ts';
import type { App } from './app.ts';
import { codeField, faultBelow, formButtons, newPasswordField, onSubmit, passwordField } from './fields.ts';
import { icon } from './icons.ts';
import { closeForm, openForm } from './pages.ts';
import { signOut } from './people.ts';
import { operatorTitle } from './view-person-form.ts';

export function myAccountView(app: App): TemplateResult {
  const { account, sessions, open } = app.model.pages;
  if (!account) return html``;
  return html`${open ? nothing : faultBelow(app)} ${aboutView(app, account)} ${securityView(app, account)} ${devicesView(app, sessions)} ${identitiesView(app)} ${dataView(app)}
    <section class="block"><button type="button" class="quiet" @click=${() => void signOut(app)}>${app.say('signOut')}</button></section>`;
}

const fact = (title: string, value: unknown): TemplateResult | typeof nothing =>
  value ? html`<div><dt>${title}</dt><dd>${value}</dd></div>` : nothing;

function aboutView(app: App, a: OwnAccount): TemplateResult {
  const { layers, moves } = rightsOf(app.say, app.model.catalogue);
  const meaning = roleMeaning[a.role];
  return html`<section class="block">
    <h2>${app.say('whoIAm')}</h2>
    <dl class="facts">
      ${fact(app.say('fullName'), a.title)} ${fact(app.say('userName'), a.name)}
      ${fact(app.say('role'), html`${app.say.text(a.role_title)}${meaning ? html`<br /><span class="faint">${app.say(meaning)}</span>` : nothing}`)}
      ${fact(app.say('organisation'), a.organisation_title || a.organisation)}
      ${fact(app.say('operator'), a.operator && operatorTitle(app, a.operator))}
      ${fact(app.say('hamlet'), a.hamlet_id && (app.model.names[`hamlets/${a.hamlet_id}`] ?? a.hamlet_id))}
      ${fact(app.say('mayWrite'), manyView(app, 'mayWriteCount', layers))} ${fact(app.say('mayMove'), manyView(app, 'mayMoveCount', moves))}
    </dl>
    ${layers.length || moves.length ? nothing : html`<p>${app.say('mayNothing')}</p>`}
    <p class="faint">${app.say('askAdmin')}</p>
  </section>`;
}

/** A few titles are read at once; many are counted, and read on demand. */
function manyView(app: App, count: WordKey, titles: string[]): TemplateResult | string {
  const list = titles.map((t, i) => (i ? within(t) : t)).join(', ');
  if (titles.length < 9) return list;
  return html`<details><summary>${app.say(count, { n: titles.length })}</summary><p>${list}</p></details>`;
}

/** A button that opens a form in its place. */
const opener = (app: App, form: string, label: string): TemplateResult =>
  html`<button type="button" class="quiet" data-opens=${form} @click=${() => openForm(app, form)}>${label}</button>`;

function securityView(app: App, a: OwnAccount): TemplateResult {
  const { open } = app.model.pages;
  const { enabled, required, recovery_codes_left: left } = a.second_factor;
  return html`<section class="block">
    <h2>${app.say('security')}</h2>
    ${open === 'password' ? passwordForm(app, a) : html`<div class="actions">${opener(app, 'password', app.say('changePassword'))}</div>`}
    <h3>${app.say('factor')}</h3>
    <p>${app.say(enabled ? 'factorOn' : 'factorOff')} ${required ? app.say('factorNeeded') : nothing}</p>
    ${
      enabled
        ? html`<p class=${left < 4 ? 'note' : 'faint'}>${app.say('codesLeft', { n: left })} ${left < 4 ? app.say('codesFew') : nothing}</p>`
        : html`<p class="faint">${app.say('factorOffWhy')}</p>`
    }
    ${factorForms(app, open)}
    ${
      open.startsWith('factor')
        ? nothing
        : html`<div class="actions">
            ${enabled ? html`${opener(app, 'factor-codes', app.say('newCodes'))}${opener(app, 'factor-off', app.say('turnOffFactor'))}` : opener(app, 'factor-on', app.say('turnOnFactor'))}
          </div>`
    }
  </section>`;
}

const passwordForm = (app: App, a: OwnAccount): TemplateResult =>
  html`<form class="stack panel" data-form="password" novalidate @submit=${onSubmit((d) => void changePassword(app, String(d.get('current')), String(d.get('new'))))}>
    <h3 tabindex="-1">${app.say('changePassword')}</h3>
    <p class="faint">${app.say('changePasswordWhy')}</p>
    <input class="visually-hidden" type="text" name="username" autocomplete="username" value=${a.name} readonly tabindex="-1" aria-hidden="true" />
    ${passwordField(app, 'current', app.say('currentPassword'))} ${newPasswordField(app, a.name)}
    ${faultBelow(app, 'current', 'password', 'new')} ${formButtons(app, app.say('changePassword'), () => closeForm(app))}
  </form>`;

function factorForms(app: App, open: string): TemplateResult | typeof nothing {
  const password = (d: FormData) => String(d.get('current'));
  const code = (d: FormData) => String(d.get('code'));
  const form = (title: string, why: string, fields: unknown, label: string, send: (d: FormData) => void) =>
    html`<form class="stack panel" data-form=${open} novalidate @submit=${onSubmit(send)}>
      <h4 tabindex="-1">${title}</h4>
      <p class="faint">${why}</p>
      ${fields} ${faultBelow(app, 'current', 'password', 'code')} ${formButtons(app, label, () => closeForm(app))}
    </form>`;
  const asked = passwordField(app, 'current', app.say('password'));
  switch (open) {
    case 'factor-on':
      return form(
        app.say('turnOnFactor'),
        app.say('factorPassword'),
        asked,
        app.say('factorStart'),
        (d) => void turnOnFactor(app, password(d)),
      );
    case 'factor-off':
      return form(
        app.say('turnOffFactor'),
        app.say('turnOffWhy'),
        html`${asked}${codeField(app)}`,
        app.say('turnOffFactor'),
        (d) => void turnOffFactor(app, password(d), code(d)),
      );
    case 'factor-codes':
      return form(
        app.say('newCodes'),
        app.say('newCodesWhy'),
        codeField(app),
        app.say('newCodes'),
        (d) => void newCodes(app, code(d)),
      );
    default:
      return nothing;
  }
}

/** A browser and its system, as people call them. */
export function sayDevice(app: App, agent: string | null): string {
  const { browser, system } = deviceOf(agent);
  if (!browser && !system) return app.say('deviceUnknown');
  return app.say('deviceOn', {
    browser: browser || app.say('browserUnknown'),
    system: system || app.say('systemUnknown'),
  });
}

function devicesView(app: App, sessions: OpenSession[]): TemplateResult {
  const others = sessions.some((s) => !s.current);
  return html`<section class="block" id="devices">
    <h2>${app.say('sessions')}</h2>
    <p class="faint">${others ? app.say('sessionsWhy') : app.say('onlyThis')}</p>
    <ul class="plain lines">
      ${sessions.map((s) => {
        const device = sayDevice(app, s.agent);
        return html`<li class="line">
          <div class="line-text">
            <p class="row-title">${device}${s.current ? html` <span class="tag">${app.say('thisDevice')}</span>` : nothing}</p>
            <p class="row-under">${app.say('lastSeen', { at: app.say.time(s.last_seen) })} · ${app.say('signedInAt', { at: app.say.time(s.created_at) })}</p>
          </div>
          ${s.current ? nothing : html`<button type="button" class="quiet" aria-label=${app.say('endSessionOf', { device })} @click=${() => void endSession(app, s.id)}>${app.say('endSession')}</button>`}
        </li>`;
      })}
    </ul>
    ${others ? html`<div class="actions"><button type="button" class="quiet" data-others @click=${() => void endSession(app)}>${app.say('endOthers')}</button></div>` : nothing}
  </section>`;
}

/** What is kept of the reader, as a file. */
const dataView = (app: App): TemplateResult =>
  html`<section class="block">
    <h2>${app.say('myData')}</h2>
    <p class="faint">${app.say('myDataWhy')}</p>
    <div class="actions"><a class="quiet" href="/api/account/data" download>${app.say('download')}</a></div>
  </section>`;

function identitiesView(app: App): TemplateResult | typeof nothing {
  const { provider, pages } = app.model;
  if (!provider?.enabled) return nothing;
  return html`<section class="block">
    <h2>${app.say('identities', { title: app.say.text(provider.title) })}</h2>
    ${pages.identities.length ? nothing : html`<p class="faint">${app.say('identitiesNone')}</p>`}
    <ul class="plain lines">${pages.identities.map((i) => identityView(app, i))}</ul>
    ${pages.identities.length ? nothing : html`<div class="actions"><button type="button" class="quiet" @click=${() => void link(app)}>${icon('link')}${app.say('link')}</button></div>`}
  </section>`;
}

const identityView = (app: App, i: Identity): TemplateResult =>
  html`<li class="line">
    <div class="line-text">
      <p class="row-title">${i.subject}</p>
      <p class="row-under">${app.say('identityLinked', { at: app.say.time(i.linked_at) })}${i.last_at ? html` · ${app.say('identityUsed', { at: app.say.time(i.last_at) })}` : nothing}</p>
    </div>
    <button type="button" class="quiet" @click=${() => void unlink(app, i.id)}>${app.say('unlink')}</button>
  </li>`;
