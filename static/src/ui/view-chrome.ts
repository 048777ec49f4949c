/** What lies over the map: its tools, its scale, whose data the base is. */
import { html, nothing, type TemplateResult } from 'lit';
import { scaleOf } from '../state/geometry.ts';
import type { App } from './app.ts';
import { type IconName, icon } from './icons.ts';
import { openPast } from './past.ts';
import { findMe, wholeCommune } from './start.ts';

export function toolsView(app: App): TemplateResult {
  const tool = (label: string, name: IconName, act: () => void) =>
    html`<button type="button" aria-label=${label} title=${label} @click=${act}>${icon(name)}</button>`;
  return html`<div class="tools">
    ${tool(app.say('zoomIn'), 'plus', () => app.map?.zoomBy(1))}
    ${tool(app.say('zoomOut'), 'minus', () => app.map?.zoomBy(-1))}
    ${tool(app.say('wholeCommune'), 'extent', () => wholeCommune(app))}
    ${tool(app.say('myPlace'), 'locate', () => findMe(app))}
    ${tool(app.say('past'), 'clock', () => openPast(app))}
  </div>`;
}

const longestScalePx = 110;

export function cornerView(app: App): TemplateResult | typeof nothing {
  const { view, wide } = app.model;
  if (!view) return nothing;
  const { metres, widthPx } = scaleOf(view.center[1], view.zoom, wide ? longestScalePx : 80);
  const length = metres >= 1000 ? `${app.say.number(metres / 1000)} km` : `${app.say.number(metres)} m`;
  return html`<div class="corner">
    <div class="scale" role="img" aria-label=${app.say('scaleBar', { length })} .style=${`width: ${Math.round(widthPx)}px`}>
      <i></i><span>${length}</span>
    </div>
    ${app.map?.hasBase ? html`<p class="attribution">${app.say('osm')}</p>` : nothing}
  </div>`;
}
