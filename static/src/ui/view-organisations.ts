/** The organisations that people work for. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Organisation, OrganisationKind } from '../state/types-account.ts';
import type { WordKey } from '../state/words.ts';
import { keepOrganisation } from './accounts.ts';
import type { App } from './app.ts';
import { faultBelow, formButtons, onSubmit, selectField, textField } from './fields.ts';
import { icon } from './icons.ts';
import { closeForm, openForm, patchPages } from './pages.ts';
import { empty } from './parts.ts';
import { operators, operatorTitle } from './view-person-form.ts';

const kindKeys: Record<OrganisationKind, WordKey> = {
  commune: 'kindCommune',
  operator: 'kindOperator',
  province: 'kindProvince',
  other: 'kindOther',
};

export function organisationsView(app: App): TemplateResult {
  const { organisations, open } = app.model.pages;
  return html`<p class="lead">${app.say('organisationsWhy')}</p>
    ${open === 'add' ? formView(app) : html`<div class="actions"><button type="button" class="primary" data-opens="add" @click=${() => openForm(app, 'add')}>${icon('plus')}${app.say('addOrganisation')}</button></div>`}
    ${organisations.length ? html`<ul class="plain lines">${organisations.map((o) => lineView(app, o))}</ul>` : empty(app.say('organisationsNone'))}`;
}

function lineView(app: App, o: Organisation): TemplateResult {
  const form = `change-${o.code}`;
  const n = app.model.pages.accounts.filter((a) => a.organisation === o.code).length;
  if (app.model.pages.open === form) return html`<li>${formView(app, o)}</li>`;
  const told = [
    o.code,
    app.say(kindKeys[o.kind]),
    o.operator ? operatorTitle(app, o.operator) : '',
    app.say('peopleIn', { n }),
  ];
  return html`<li class="line">
    <div class="line-text"><p class="row-title">${o.title}</p><p class="row-under">${told.filter(Boolean).join(' · ')}</p></div>
    <button type="button" class="quiet" data-opens=${form} aria-label="${app.say('changePerson')} ${o.title}" @click=${() => openForm(app, form)}>${app.say('changePerson')}</button>
  </li>`;
}

function formView(app: App, before?: Organisation): TemplateResult {
  const form = before ? `change-${before.code}` : 'add';
  const kind = before?.kind ?? (app.model.pages.role || 'commune');
  return html`<form class="stack panel" data-form=${form} novalidate @submit=${onSubmit((d) => void keepOrganisation(app, d, before))}>
    <h2 tabindex="-1">${before ? before.title : app.say('addOrganisation')}</h2>
    ${textField(app, { name: 'title', label: app.say('organisationTitle'), value: before?.title ?? '' })}
    ${
      before
        ? nothing
        : html`${textField(app, { name: 'code', label: app.say('organisationCode'), help: app.say('organisationCodeHelp') })}
          ${selectField(app, { name: 'kind', label: app.say('organisationKind'), value: kind, choices: Object.entries(kindKeys).map(([value, key]) => [value, app.say(key)] as const), onChange: (role) => patchPages(app, { role }) })}`
    }
    ${kind === 'operator' ? selectField(app, { name: 'operator', label: app.say('operator'), value: before?.operator ?? '', choices: operators(app) }) : nothing}
    ${faultBelow(app, 'title', 'code', 'operator')} ${formButtons(app, app.say('save'), () => closeForm(app))}
  </form>`;
}
