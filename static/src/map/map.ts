/** The map on the page, in our words. This room alone knows the map library. */
import type { Geometry } from 'geojson';
import { Map as Library, type MapMouseEvent, type StyleSpecification, setWorkerUrl } from 'maplibre-gl';
import type { View } from '../state/hash.ts';
import { touchedTiles } from '../state/squares.ts';
import type { Box, LiveChange, MapStyle, Place, Square } from '../state/types.ts';
import { type Sides, sideData } from './sides.ts';
import { type Choice, compose, opacityPaint, ownerOf, selectionSource } from './style.ts';

export interface Found {
  layer: string;
  id: number;
  properties: Record<string, unknown>;
}

export interface MapEvents {
  onMove(view: View): void;
  onTap(at: Place, found: Found[]): void;
  /** Everything in view is drawn. */
  onDrawn(): void;
  onFault(message: string): void;
}

/** Room that the page covers at the map's edges, in px. */
export interface Margins {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

/** A reader's finger covers more than a pointer's tip. */
const tapReachPx = 7;

export const canDraw = (): boolean => {
  try {
    return document.createElement('canvas').getContext('webgl2') !== null;
  } catch {
    return false;
  }
};

export class CommuneMap {
  readonly #map: Library;
  readonly #events: MapEvents;
  #style: MapStyle;
  #choice: Choice;
  #margins: Margins = { top: 40, right: 40, bottom: 40, left: 40 };
  #selection: Geometry | null = null;
  #sides: Sides | null = null;

  constructor(
    container: HTMLElement,
    style: MapStyle,
    choice: Choice,
    start: { view?: View; bounds: Box },
    events: MapEvents,
  ) {
    setWorkerUrl(new URL('/assets/vendor/maplibre-gl-worker.mjs', location.href).href);
    this.#style = style;
    this.#choice = choice;
    this.#events = events;
    this.#map = new Library({
      container,
      style: compose(style, choice) as unknown as StyleSpecification,
      ...(start.view
        ? { center: start.view.center, zoom: start.view.zoom }
        : { bounds: start.bounds, fitBoundsOptions: { padding: 24 } }),
      maxBounds: widen(start.bounds, 1.2),
      maxZoom: 21,
      minZoom: 8,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      attributionControl: false,
      // Tiles that left the view are asked for again, so that none comes back older than a change it missed.
      maxTileCacheSize: 0,
      fadeDuration: reducedMotion() ? 0 : 150,
    });
    this.#map.touchZoomRotate.disableRotation();
    this.#map.on('moveend', () => events.onMove(this.view));
    this.#map.on('zoom', () => events.onMove(this.view)); // the scale bar follows
    this.#map.on('click', (e: MapMouseEvent) => this.#tapped(e.point));
    this.#map.on('style.load', () => this.#drawSelection());
    this.#map.on('idle', () => events.onDrawn());
    this.#map.on('error', (e) => events.onFault(e.error.message));
    this.#map
      .getCanvas()
      .addEventListener('keydown', (e) => e.key === 'Enter' && this.#tapped(this.#map.project(this.#map.getCenter())));
  }

