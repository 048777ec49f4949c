/** What is here, and all about one thing: state, facts, place, what one may do, what has happened. */
import { html, nothing, type TemplateResult } from 'lit';
import { boxOf, middleOf } from '../state/geometry.ts';
import { fieldOf, groupOf, nameOf, stateField } from '../state/layers.ts';
import { within } from '../state/say.ts';
import type { Feature, Field, Layer, OfferedMove, Place } from '../state/types.ts';
import type { App } from './app.ts';
import { openFeature, patchFeature } from './features.ts';
import { openEdit, openMove } from './forms.ts';
import { icon } from './icons.ts';
import type { Detail, FeatureDetail } from './model.ts';
import { featureRow, layerSwatch, loading, stateBadge, trouble } from './parts.ts';
import { askSignIn } from './people.ts';
import { historyView, pictureView } from './view-history.ts';
import { mergedView } from './view-settle.ts';

/** The name of the hamlet that a feature lies in, where it is known. */
export const placeName = (app: App, properties: Record<string, unknown>): string =>
  app.model.names[`hamlets/${properties.hamlet_id}`] ?? (typeof properties.code === 'string' ? properties.code : '');

export function hereView(app: App, { at, found }: Detail & { kind: 'here' }): TemplateResult {
  return html`<p class="faint lead">${app.say('hereCount', { n: found.length })} · ${app.say.place(at)}</p>
    <ul class="plain rows">
      ${found.map((f) => {
        const layer = app.layer(f.layer);
        return featureRow(
          () => void openFeature(app, f),
          layer ? layerSwatch(layer) : nothing,
          nameOf(app.say, layer, f.id, f.properties),
          app.say.text(layer?.title),
          stateBadge(app, layer, f.properties),
        );
      })}
    </ul>`;
}

export function featureView(app: App, detail: FeatureDetail): TemplateResult {
  const { feature, load, problem, ref } = detail;
  const layer = app.layer(ref.layer);
  if (load === 'failed' && (problem?.status === 404 || problem?.status === 403))
    return trouble(
      app,
      problem.code === 'deleted'
        ? problem
        : { ...problem, detail: app.say(app.model.past ? 'pastNotThere' : 'notFound') },
    );
  if (load === 'failed') return trouble(app, problem, () => void openFeature(app, ref));
  if (!feature || !layer) return loading(app);
  const filled = (f: Field) => !isBlank(feature.properties[f.name]);
  const state = stateField(layer)?.name;
  // The badge says the state already, unless it says the result of a verified one.
  const said = (f: Field) => isPlain(f) || (f.name === state && feature.properties[f.name] !== 'verified');
  const show = (group: string) => layer.fields.filter((f) => groupOf(layer, f) === group && filled(f) && !said(f));
  const blank = layer.fields.filter((f) => !filled(f) && groupOf(layer, f) === 'facts');
  return html`
    <div class="feature-state">
      ${stateBadge(app, layer, feature.properties)}
      ${detail.renewed ? html`<span class="renewed" role="status">${icon('check')}${app.say('updatedNow')}</span>` : nothing}
    </div>
    ${mergedView(app, layer, detail)} ${app.model.past ? nothing : movesView(app, layer, feature, detail.moves)}
    ${factsView(app, feature, show('state'))}
    ${factsView(app, feature, show('facts'))}
    ${faultsView(app, feature)}
    ${blank.length ? html`<p class="blank"><span>${app.say('emptyFields')}:</span> ${blank.map((f) => within(app.say.text(f.title))).join(', ')}</p>` : nothing}
    ${factsView(app, feature, show('record'))}
    ${positionView(app, feature)}
    ${historyView(app, layer, detail, () => patchFeature(app, ref, { wholeHistory: true }))}`;
}

const isBlank = (value: unknown) =>
  value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);

/** Shown elsewhere on the sheet: the name is its title, faults have their own list. */
const isPlain = (field: Field) => field.name === 'name' || field.name === 'faults';

function factsView(app: App, feature: Feature, fields: Field[]): TemplateResult | typeof nothing {
  if (fields.length === 0) return nothing;
  return html`<dl class="facts">
    ${fields.map((f) => html`<div><dt>${app.say.text(f.title)}</dt><dd>${factView(app, f, feature.properties[f.name])}</dd></div>`)}
  </dl>`;
}

