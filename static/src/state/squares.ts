/** Which tiles of a view a change touches. Squares come as inclusive ranges of WebMercatorQuad tiles at zoom 24. */
import type { Box, Square } from './types.ts';

export interface TileId {
  z: number;
  x: number;
  y: number;
}

const squareZoom = 24;

/** The range of tiles at zoom z that meets a box in degrees. */
export function tilesOfBox([west, south, east, north]: Box, z: number): Square {
  const n = 2 ** z;
  const column = (lon: number) => clamp(Math.floor(((lon + 180) / 360) * n), n);
  const row = (lat: number) => {
    const sin = Math.sin((lat * Math.PI) / 180);
    return clamp(Math.floor((0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)) * n), n);
  };
  return [column(west), row(north), column(east), row(south)];
}

/**
 * The tiles that lie in the view, meet a square, and may be on the screen: from minZoom up to one zoom above the
 * view's own, never above maxZoom. A view has some dozens of tiles, so the answer is short whatever the squares are.
 */
export function touchedTiles(
  squares: readonly Square[],
  view: { box: Box; zoom: number },
  limits: { minZoom: number; maxZoom: number },
): TileId[] {
  const touched = new Map<string, TileId>();
  const top = Math.min(limits.maxZoom, Math.ceil(view.zoom) + 1);
  for (let z = limits.minZoom; z <= top; z++) {
    const seen = tilesOfBox(view.box, z);
    for (const square of squares) {
      const shrink = 2 ** (squareZoom - z);
      const [x0, y0, x1, y1] = square.map((v) => Math.floor(v / shrink)) as Square;
      // One tile more on each side: a symbol or a wide line of a neighbour may reach into it.
      for (let x = Math.max(x0, seen[0] - 1); x <= Math.min(x1, seen[2] + 1); x++)
        for (let y = Math.max(y0, seen[1] - 1); y <= Math.min(y1, seen[3] + 1); y++)
          touched.set(`${z}/${x}/${y}`, { z, x, y });
    }
  }
  return [...touched.values()];
}

const clamp = (value: number, n: number) => Math.min(Math.max(value, 0), n - 1);
