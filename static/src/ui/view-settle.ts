/** Two people changed the same thing: side by side, and one chooses. And what was typed for a feature that is gone. */
import type { Geometry } from 'geojson';
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { type Draft, typed } from '../edit/draft.ts';
import { geometryName, keptOf, type Settlement, type Side, sidesOf, unsettled } from '../edit/settle.ts';
import { boxAround } from '../state/geometry.ts';
import { fieldOf, nameOf } from '../state/layers.ts';
import type { Layer } from '../state/types.ts';
import type { App } from './app.ts';
import { patchForm } from './forms.ts';
import { icon } from './icons.ts';
import type { FeatureDetail, FormDetail } from './model.ts';
import { trouble } from './parts.ts';
import { rebase, sendAnew, sendSettled, settleBy } from './sending.ts';
import { isUnheard, sendingNote } from './view-form.ts';
import { legend } from './view-sides.ts';

/** Whether there is anything that only a person can decide. */
export const isChoosing = (of: Settlement | undefined): of is Settlement =>
  of !== undefined && of.stale.merge.conflicts.length > 0;

export function settleView(app: App, detail: FormDetail, of: Settlement): TemplateResult {
  const { draft, sending, problem, tried } = detail;
  const open = tried ? unsettled(of) : [];
  const ref = { layer: draft.layer.id, id: draft.feature?.id ?? 0 };
  return html`<form class="entry settle" novalidate @submit=${(e: Event) => {
    e.preventDefault();
    void sendSettled(app);
  }}>
    <div class="form-body">
      ${draft.feature ? html`<p class="about">${nameOf(app.say, draft.layer, ref.id, draft.feature.properties)}</p>` : nothing}
      <div class="notice" role="alert">
        ${icon('warn')}
        <div>
          <p><strong>${app.say('settleBy', { who: authors(app, of) })}</strong>${lastOf(app, of)}</p>
          <p>${app.say('settleHelp')}</p>
        </div>
      </div>
      ${of.stale.merge.conflicts.map((name) => choiceView(app, draft.layer, of, name, open.includes(name)))}
      ${togetherView(app, draft.layer, of)}
      ${problem && !isUnheard(detail) ? trouble(app, problem) : nothing}
      <button type="button" class="text" @click=${() => void rebase(app, ref)}>${app.say('settleEdit')}</button>
    </div>
    <div class="form-foot">
      ${sendingNote(app, detail)}
      <button type="button" class="quiet" @click=${() => app.back()}>${app.say('cancel')}</button>
      <button type="submit" class="primary" ?disabled=${sending}>${app.say(sending ? 'saving' : 'settleSave')}</button>
    </div>
  </form>`;
}

/** Who was faster: each by name where it is told, else by role. */
export function authors(app: App, { by }: Settlement): string {
  const names = by.map((entry) => app.say.text(entry.role_title) || entry.who || '').filter(Boolean);
  return [...new Set(names)].join(', ') || app.say('anotherPerson');
}

const lastOf = (app: App, { by: [last] }: Settlement) =>
  last
    ? html` <time class="faint" datetime=${last.at} title=${app.say.time(last.at)}>${app.say.ago(last.at)}</time>`
    : nothing;

export const titleOf = (app: App, layer: Layer, name: string): string =>
  name === geometryName ? app.say('geometry') : app.say.text(fieldOf(layer, name)?.title) || name;

function choiceView(app: App, layer: Layer, of: Settlement, name: string, missing: boolean): TemplateResult {
  const sides = sidesOf(of, name);
  const shape = name === geometryName;
  const value = (side: Side) =>
    shape ? app.say(side === 'mine' ? 'geometryMine' : 'geometryTheirs') : saidValue(app, layer, name, sides[side]);
  const card = (side: Side) => html`<label class="card side">
    <input type="radio" name=${`settle-${name}`} value=${side} .checked=${live(of.choices[name] === side)} aria-invalid=${missing}
      @change=${() => settleBy(app, name, side)} />
    <span class="row-text"><span class="row-under">${app.say(side === 'mine' ? 'settleMine' : 'settleTheirs')}</span><span class="row-title">${value(side)}</span></span>
  </label>`;
  return html`<fieldset class="field" data-conflict=${name}>
    <legend class="label">${titleOf(app, layer, name)}</legend>
    <div class="sides">${card('mine')}${card('theirs')}</div>
    <p class="help">${shape ? nothing : app.say('settleBefore', { value: saidValue(app, layer, name, sides.before) })}</p>
    ${
      shape && app.map
        ? html`<button type="button" class="quiet" @click=${() => peek(app, [sides.theirs, sides.mine] as (Geometry | null)[])}>${icon('pin')}${app.say('settleMap')}</button>`
        : nothing
    }
    ${missing ? html`<p class="fault">${app.say('whyChoose')}</p>` : nothing}
  </fieldset>`;
}

