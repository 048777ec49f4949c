/** Small pieces that several views share. */
import { html, nothing, type TemplateResult } from 'lit';
import { fieldOf, stateField } from '../state/layers.ts';
import type { Layer, Problem } from '../state/types.ts';
import type { App } from './app.ts';
import { icon } from './icons.ts';

/** A colour goes in through the style object, which a strict CSP allows where it refuses the attribute. */
export const tint = (color: string | undefined) => `--tint: ${color ?? '#8a8579'}`;

/** A sample of how a layer, or one entry of its legend, is drawn. */
export const swatch = (kind: string, color: string | undefined): TemplateResult =>
  html`<span class="swatch draw-${kind}" .style=${tint(color)} aria-hidden="true"></span>`;

export const layerSwatch = (layer: Layer): TemplateResult => {
  const colors = [...new Set(layer.legend.map((e) => e.color).filter(Boolean))];
  const kind = layer.legend[0]?.kind ?? layer.style.kind;
  if (colors.length < 2) return swatch(kind, colors[0] ?? layer.style.color);
  return html`<span class="swatches" aria-hidden="true">${colors.slice(0, 3).map((c) => swatch(kind, c))}</span>`;
};

/** The state of a feature's work: a short word with its colour. */
export function stateBadge(
  app: App,
  layer: Layer | undefined,
  properties: Record<string, unknown>,
): TemplateResult | typeof nothing {
  const field = stateField(layer);
  const value = field && properties[field.name];
  if (!field || typeof value !== 'string') return nothing;
  const shown = resultOf(layer, field.name, value, properties) ?? field.enum?.find((c) => c.value === value);
  return html`<span class="badge" .style=${tint(shown?.color)}>${shown ? app.say.text(shown.title) : value}</span>`;
}

/** Once a hamlet's mark is verified, its result says more than that it is verified. */
function resultOf(layer: Layer | undefined, name: string, state: string, properties: Record<string, unknown>) {
  if (state !== 'verified') return undefined;
  const result = properties[`${name}_result`];
  return fieldOf(layer, `${name}_result`)?.enum?.find((c) => c.value === result);
}

export const loading = (app: App): TemplateResult =>
  html`<div class="skeleton" role="status"><span class="visually-hidden">${app.say('loading')}</span><i></i><i></i><i></i></div>`;

export function trouble(app: App, problem: Problem | undefined, again?: () => void): TemplateResult {
  return html`<div class="trouble" role="alert">
    ${icon('warn')}
    <div>
      <p>${problem ? app.explain(problem) : app.say('loadFailed')}</p>
      ${problem?.trace ? html`<p class="faint">${app.say('errTrace', { trace: problem.trace })}</p>` : nothing}
      ${again ? html`<button type="button" class="quiet" @click=${again}>${app.say('retry')}</button>` : nothing}
    </div>
  </div>`;
}

/** The commune's name, without what stands beside it in brackets, such as that this is a demo. */
export const mapName = (app: App): string => app.say.text(app.model.session?.title).replace(/\s*\(.*\)$/, '');

export const empty = (text: string): TemplateResult => html`<p class="empty">${text}</p>`;

export const closeButton = (app: App, onClick: () => void): TemplateResult =>
  html`<button type="button" class="round" @click=${onClick} aria-label=${app.say('close')}>${icon('close')}</button>`;

/** A row that leads to a feature. */
export function featureRow(
  onClick: () => void,
  mark: TemplateResult | typeof nothing,
  title: string,
  under: unknown,
  end: unknown = nothing,
): TemplateResult {
  return html`<li>
    <button type="button" class="row" @click=${onClick}>
      ${mark}<span class="row-text"><span class="row-title">${title}</span>${under ? html`<span class="row-under">${under}</span>` : nothing}</span>${end}
    </button>
  </li>`;
}