  get view(): View {
    const { lng, lat } = this.#map.getCenter();
    return { zoom: this.#map.getZoom(), center: [lng, lat] };
  }

  /** Whether the base map of OpenStreetMap's data is drawn under the layers. */
  get hasBase(): boolean {
    return this.#style.sources.base !== undefined && this.#choice.shown.base !== false;
  }

  /** What the map's canvas is called by screen readers. */
  describe(label: string): void {
    this.#map.getCanvas().setAttribute('aria-label', label);
    this.#map.getCanvas().setAttribute('role', 'application');
  }

  setMargins(margins: Margins): void {
    this.#margins = margins;
  }

  /** Draws the next frame anew: without a GPU, browsers lose what a panel has covered. */
  repaint(): void {
    this.#map.triggerRepaint();
  }

  resize(): void {
    this.#map.resize();
  }

  setStyle(style: MapStyle, choice: Choice): void {
    this.#style = style;
    this.#choice = choice;
    this.#map.setStyle(compose(style, choice) as unknown as StyleSpecification, { diff: true });
    this.#drawSelection();
  }

  /** Fetches every tile again: the reader has become another, or missed what happened. */
  refreshAll(): void {
    for (const [id, source] of Object.entries(this.#style.sources))
      if (source.type === 'vector' && this.#map.getSource(id)) this.#map.refreshTiles(id);
  }

  choose(choice: Choice): void {
    const before = this.#choice;
    if (before.past !== choice.past) {
      this.setStyle(this.#style, choice);
      return;
    }
    this.#choice = choice;
    for (const layer of this.#style.layers) {
      const owner = ownerOf(layer);
      if (!owner || !this.#map.getLayer(layer.id)) continue;
      if (before.shown[owner] !== choice.shown[owner])
        this.#map.setLayoutProperty(layer.id, 'visibility', choice.shown[owner] === false ? 'none' : 'visible');
      if (before.opacity[owner] !== choice.opacity[owner])
        for (const [name, value] of opacityPaint(layer, choice.opacity[owner] ?? 1))
          this.#map.setPaintProperty(layer.id, name as 'fill-opacity', value as number);
    }
  }

  /** Fetches again the tiles on the screen that the changes touch, and no others. */
  applyChanges(changes: readonly LiveChange[]): void {
    if (this.#choice.past !== null) return; // the past stays as it was
    const squares = new Map<string, Square[]>();
    for (const change of changes) {
      const known = squares.get(change.layer);
      if (known) known.push(...change.squares);
      else squares.set(change.layer, [...change.squares]);
    }
    const refresh = () => {
      for (const [layer, touched] of squares) this.#refresh(layer, touched);
    };
    const busy = !this.#map.areTilesLoaded();
    refresh();
    // A tile on its way while the change was made may be the older one: look once more when all have come.
    if (busy) this.#map.once('idle', refresh);
  }

  #refresh(layer: string, squares: Square[]): void {
    const source = this.#style.sources[layer];
    if (source?.type !== 'vector' || !this.#map.getSource(layer)) return;
    const limits = { minZoom: source.minzoom ?? 0, maxZoom: source.maxzoom ?? 22 };
    const tiles = touchedTiles(squares, { box: this.frame, zoom: this.#map.getZoom() }, limits);
    if (tiles.length) this.#map.refreshTiles(layer, tiles);
  }

  select(geometry: Geometry | null): void {
    this.#selection = geometry;
    this.#drawSelection();
  }

  /** Shows two states of the same things; null takes them away. */
  compare(sides: Sides | null): void {
    this.#sides = sides;
    this.#drawSelection();
  }

  #drawSelection(): void {
    const features = this.#selection ? [{ type: 'Feature', properties: {}, geometry: this.#selection }] : [];
    const own = { [selectionSource]: { type: 'FeatureCollection', features }, ...sideData(this.#sides) };
    for (const [id, data] of Object.entries(own)) {
      const source = this.#map.getSource(id) as { setData?: (data: unknown) => void } | undefined;
      source?.setData?.(data);
    }
  }

  /** The box of what is in view. */
  get frame(): Box {
    const bounds = this.#map.getBounds();
    return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  }

  /** Brings a box into view, clear of the page's panels; a point is shown from closer. */
  fly(box: Box, closest = 17): void {
    const point = box[0] === box[2] && box[1] === box[3];
    const maxZoom = point ? Math.max(this.#map.getZoom(), closest - 1) : closest;
    this.#map.fitBounds(box, {
      padding: this.#margins,
      maxZoom,
      ...(reducedMotion() ? { animate: false } : { duration: 700 }),
    });
  }

  moveTo(center: Place, zoom = this.#map.getZoom()): void {
    this.#map.easeTo({ center, zoom, ...(reducedMotion() ? { animate: false } : { duration: 350 }) });
  }

  zoomBy(step: number): void {
    this.moveTo(this.view.center, this.#map.getZoom() + step);
  }

  /** What lies under a point of the screen, the highest first, each feature once. */
  #tapped(point: { x: number; y: number }): void {
    const reach: [[number, number], [number, number]] = [
      [point.x - tapReachPx, point.y - tapReachPx],
      [point.x + tapReachPx, point.y + tapReachPx],
    ];
    const found = new Map<string, Found>();
    // Areas answer for the very point; only thin and small things for its surroundings.
    const areas = new Set(this.#map.queryRenderedFeatures([point.x, point.y]).map((f) => `${f.layer.id}/${f.id}`));
    for (const feature of this.#map.queryRenderedFeatures(reach)) {
      const layer = ownerOf(feature.layer as never);
      if (!layer || typeof feature.id !== 'number') continue;
      if (feature.layer.type === 'fill' && !areas.has(`${feature.layer.id}/${feature.id}`)) continue;
      if (isOutline(feature.layer.type, feature.geometry.type) && this.#isFilled(layer)) continue;
      const key = `${layer}/${feature.id}`;
      if (!found.has(key)) found.set(key, { layer, id: feature.id, properties: feature.properties });
    }
    const at = this.#map.unproject([point.x, point.y]);
    this.#events.onTap([at.lng, at.lat], [...found.values()]);
  }

  #isFilled(owner: string): boolean {
    return this.#style.layers.some((layer) => layer.type === 'fill' && ownerOf(layer) === owner);
  }
}

/** The outline of an area is drawn as lines; it says nothing that its fill does not. */
const isOutline = (drawnAs: string, geometry: string) => drawnAs === 'line' && geometry.includes('Polygon');

const reducedMotion = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

function widen([west, south, east, north]: Box, by: number): Box {
  const [x, y] = [(east - west) * by, (north - south) * by];
  return [west - x, south - y, east + x, north + y];
}
