/** A form, made from the declaration: one task, one screen. */
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { isPassing, mostTries } from '../api/again.ts';
import { type Draft, isNeeded, type Reason, setRaw, setReason, typed, wantsModel, whyNot } from '../edit/draft.ts';
import { controlOf, offered } from '../state/form.ts';
import { nameOf } from '../state/layers.ts';
import { unitSign } from '../state/say.ts';
import type { Field } from '../state/types.ts';
import type { App } from './app.ts';
import { change, patchForm } from './forms.ts';
import { icon } from './icons.ts';
import type { FormDetail } from './model.ts';
import { swatch, trouble } from './parts.ts';
import { send } from './sending.ts';
import { filesView } from './view-files.ts';
import { deletedView, isChoosing, settleView } from './view-settle.ts';

export function formTitle(app: App, { draft, settlement }: FormDetail): string {
  if (isChoosing(settlement)) return app.say('settleTitle');
  if (draft.move) return app.say.text(draft.move.title);
  if (draft.kind === 'edit') return app.say('edit');
  if (draft.kind === 'submission') return app.say('submitCoverage');
  return app.say('addPoint');
}

export function formView(app: App, detail: FormDetail): TemplateResult {
  const { draft, tried, sending, problem, conflict } = detail;
  if (isChoosing(detail.settlement)) return settleView(app, detail, detail.settlement);
  const reasons = whyNot(draft, app.model.lang);
  const about = (name: string) => (tried ? reasons.find((r) => r.field === name) : undefined);
  const general = tried ? reasons.find((r) => !r.field) : undefined;
  return html`<form
    class="entry"
    novalidate
    @submit=${(e: Event) => {
      e.preventDefault();
      void send(app);
    }}
  >
    <div class="form-body">
      ${draft.feature ? html`<p class="about">${nameOf(app.say, draft.layer, draft.feature.id, draft.feature.properties)}</p>` : nothing}
      ${conflict === 'deleted' ? deletedView(app, draft) : conflict ? conflictView(app, conflict) : nothing}
      ${draft.place === undefined ? nothing : placeView(app, draft, about('place'))}
      ${wantsModel(draft) || draft.kind === 'submission' ? filesView(app, draft, about('files')) : nothing}
      ${typed(draft).map((field) => fieldView(app, draft, field, about(field.name) ?? serverFault(app, detail, field)))}
      ${wantsModel(draft) || draft.kind === 'submission' ? nothing : draft.kind === 'move' ? filesView(app, draft, about('files')) : nothing}
      ${draft.kind === 'submission' ? nothing : reasonView(app, draft, about('reason'))}
      ${problem && !isFieldProblem(detail) && !isUnheard(detail) ? trouble(app, problem) : nothing}
      ${general ? html`<p class="fault" role="alert">${app.say(general.why)}</p>` : nothing}
    </div>
    <div class="form-foot">
      ${sendingNote(app, detail)}
      <button type="button" class="quiet" @click=${() => app.back()}>${app.say('cancel')}</button>
      <button type="submit" class="primary" ?disabled=${sending || conflict === 'gone' || conflict === 'deleted'}>
        ${sending ? app.say('saving') : draft.move ? app.say.text(draft.move.title) : app.say(draft.kind === 'submission' ? 'send' : 'save')}
      </button>
    </div>
  </form>`;
}

/** It was sent, and nobody knows whether it arrived. */
export const isUnheard = ({ sending, intent, problem }: FormDetail): boolean =>
  !sending && intent !== undefined && problem !== undefined && isPassing(problem);

/** How it goes with a network that comes and goes; read out as it changes. */
export function sendingNote(app: App, detail: FormDetail): TemplateResult {
  const { sending, again } = detail;
  const trying = sending && again ? app.say('sendingAgain', { n: again, of: mostTries }) : '';
  const text = isUnheard(detail) ? app.say('sentUnheard') : trying;
  return html`<p class="sending-note" role="status">${text}</p>`;
}

const isFieldProblem = ({ draft, problem }: FormDetail) => typed(draft).some((f) => f.name === problem?.field);

/** A fault that only the server could find stands at its field. */
const serverFault = (app: App, { problem }: FormDetail, field: Field): string | undefined =>
  problem?.field === field.name ? app.explain(problem) : undefined;

const conflictView = (app: App, conflict: 'kept' | 'gone'): TemplateResult => html`<div class="trouble" role="alert">
  ${icon('warn')}
  <div>
    <p><strong>${app.say('conflictTitle')}</strong></p>
    <p>${app.say(conflict === 'kept' ? 'conflict' : 'conflictGone')}</p>
  </div>
</div>`;

export const sayWhy = (app: App, reason: Reason | string): string =>
  typeof reason === 'string'
    ? reason
    : app.say(reason.why, reason.limit === undefined ? {} : { limit: app.say.number(reason.limit) });

export const faultLine = (
  app: App,
  id: string,
  reason: Reason | string | undefined,
): TemplateResult | typeof nothing =>
  reason ? html`<p class="fault" id=${`${id}-fault`} tabindex="-1">${sayWhy(app, reason)}</p>` : nothing;

function placeView(app: App, draft: Draft, reason: Reason | undefined): TemplateResult {
  const model = draft.kind === 'move';
  return html`<div class="field">
    <span class="label">${app.say(model ? 'placeModel' : 'position')}</span>
    <p class="coordinates">${draft.place ? app.say.place(draft.place) : app.say('placeNone')}</p>
    <button type="button" class="quiet" @click=${() => {
      if (draft.place) app.map?.moveTo(draft.place);
      patchForm(app, { placing: true });
    }}>${icon('pin')}${app.say(draft.place ? 'placeAgain' : 'placeHere')}</button>
    ${faultLine(app, 'place', reason)}
  </div>`;
}

