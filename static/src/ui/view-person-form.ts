/** What is asked of a person, whether they are added or changed: the role decides what else it needs. */
import { html, nothing, type TemplateResult } from 'lit';
import { roleMeaning } from '../state/accounts.ts';
import { fieldOf } from '../state/layers.ts';
import type { Account } from '../state/types-account.ts';
import { roleOf } from './accounts.ts';
import type { App } from './app.ts';
import { selectField, textField } from './fields.ts';
import { patchPages } from './pages.ts';

export const personFieldNames = ['title', 'role', 'operator', 'hamlet_id', 'organisation'];

/** The operators that the layers know. */
export function operators(app: App): [string, string][] {
  const codes = app.model.catalogue?.layers.map((l) => fieldOf(l, 'operator')?.enum).find((e) => e?.length) ?? [];
  return codes.map((c) => [c.value, app.say.text(c.title)]);
}

export const operatorTitle = (app: App, code: string): string =>
  operators(app).find(([value]) => value === code)?.[1] ?? code;

export const hamlets = (app: App): [string, string][] =>
  Object.entries(app.model.names)
    .filter(([key]) => key.startsWith('hamlets/'))
    .map(([key, name]): [string, string] => [key.slice('hamlets/'.length), name])
    .sort((a, b) => a[1].localeCompare(b[1], 'vi'));

export function personFields(app: App, before?: Account): TemplateResult {
  const { roles, organisations, role: chosen } = app.model.pages;
  const id = chosen || before?.role || '';
  const role = roleOf(app, id);
  const meaning = roleMeaning[id];
  return html`${textField(app, { name: 'title', label: app.say('fullName'), help: app.say('personTitleHelp'), value: before?.title ?? '' })}
    ${selectField(app, { name: 'role', label: app.say('role'), value: id, choices: roles.map((r) => [r.role, app.say.text(r.title)] as const), onChange: (value) => patchPages(app, { role: value }) })}
    <div class="meaning" role="status">${meaning ? html`<p>${app.say(meaning)} ${role?.second_factor ? app.say('roleNeedsFactor') : nothing}</p>` : nothing}</div>
    ${role?.needs_operator ? selectField(app, { name: 'operator', label: app.say('operator'), help: app.say('operatorHelp'), value: before?.operator ?? '', choices: operators(app) }) : nothing}
    ${role?.has_hamlet ? selectField(app, { name: 'hamlet_id', label: app.say('hamlet'), help: app.say('hamletHelp'), value: String(before?.hamlet_id ?? ''), choices: hamlets(app) }) : nothing}
    ${selectField(app, { name: 'organisation', label: app.say('organisation'), value: before?.organisation ?? '', none: app.say('noneOfThese'), choices: organisations.map((o) => [o.code, o.title] as const) })}`;
}
