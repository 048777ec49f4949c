/** Small measures of geometries: box, a point to fly to, the scale of the map. */
import type { Geometry, Position } from 'geojson';
import type { Box, Place } from './types.ts';

function* positions(geometry: Geometry): Generator<Position> {
  if (geometry.type === 'GeometryCollection') {
    for (const part of geometry.geometries) yield* positions(part);
    return;
  }
  const stack: unknown[] = [geometry.coordinates];
  while (stack.length) {
    const top = stack.pop();
    if (!Array.isArray(top)) continue;
    if (typeof top[0] === 'number') yield top as Position;
    else stack.push(...top);
  }
}

/** The box around a geometry; null when it has no positions. */
export function boxOf(geometry: Geometry | null): Box | null {
  if (!geometry) return null;
  const box: Box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lon = 0, lat = 0] of positions(geometry)) {
    box[0] = Math.min(box[0], lon);
    box[1] = Math.min(box[1], lat);
    box[2] = Math.max(box[2], lon);
    box[3] = Math.max(box[3], lat);
  }
  return box[0] === Infinity ? null : box;
}

/** The box around all of them that there are. */
export function boxAround(geometries: Iterable<Geometry | null | undefined>): Box | null {
  let all: Box | null = null;
  for (const geometry of geometries) {
    const box = boxOf(geometry ?? null);
    if (box)
      all = all
        ? [Math.min(all[0], box[0]), Math.min(all[1], box[1]), Math.max(all[2], box[2]), Math.max(all[3], box[3])]
        : box;
  }
  return all;
}

export const middleOf = ([west, south, east, north]: Box): Place => [(west + east) / 2, (south + north) / 2];

export interface Scale {
  metres: number;
  widthPx: number;
}

/** The longest round length (1, 2 or 5 × 10ⁿ metres) that is at most maxPx wide at the latitude and zoom (512 px tiles). */
export function scaleOf(lat: number, zoom: number, maxPx: number): Scale {
  const metresPerPx = (40_075_016.686 * Math.cos((lat * Math.PI) / 180)) / (512 * 2 ** zoom);
  const most = metresPerPx * maxPx;
  const power = 10 ** Math.floor(Math.log10(most));
  const metres = ([5, 2, 1].find((n) => n * power <= most) ?? 1) * power;
  return { metres, widthPx: metres / metresPerPx };
}
