/** Two states of the same things on one map: before in dashed ochre, after in solid indigo, each also told by its form. */
import type { Geometry } from 'geojson';
import type { MapStyleLayer } from '../state/types.ts';

export type ShownSide = 'both' | 'before' | 'after';

export interface Sides {
  before: readonly Geometry[];
  after: readonly Geometry[];
  side: ShownSide;
}

export const sideSources = ['bando-before', 'bando-after'] as const;
const [beforeSource, afterSource] = sideSources;
const [ochre, indigo] = ['#a85a08', '#2b3a8c'];

const shape = (
  source: string,
  id: string,
  type: string,
  paint: Record<string, unknown>,
  of: string,
): MapStyleLayer => ({
  id: `${source}-${id}`,
  type,
  source,
  filter: of === 'Point' ? ['==', ['geometry-type'], of] : ['!=', ['geometry-type'], 'Point'],
  ...(type === 'line' ? { layout: { 'line-join': 'round' } } : {}),
  paint,
});

const area = (source: string, color: string): MapStyleLayer => ({
  id: `${source}-area`,
  type: 'fill',
  source,
  filter: ['==', ['geometry-type'], 'Polygon'],
  paint: { 'fill-color': color, 'fill-opacity': 0.12 },
});

const casing = { 'line-color': '#fffdf8', 'line-width': 6, 'line-opacity': 0.85 };

export const sideLayers: MapStyleLayer[] = [
  area(afterSource, indigo),
  area(beforeSource, ochre),
  shape(afterSource, 'casing', 'line', casing, ''),
  shape(afterSource, 'line', 'line', { 'line-color': indigo, 'line-width': 3 }, ''),
  shape(beforeSource, 'casing', 'line', { ...casing, 'line-width': 5 }, ''),
  shape(beforeSource, 'line', 'line', { 'line-color': ochre, 'line-width': 2.5, 'line-dasharray': [2, 1.5] }, ''),
  shape(
    afterSource,
    'point',
    'circle',
    { 'circle-radius': 8, 'circle-color': indigo, 'circle-stroke-color': '#fffdf8', 'circle-stroke-width': 2 },
    'Point',
  ),
  shape(
    beforeSource,
    'point',
    'circle',
    {
      'circle-radius': 11,
      'circle-color': ochre,
      'circle-opacity': 0.1,
      'circle-stroke-color': ochre,
      'circle-stroke-width': 3,
    },
    'Point',
  ),
];

/** The content of the two sources. */
export function sideData(sides: Sides | null): Record<string, unknown> {
  const of = (geometries: readonly Geometry[]) => ({
    type: 'FeatureCollection',
    features: geometries.map((geometry) => ({ type: 'Feature', properties: {}, geometry })),
  });
  return {
    [beforeSource]: of(sides && sides.side !== 'after' ? sides.before : []),
    [afterSource]: of(sides && sides.side !== 'before' ? sides.after : []),
  };
}
