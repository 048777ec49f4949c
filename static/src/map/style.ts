/** The server's style with what the reader chose on top: hidden layers, opacity, the selection. */
import { scaleOpacity } from '../state/opacity.ts';
import type { MapStyle, MapStyleLayer } from '../state/types.ts';
import { sideLayers, sideSources } from './sides.ts';

export interface Choice {
  /** By catalogue layer: whether it is shown, and its opacity 0–1. */
  shown: Readonly<Record<string, boolean>>;
  opacity: Readonly<Record<string, number>>;
  /** The moment (RFC 3339) whose data is shown; null is now. */
  past: string | null;
}

export const selectionSource = 'bando-selection';
const accent = '#2b3a8c';

const opacityNames: Record<string, string[]> = {
  fill: ['fill-opacity'],
  line: ['line-opacity'],
  circle: ['circle-opacity', 'circle-stroke-opacity'],
  symbol: ['icon-opacity', 'text-opacity'],
  raster: ['raster-opacity'],
};

export const ownerOf = (layer: MapStyleLayer): string | undefined => layer.metadata?.['bando:layer'];

/** The paint that gives a style layer the chosen opacity. */
export function opacityPaint(layer: MapStyleLayer, factor: number): [name: string, value: unknown][] {
  return (opacityNames[layer.type] ?? []).map((name) => [name, scaleOpacity(layer.paint?.[name] ?? 1, factor)]);
}

export function compose(style: MapStyle, choice: Choice): MapStyle {
  const layers = style.layers.map((layer) => {
    const owner = ownerOf(layer);
    if (!owner) return layer;
    const factor = choice.opacity[owner] ?? 1;
    const paint = factor === 1 ? layer.paint : { ...layer.paint, ...Object.fromEntries(opacityPaint(layer, factor)) };
    const visibility = choice.shown[owner] === false ? 'none' : 'visible';
    return { ...layer, ...(paint ? { paint } : {}), layout: { ...layer.layout, visibility } };
  });
  const sources = {
    ...asOf(style, choice.past),
    ...Object.fromEntries([selectionSource, ...sideSources].map((id) => [id, { type: 'geojson', data: empty }])),
  };
  return { ...style, sources, layers: [...layers, ...sideLayers, ...selectionLayers] };
}

const empty = { type: 'FeatureCollection', features: [] };

/** The sources of the commune's own layers as of a moment. The base map has no past. */
function asOf({ sources, layers }: MapStyle, past: string | null): MapStyle['sources'] {
  if (past === null) return sources;
  const own = new Set(layers.filter((layer) => ownerOf(layer)).map((layer) => layer.source));
  const dated = (address: string) =>
    `${address}${address.includes('?') ? '&' : '?'}datetime=${encodeURIComponent(past)}`;
  return Object.fromEntries(
    Object.entries(sources).map(([id, source]) =>
      source.type === 'vector' && own.has(id) && id !== 'base'
        ? [id, { ...source, ...(source.tiles ? { tiles: source.tiles.map(dated) } : {}) }]
        : [id, source],
    ),
  );
}

/** The chosen feature: a light casing under an indigo line, so that it stands out on any ground. */
const selectionLayers: MapStyleLayer[] = [
  {
    id: 'bando-selection-casing',
    type: 'line',
    source: selectionSource,
    layout: { 'line-join': 'round', 'line-cap': 'round' },
    paint: { 'line-color': '#fffdf8', 'line-width': 6, 'line-opacity': 0.9 },
  },
  {
    id: 'bando-selection-line',
    type: 'line',
    source: selectionSource,
    layout: { 'line-join': 'round', 'line-cap': 'round' },
    paint: { 'line-color': accent, 'line-width': 2.5 },
  },
  {
    id: 'bando-selection-point',
    type: 'circle',
    source: selectionSource,
    filter: ['==', ['geometry-type'], 'Point'],
    paint: {
      'circle-radius': 13,
      'circle-color': accent,
      'circle-opacity': 0.12,
      'circle-stroke-color': accent,
      'circle-stroke-width': 2.5,
    },
  } as MapStyleLayer,
];
