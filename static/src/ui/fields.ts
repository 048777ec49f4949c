/** Fields of the pages' forms: a label, a help, and the fault that the page or the server has found, tied to the control. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Problem } from '../state/types.ts';
import { judge } from './account.ts';
import type { App } from './app.ts';
import { patchPages } from './pages.ts';
import { trouble } from './parts.ts';

export interface FieldOptions {
  name: string;
  label: string;
  help?: string;
  type?: string;
  value?: string;
  autocomplete?: string;
  required?: boolean;
  /** The fault's field, where the server calls it otherwise. */
  also?: string;
  onInput?: (value: string) => void;
}

/** The fault of a field of the open form. */
export const faultAt = (app: App, ...names: (string | undefined)[]): Problem | undefined => {
  const { fault } = app.model.pages;
  return fault?.field && names.includes(fault.field) ? fault : undefined;
};

const described = (...ids: (string | false | undefined)[]) => ids.filter(Boolean).join(' ') || nothing;

/** A fault of no field that the form shows stands above its buttons. */
export function faultBelow(app: App, ...shown: string[]): TemplateResult | typeof nothing {
  const { fault } = app.model.pages;
  return fault && !shown.includes(fault.field ?? '') ? trouble(app, fault) : nothing;
}

export const faultLine = (app: App, id: string, fault: Problem | undefined): TemplateResult | typeof nothing =>
  fault ? html`<p class="fault" id="${id}-fault" role="alert">${app.explain(fault)}</p>` : nothing;

export function textField(app: App, o: FieldOptions): TemplateResult {
  const fault = faultAt(app, o.name, o.also);
  const id = `f-${o.name}`;
  return html`<div class="field">
    <label class="label" for=${id}>${o.label}</label>
    ${o.help ? html`<p class="help" id="${id}-help">${o.help}</p>` : nothing}
    <input id=${id} name=${o.name} type=${o.type ?? 'text'} value=${o.value ?? ''} ?required=${o.required ?? true}
      autocomplete=${o.autocomplete ?? 'off'} autocapitalize="none" spellcheck="false"
      aria-invalid=${fault ? 'true' : 'false'} aria-describedby=${described(o.help && `${id}-help`, fault && `${id}-fault`)}
      @input=${(e: Event) => o.onInput?.((e.target as HTMLInputElement).value)} />
    ${faultLine(app, id, fault)}
  </div>`;
}

export const passwordField = (app: App, name: string, label: string): TemplateResult =>
  textField(app, {
    name,
    label,
    type: app.model.pages.plain ? 'text' : 'password',
    autocomplete: 'current-password',
    also: name === 'current' ? 'password' : 'current',
  });

export const codeField = (app: App): TemplateResult =>
  textField(app, {
    name: 'code',
    also: 'second_code',
    label: app.say('code'),
    help: app.say('codeWhy'),
    autocomplete: 'one-time-code',
  });

/** A new password: the rule before, its strength while it is typed, and the choice to see it. */
export function newPasswordField(app: App, account: string): TemplateResult {
  const { typed, plain } = app.model.pages;
  const fault = faultAt(app, 'password', 'new');
  const word =
    typed?.strength === 'short'
      ? app.say('passwordShort', { n: typed.missing })
      : app.say(
          (
            {
              name: 'passwordIsName',
              weak: 'passwordWeak',
              fair: 'passwordFair',
              good: 'passwordGood',
              short: 'passwordShort',
            } as const
          )[typed?.strength ?? 'short'],
        );
  return html`<div class="field">
    <label class="label" for="f-new">${app.say('newPassword')}</label>
    <p class="help" id="f-new-help">${app.say('passwordRule')}</p>
    <input id="f-new" name="new" type=${plain ? 'text' : 'password'} required autocomplete="new-password" autocapitalize="none" spellcheck="false"
      aria-invalid=${fault ? 'true' : 'false'} aria-describedby=${described('f-new-help', fault ? 'f-new-fault' : 'f-new-strength')}
      @input=${(e: Event) => judge(app, (e.target as HTMLInputElement).value, account)} />
    ${faultLine(app, 'f-new', fault)}
    <p class="strength ${typed?.strength ?? ''}" id="f-new-strength" role="status">${typed ? html`<i aria-hidden="true"></i><span>${word}</span>` : nothing}</p>
    <label class="tick"><input type="checkbox" .checked=${plain} @change=${(e: Event) => patchPages(app, { plain: (e.target as HTMLInputElement).checked })} /><span>${app.say('showPassword')}</span></label>
  </div>`;
}

export interface SelectOptions {
  name: string;
  label: string;
  value: string;
  choices: (readonly [value: string, title: string])[];
  help?: string;
  /** What no choice is called; without it there must be one. */
  none?: string;
  onChange?: (value: string) => void;
  hidden?: boolean;
}

export function selectField(app: App, o: SelectOptions): TemplateResult {
  const fault = faultAt(app, o.name);
  const id = `f-${o.name}`;
  return html`<div class="field">
    <label class=${o.hidden ? 'visually-hidden' : 'label'} for=${id}>${o.label}</label>
    ${o.help ? html`<p class="help" id="${id}-help">${o.help}</p>` : nothing}
    <select id=${id} name=${o.name} aria-invalid=${fault ? 'true' : 'false'} aria-describedby=${described(o.help && `${id}-help`, fault && `${id}-fault`)}
      @change=${(e: Event) => o.onChange?.((e.target as HTMLSelectElement).value)}>
      <option value="" ?selected=${o.value === ''}>${o.none ?? app.say('choose')}</option>
      ${o.choices.map(([value, title]) => html`<option value=${value} ?selected=${value === o.value}>${title}</option>`)}
    </select>
    ${faultLine(app, id, fault)}
  </div>`;
}

/** The buttons of a form that opens on demand. */
export const formButtons = (app: App, label: string, cancel: () => void, kind = 'primary'): TemplateResult =>
  html`<div class="actions">
    <button type="submit" class=${kind} ?disabled=${app.model.pages.sending}>${app.model.pages.sending ? app.say('saving') : label}</button>
    <button type="button" class="quiet" @click=${cancel}>${app.say('cancel')}</button>
  </div>`;

/** Sends a form's data. */
export const onSubmit = (send: (data: FormData) => void) => (e: Event) => {
  e.preventDefault();
  send(new FormData(e.target as HTMLFormElement));
};
