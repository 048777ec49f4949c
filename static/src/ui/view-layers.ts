/** The layers: by theme, on and off, what the colours mean, how strong, from which zoom. */
import { html, nothing, type TemplateResult } from 'lit';
import { groups } from '../state/layers.ts';
import type { Layer } from '../state/types.ts';
import type { App } from './app.ts';
import { openList } from './features.ts';
import { openCreate } from './forms.ts';
import { icon } from './icons.ts';
import { empty, layerSwatch, loading, swatch } from './parts.ts';
import { setOpacity, showLayer } from './start.ts';

/** A legend this short stands under its layer without asking. */
const shortLegend = 6;

export function layersView(app: App): TemplateResult {
  const { catalogue, shown } = app.model;
  if (!catalogue) return loading(app);
  if (catalogue.layers.length === 0) return empty(app.say('noLayers'));
  const drawn = catalogue.layers.filter((l) => isDrawn(l));
  const on = drawn.filter((l) => shown[l.id]).length;
  return html`
    <p class="faint lead">${app.say('shownCount', { on, all: drawn.length })}</p>
    ${groups(catalogue).map(
      (group) => html`<section class="theme">
        <h3>${app.say.text(group.theme.title)}</h3>
        <ul class="plain">${group.layers.map((layer) => layerRow(app, layer))}</ul>
      </section>`,
    )}
    <p class="faint lead"><a href=${`/collections?f=html&lang=${app.model.lang}`}>${app.say('openData')}</a></p>`;
}

const isDrawn = (layer: Layer) => !layer.tile.skip && layer.geometry !== 'None';

function layerRow(app: App, layer: Layer): TemplateResult {
  const title = app.say.text(layer.title);
  const on = isDrawn(layer) && app.model.shown[layer.id] === true;
  const unfolded = app.model.unfolded[layer.id] === true;
  const far = on && app.model.view !== null && app.model.view.zoom < layer.tile.minzoom - 0.001;
  return html`<li class="layer ${on ? 'on' : ''}">
    <div class="layer-head">
      <label class="layer-toggle">
        <input
          type="checkbox"
          .checked=${on}
          ?disabled=${!isDrawn(layer)}
          @change=${(e: Event) => showLayer(app, layer.id, (e.target as HTMLInputElement).checked)}
          aria-label=${app.say('showLayer', { layer: title })}
        />
        ${layerSwatch(layer)}
        <span class="layer-title">${title}</span>
        ${layer.count === null || layer.count === undefined ? nothing : html`<span class="count">${app.say.number(layer.count)}</span>`}
      </label>
      <button
        type="button"
        class="round small"
        aria-expanded=${unfolded}
        aria-label=${app.say('layerOptions', { layer: title })}
        @click=${() => app.update({ unfolded: { ...app.model.unfolded, [layer.id]: !unfolded } })}
      >
        ${icon('chevron')}
      </button>
    </div>
    ${far ? html`<button type="button" class="far" @click=${() => zoomTo(app, layer)} title=${app.say('toItsZoom')}>${app.say('fromZoom', { zoom: layer.tile.minzoom })}</button>` : nothing}
    ${unfolded || (on && layer.legend.length > 1 && layer.legend.length <= shortLegend) ? legend(app, layer) : nothing}
    ${unfolded ? options(app, layer, on) : nothing}
  </li>`;
}

const zoomTo = (app: App, layer: Layer) =>
  app.model.view && app.map?.moveTo(app.model.view.center, layer.tile.minzoom + 0.1);

const legend = (app: App, layer: Layer): TemplateResult | typeof nothing =>
  layer.legend.length < 2
    ? nothing
    : html`<ul class="legend plain">
        ${layer.legend.map((entry) => html`<li>${swatch(entry.kind, entry.color)}<span>${app.say.text(entry.title)}</span></li>`)}
      </ul>`;

function options(app: App, layer: Layer, on: boolean): TemplateResult {
  const percent = Math.round((app.model.opacity[layer.id] ?? 1) * 100);
  return html`<div class="layer-options">
    <p class="faint">${app.say.text(layer.description)}</p>
    ${
      isDrawn(layer)
        ? html`<label class="slider">
            <span>${app.say('opacity')}</span>
            <input
              type="range"
              min="10"
              max="100"
              step="5"
              .value=${String(percent)}
              ?disabled=${!on}
              @input=${(e: Event) => setOpacity(app, layer.id, Number((e.target as HTMLInputElement).value) / 100)}
            />
            <output>${percent}%</output>
          </label>`
        : html`<p class="faint">${app.say('noMapOfLayer')}</p>`
    }
    <div class="actions">
      <button type="button" class="quiet" @click=${() => void openList(app, layer.id)}>${icon('list')}${app.say('listOfLayer')}</button>
      ${
        layer.rights?.create && layer.geometry === 'Point' && app.map
          ? html`<button type="button" class="quiet" @click=${() => openCreate(app, layer)}>${icon('plus')}${app.say('addPoint')}</button>`
          : nothing
      }
    </div>
  </div>`;
}
