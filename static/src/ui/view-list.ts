/** The features of a layer as a list: the way in without a map, and for whoever likes lists better. */
import { html, nothing, type TemplateResult } from 'lit';
import { nameOf } from '../state/layers.ts';
import type { App } from './app.ts';
import { openFeature, readList } from './features.ts';
import type { ListDetail } from './model.ts';
import { empty, featureRow, loading, stateBadge, trouble } from './parts.ts';
import { placeName } from './view-feature.ts';

export function listView(app: App, detail: ListDetail): TemplateResult {
  const layer = app.layer(detail.layer);
  if (detail.load === 'failed') return trouble(app, undefined, () => void readList(app, detail.layer));
  if (detail.load === 'loading') return loading(app);
  if (detail.features.length === 0) return empty(app.say('listEmpty'));
  return html`<p class="faint lead">${app.say('count', { n: app.say.number(detail.total ?? detail.features.length) })}</p>
    <ul class="plain rows">
      ${detail.features.map((f) =>
        featureRow(
          () => void openFeature(app, { layer: detail.layer, id: f.id }, 'fly'),
          nothing,
          nameOf(app.say, layer, f.id, f.properties),
          placeName(app, f.properties),
          stateBadge(app, layer, f.properties),
        ),
      )}
    </ul>
    ${detail.next ? html`<button type="button" class="quiet wide" @click=${() => void readList(app, detail.layer)}>${app.say('listMore')}</button>` : nothing}`;
}
