/** Everybody who has an account: finding them, and adding somebody. */
import { html, nothing, type TemplateResult } from 'lit';
import { filtered, lacksFactor, type PeopleFilter, stateOf } from '../state/accounts.ts';
import type { Account } from '../state/types-account.ts';
import { addPerson, wishOf } from './accounts.ts';
import type { App } from './app.ts';
import { faultBelow, formButtons, onSubmit, selectField, textField } from './fields.ts';
import { icon } from './icons.ts';
import { closeForm, openForm, openPage, patchPages } from './pages.ts';
import { empty } from './parts.ts';
import { personFieldNames, personFields } from './view-person-form.ts';

export function peopleView(app: App): TemplateResult {
  if (app.model.pages.open === 'add') return addView(app);
  return html`<div class="actions"><button type="button" class="primary" data-opens="add" @click=${() => openForm(app, 'add')}>${icon('plus')}${app.say('addPerson')}</button></div>
    ${filterView(app)} ${listView(app)}`;
}

const addView = (app: App): TemplateResult =>
  html`<form class="stack panel" data-form="add" novalidate @submit=${onSubmit((d) => void addPerson(app, String(d.get('name')), wishOf(app, d)))}>
    <h2 tabindex="-1">${app.say('addPerson')}</h2>
    <p class="faint">${app.say('addPersonWhy')}</p>
    ${textField(app, { name: 'name', label: app.say('signInName'), help: app.say('signInNameHelp') })}
    ${personFields(app)} ${faultBelow(app, 'name', ...personFieldNames)}
    ${formButtons(app, app.say('addAndInvite'), () => closeForm(app))}
  </form>`;

function filterView(app: App): TemplateResult {
  const { filter, roles, organisations } = app.model.pages;
  const set = (patch: Partial<PeopleFilter>) => patchPages(app, { filter: { ...app.model.pages.filter, ...patch } });
  return html`<div class="filters" role="search">
    <div class="find">${icon('search')}<input type="search" id="people-search" aria-label=${app.say('peopleSearch')} placeholder=${app.say('peopleSearch')} autocomplete="off" .value=${filter.query} @input=${(e: Event) => set({ query: (e.target as HTMLInputElement).value })} /></div>
    ${selectField(app, { name: 'filter-role', label: app.say('filterRole'), hidden: true, value: filter.role, none: app.say('allRoles'), choices: roles.map((r) => [r.role, app.say.text(r.title)] as const), onChange: (role) => set({ role }) })}
    ${selectField(app, { name: 'filter-organisation', label: app.say('filterOrganisation'), hidden: true, value: filter.organisation, none: app.say('allOrganisations'), choices: [...organisations.map((o) => [o.code, o.title] as const), ['-', app.say('noOrganisation')] as const], onChange: (organisation) => set({ organisation }) })}
    ${selectField(app, {
      name: 'filter-state',
      label: app.say('filterState'),
      hidden: true,
      value: filter.state,
      none: app.say('anyState'),
      choices: [
        ['active', app.say('stateActive')],
        ['waiting', app.say('stateWaiting')],
        ['nofactor', app.say('stateNoFactor')],
        ['disabled', app.say('stateDisabled')],
      ],
      onChange: (state) => set({ state: state as PeopleFilter['state'] }),
    })}
  </div>`;
}

function listView(app: App): TemplateResult {
  const { accounts, filter } = app.model.pages;
  const found = filtered(accounts, filter);
  const [n, all] = [app.say.number(found.length), app.say.number(accounts.length)];
  return html`<p class="faint" role="status">${found.length === accounts.length ? app.say('peopleCount', { n }) : app.say('peopleOf', { n, all })}</p>
    ${found.length ? html`<ul class="plain rows">${found.map((a) => rowView(app, a))}</ul>` : empty(app.say('peopleNone'))}`;
}

/** What stands out of an account, in words. */
export function tags(app: App, a: Account): TemplateResult {
  const state = stateOf(a);
  return html`${a.name === app.model.session?.person?.name ? html`<span class="tag">${app.say('badgeYou')}</span>` : nothing}
    ${state === 'forgotten' ? html`<span class="tag">${app.say('badgeForgotten')}</span>` : nothing}
    ${state === 'disabled' ? html`<span class="tag bad">${app.say('badgeDisabled')}</span>` : nothing}
    ${state === 'waiting' ? html`<span class="tag wait">${app.say('badgeWaiting')}</span>` : nothing}
    ${state !== 'disabled' && lacksFactor(a, app.model.pages.roles) ? html`<span class="tag wait">${app.say('badgeNoFactor')}</span>` : nothing}`;
}

const rowView = (app: App, a: Account): TemplateResult => {
  const organisation = app.model.pages.organisations.find((o) => o.code === a.organisation)?.title;
  return html`<li><button type="button" class="row" data-account=${a.name} @click=${() => openPage(app, { name: 'people', of: String(a.id) })}>
    <span class="row-text">
      <span class="row-title">${a.title ?? a.name}</span>
      <span class="row-under">${[a.title ? a.name : '', stateOf(a) === 'forgotten' ? '' : app.say.text(a.role_title), organisation].filter(Boolean).join(' · ')}</span>
    </span>
    <span class="tags">${tags(app, a)}</span>${icon('forward')}
  </button></li>`;
};
