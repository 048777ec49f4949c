/** The map of one collection, on a page that the server writes: /collections/{collection}/map. */
import { CommuneMap, canDraw, type Found } from './map/map.ts';
import type { Box, MapStyle, Place } from './state/types.ts';

const byId = (id: string): HTMLElement => {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
};

const read = async <T>(path: string): Promise<T> => {
  const answer = await fetch(path, { headers: { Accept: 'application/json' } });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return (await answer.json()) as T;
};

const say = (text: string): void => {
  const line = document.createElement('p');
  line.textContent = text;
  byId('found').replaceChildren(line);
};

/** The titles of the attributes, by their names. */
type Titles = Record<string, { title?: string } | undefined>;

/** What was tapped: each feature with its name, linked to the whole of it as of the page's moment, and what its tile says. */
function show(found: Found[], items: string, moment: string, titles: Titles): void {
  const parts = found.slice(0, 3).map(({ id, properties }) => {
    const part = document.createElement('article');
    const link = document.createElement('a');
    link.href = `${items}/${id}${moment && `?datetime=${encodeURIComponent(moment)}`}`;
    link.textContent = String(properties.name ?? properties.code ?? id);
    const heading = document.createElement('h2');
    heading.append(link);
    const list = document.createElement('dl');
    for (const [name, value] of Object.entries(properties)) {
      const term = document.createElement('dt');
      term.textContent = titles[name]?.title ?? name;
      const said = document.createElement('dd');
      said.textContent = String(value);
      list.append(term, said);
    }
    part.append(heading, list);
    return part;
  });
  byId('found').replaceChildren(...parts);
}

/** Some place of a geometry. */
function placeOf(coordinates: unknown): Place | undefined {
  if (!Array.isArray(coordinates)) return undefined;
  const [lon, lat] = coordinates;
  return typeof lon === 'number' && typeof lat === 'number' ? [lon, lat] : placeOf(lon);
}

/** A layer that is drawn from close by only opens at one of its features. */
async function comeClose(map: CommuneMap, style: MapStyle, items: string, moment: string): Promise<void> {
  const first = Math.min(...Object.entries(style.sources).map(([id, s]) => (id === 'base' ? 24 : (s.minzoom ?? 0))));
  if (map.view.zoom >= first) return;
  const page = await read<{ features: { geometry: { coordinates?: unknown } | null }[] }>(
    `${items}?limit=1${moment && `&datetime=${encodeURIComponent(moment)}`}`,
  );
  map.moveTo(placeOf(page.features[0]?.geometry?.coordinates) ?? map.view.center, first + 0.5);
}

async function start(): Promise<void> {
  const container = byId('map');
  const { drawing = '', items = '', moment = '', label = '', west, south, east, north } = container.dataset;
  const hint = byId('found').textContent ?? '';
  const [style, schema] = await Promise.all([
    read<MapStyle>(drawing),
    read<{ properties: Titles }>(items.replace(/items$/, `schema?lang=${document.documentElement.lang}`)),
  ]);
  const bounds = [west, south, east, north].map(Number) as unknown as Box;
  const map = new CommuneMap(
    container,
    style,
    { shown: {}, opacity: {}, past: null },
    { bounds },
    {
      onMove: () => {},
      onTap: (_, found) => (found.length ? show(found, items, moment, schema.properties) : say(hint)),
      onDrawn: () => {
        container.dataset.drawn = 'true';
      },
      onFault: say,
    },
  );
  map.describe(label);
  byId('zoom-in').addEventListener('click', () => map.zoomBy(1));
  byId('zoom-out').addEventListener('click', () => map.zoomBy(-1));
  await comeClose(map, style, items, moment);
}

if (canDraw()) start().catch((fault: unknown) => say(String(fault)));
else say(byId('map').dataset.needs ?? '');