function reasonView(app: App, draft: Draft, reason: Reason | undefined): TemplateResult {
  return html`<div class="field">
    <label class="label" for="reason">${app.say('reason')}${optional(app, draft.reasonNeeded)}</label>
    <p class="help" id="reason-help">${app.say('reasonHelp')}</p>
    <textarea
      id="reason"
      rows="3"
      maxlength="2000"
      aria-describedby="reason-help"
      aria-invalid=${reason !== undefined}
      .value=${live(draft.reason)}
      @input=${(e: Event) => change(app, (d) => setReason(d, (e.target as HTMLTextAreaElement).value))}
    ></textarea>
    ${faultLine(app, 'reason', reason)}
  </div>`;
}

export const optional = (app: App, needed: boolean): TemplateResult | typeof nothing =>
  needed ? nothing : html` <span class="optional">${app.say('optional')}</span>`;

function fieldView(app: App, draft: Draft, field: Field, reason: Reason | string | undefined): TemplateResult {
  const id = `field-${field.name}`;
  const control = controlOf(field);
  const grouped = control === 'cards' || control === 'checks';
  const title = html`${app.say.text(field.title)}${optional(app, isNeeded(draft, field) || control === 'switch')}`;
  const inner = html`${field.help && app.say.text(field.help) ? html`<p class="help">${app.say.text(field.help)}</p>` : nothing}
    ${controlView(app, draft, field, id, reason !== undefined)} ${faultLine(app, id, reason)}`;
  if (grouped) return html`<fieldset class="field"><legend class="label">${title}</legend>${inner}</fieldset>`;
  if (control === 'switch') return html`<div class="field">${inner}</div>`;
  return html`<div class="field"><label class="label" for=${id}>${title}</label>${inner}</div>`;
}

function controlView(app: App, draft: Draft, field: Field, id: string, invalid: boolean): TemplateResult {
  const raw = draft.raw[field.name];
  const text = typeof raw === 'string' ? raw : '';
  const set = (value: string | string[] | boolean) => change(app, (d) => setRaw(d, field.name, value));
  const onText = (e: Event) => set((e.target as HTMLInputElement).value);
  switch (controlOf(field)) {
    case 'cards':
      return cardsView(app, field, id, text, set);
    case 'checks':
      return checksView(app, field, Array.isArray(raw) ? raw : [], set);
    case 'switch':
      return html`<label class="check"><input type="checkbox" id=${id} .checked=${live(raw === true)} @change=${(e: Event) => set((e.target as HTMLInputElement).checked)} /><span>${app.say.text(field.title)}</span></label>`;
    case 'select':
      return selectView(
        app,
        id,
        text,
        invalid,
        onText,
        offered(field).map((c) => [c.value, app.say.text(c.title)]),
      );
    case 'feature':
      return selectView(app, id, text, invalid, onText, namesOf(app, field));
    case 'number':
      return html`<span class="with-unit"><input id=${id} inputmode="decimal" autocomplete="off" aria-invalid=${invalid} .value=${live(text)} @input=${onText} />${field.unit ? html`<span>${unitSign(field.unit)}</span>` : nothing}</span>`;
    case 'area':
    case 'lines':
      return html`<textarea id=${id} rows="3" aria-invalid=${invalid} placeholder=${controlOf(field) === 'lines' ? app.say('oneALine') : ''} .value=${live(text)} @input=${onText}></textarea>`;
    default:
      return html`<input id=${id} type=${field.type === 'date' ? 'date' : 'text'} autocomplete="off" aria-invalid=${invalid} .value=${live(text)} @input=${onText} />`;
  }
}

function cardsView(app: App, field: Field, id: string, chosen: string, set: (value: string) => void): TemplateResult {
  return html`<div class="cards">
    ${offered(field).map(
      (code) => html`<label class="card">
        <input type="radio" name=${id} value=${code.value} .checked=${live(chosen === code.value)} @change=${() => set(code.value)} />
        ${code.color ? swatch('fill', code.color) : nothing}<span>${app.say.text(code.title)}</span>
      </label>`,
    )}
  </div>`;
}

function checksView(app: App, field: Field, chosen: string[], set: (value: string[]) => void): TemplateResult {
  return html`<div class="cards">
    ${offered(field).map(
      (code) => html`<label class="card">
        <input
          type="checkbox"
          .checked=${live(chosen.includes(code.value))}
          @change=${(e: Event) =>
            set(
              (e.target as HTMLInputElement).checked ? [...chosen, code.value] : chosen.filter((v) => v !== code.value),
            )}
        />
        <span>${app.say.text(code.title)}</span>
      </label>`,
    )}
  </div>`;
}

const selectView = (
  app: App,
  id: string,
  chosen: string,
  invalid: boolean,
  onChange: (e: Event) => void,
  choices: (readonly [value: string, title: string])[],
): TemplateResult => html`<select id=${id} aria-invalid=${invalid} @change=${onChange}>
  <option value="" .selected=${chosen === ''}>${app.say('choose')}</option>
  ${choices.map(([value, title]) => html`<option value=${value} .selected=${value === chosen}>${title}</option>`)}
</select>`;

function namesOf(app: App, field: Field): [string, string][] {
  const prefix = `${field.refers}/`;
  return Object.entries(app.model.names)
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, name]): [string, string] => [key.slice(prefix.length), name])
    .sort((a, b) => a[1].localeCompare(b[1], 'vi'));
}