export function saidValue(app: App, layer: Layer, name: string, value: unknown): string {
  const field = fieldOf(layer, name);
  if (field?.refers && value !== null) return app.model.names[`${field.refers}/${value}`] ?? app.say.value(value);
  return app.say.value(value, field);
}

const listed = (app: App, layer: Layer, names: readonly string[]) =>
  names.map((name) => titleOf(app, layer, name)).join(', ');

function togetherView(app: App, layer: Layer, { stale: { merge } }: Settlement): TemplateResult | typeof nothing {
  const [mine, theirs] = [[...merge.mine, ...merge.both], merge.theirs];
  if (!mine.length && !theirs.length) return nothing;
  return html`<div class="together">
    <p class="faint">${app.say('settleTogether')}</p>
    <ul class="plain">
      ${mine.length ? html`<li>${icon('check')}${app.say('settleMine')}: ${listed(app, layer, mine)}</li>` : nothing}
      ${theirs.length ? html`<li>${icon('check')}${app.say('settleTheirs')}: ${listed(app, layer, theirs)}</li>` : nothing}
    </ul>
  </div>`;
}

/** What was saved together, told on the feature's sheet where it stays until it is read. */
export function mergedView(app: App, layer: Layer, { merged }: FeatureDetail): TemplateResult | typeof nothing {
  if (!merged) return nothing;
  const { mine, theirs } = keptOf(merged);
  return html`<div class="notice good-news" role="status">
    ${icon('check')}
    <div>
      <p><strong>${app.say('mergedTitle')}</strong></p>
      <p>${mine.length ? app.say('mergedMine', { fields: listed(app, layer, mine) }) : app.say('mergedNothing')}</p>
      ${theirs.length ? html`<p>${app.say('mergedTheirs', { who: authors(app, merged), fields: listed(app, layer, theirs) })}</p>` : nothing}
    </div>
  </div>`;
}

/** Brings both shapes into view; on a phone the form steps aside for them. */
function peek(app: App, shapes: (Geometry | null)[]): void {
  const box = boxAround(shapes);
  if (!app.model.wide) patchForm(app, { peeking: true });
  if (box) app.map?.fly(box);
}

/** Over the map while the form has stepped aside: whose shape is which. */
export const peekView = (
  app: App,
): TemplateResult => html`<section class="placing-bar" aria-label=${app.say('settleMap')}>
  ${legend(app, 'geometryTheirs', 'geometryMine')}
  <button type="button" class="primary" @click=${() => patchForm(app, { peeking: false })}>${app.say('back')}</button>
</section>`;

/** What was typed for a feature that somebody deleted meanwhile. */
export function deletedView(app: App, draft: Draft): TemplateResult {
  const lines = typed(draft).map((f) => [app.say.text(f.title), draft.raw[f.name]] as const);
  const text = [...lines, [app.say('reason'), draft.reason] as const]
    .filter(([, raw]) => raw !== '' && raw !== undefined)
    .map(
      ([title, raw]) =>
        `${title}: ${Array.isArray(raw) ? raw.join(', ') : typeof raw === 'boolean' ? app.say(raw ? 'yes' : 'no') : raw}`,
    )
    .join('\n');
  const mayCreate = draft.layer.rights?.create && draft.feature !== undefined;
  return html`<div class="trouble" role="alert">
    ${icon('warn')}
    <div>
      <p><strong>${app.say('formDeletedTitle')}</strong></p>
      <p>${app.say('formDeleted')}</p>
      <div class="actions">
        <button type="button" class="quiet" @click=${() => void app.copy(text)}>${app.say('copyTyped')}</button>
        ${mayCreate ? html`<button type="button" class="quiet" @click=${() => sendAnew(app)}>${app.say('createAnew')}</button>` : nothing}
      </div>
    </div>
  </div>`;
}