function factView(app: App, field: Field, value: unknown): unknown {
  if (field.refers && typeof value === 'number') {
    const { refers } = field;
    const name = app.model.names[`${refers}/${value}`] ?? nameOf(app.say, app.layer(refers), value, {});
    return html`<button type="button" class="text" @click=${() => void openFeature(app, { layer: refers, id: value }, 'fly')}>${name}</button>`;
  }
  if ((field.name === 'model_id' || field.name === 'file_id') && value)
    return html`<a href=${`/media/${encodeURIComponent(String(value))}`} target="_blank" rel="noopener">${app.say('evidence')} ${icon('file')}</a>`;
  if (field.name === 'photos' && Array.isArray(value)) return photosView(app, value.map(String));
  return app.say.value(value, field);
}

/** Photos that are kept here are shown, by number or by address; a name of anything else is text. */
function photosView(app: App, photos: string[]): TemplateResult {
  return html`<ul class="plain evidence">
    ${photos.map((photo, n) => {
      const id = /^(?:\/media\/)?(\d+)$/.exec(photo)?.[1];
      if (!id) return html`<li>${photo}</li>`;
      return html`<li>${pictureView(app, `/media/${id}?size=view`, `/media/${id}?size=thumb`, app.say('photo', { n: n + 1 }))}</li>`;
    })}
  </ul>`;
}

interface Fault {
  code?: string;
  severity?: string;
  text?: { vi: string; en: string };
  place?: Place | null;
}

function faultsView(app: App, feature: Feature): TemplateResult | typeof nothing {
  const faults = feature.properties.faults as Fault[] | null | undefined;
  if (!Array.isArray(faults)) return nothing;
  return html`<section class="faults">
    <h3>${app.say('faults')}</h3>
    ${faults.length === 0 ? html`<p class="good">${icon('check')}${app.say('noFaults')}</p>` : nothing}
    <ul class="plain">
      ${faults.map(
        (fault) => html`<li class=${fault.severity ?? ''}>
          ${icon('warn')}
          <div>
            <p>${app.say.text(fault.text) || fault.code}</p>
            <p class="faint">${fault.code}</p>
            ${fault.place ? html`<button type="button" class="text" @click=${() => fault.place && app.map?.moveTo(fault.place, 15)}>${app.say('showFault')}</button>` : nothing}
          </div>
        </li>`,
      )}
    </ul>
  </section>`;
}

/** What this person may do now first; what they may not, with the reason, after it. */
function movesView(app: App, layer: Layer, feature: Feature, moves: OfferedMove[]): TemplateResult | typeof nothing {
  const person = app.model.session?.person;
  if (!person) {
    return fieldOf(layer, 'coverage_5g') || layer.fields.some((f) => f.moved)
      ? html`<button type="button" class="text sign-in-hint" @click=${() => askSignIn(app)}>${app.say('signInToAct')}</button>`
      : nothing;
  }
  const can = moves.filter((m) => m.allowed);
  // A move that belongs to another state is no news; one that fits the state and is refused needs its reason.
  const fits = (id: string) => {
    const move = layer.moves.find((m) => m.id === id);
    return move?.from.includes(String(feature.properties[move.field] ?? '')) === true;
  };
  const cannot = moves.filter((m) => !m.allowed && m.why_not && fits(m.id));
  const mayEdit = layer.rights?.update;
  if (!can.length && !cannot.length && !mayEdit) return nothing;
  return html`<div class="moves">
    ${can.map(
      (
        m,
        i,
      ) => html`<button type="button" class=${i === 0 ? 'primary' : 'quiet'} data-move=${m.id} @click=${() => openMove(app, layer, feature, m)}>
        ${app.say.text(m.title)}
      </button>`,
    )}
    ${mayEdit ? html`<button type="button" class="quiet" data-move="edit" @click=${() => openEdit(app, layer, feature)}>${icon('edit')}${app.say('edit')}</button>` : nothing}
    ${cannot.map((m) => html`<p class="cannot"><span>${app.say.text(m.title)}</span> ${m.why_not?.[app.say.lang]}</p>`)}
  </div>`;
}

function positionView(app: App, feature: Feature): TemplateResult | typeof nothing {
  const box = boxOf(feature.geometry);
  if (!box) return nothing;
  const place = middleOf(box);
  return html`<section class="position">
    <h3>${app.say('position')}</h3>
    <p class="coordinates">${app.say.place(place)}</p>
    <div class="actions">
      ${app.map ? html`<button type="button" class="text" @click=${() => app.map?.fly(box)}>${app.say('showOnMap')}</button>` : nothing}
      <button type="button" class="text" @click=${() => void app.copy(`${place[1].toFixed(6)}, ${place[0].toFixed(6)}`)}>${app.say('copyPlace')}</button>
      <button type="button" class="text" @click=${() => void app.copy(location.href)}>${app.say('copyLink')}</button>
    </div>
  </section>`;
}
