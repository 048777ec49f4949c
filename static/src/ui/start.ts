/** Starting the page, and following the server while it is open. */
import { Events } from '../api/events.ts';
import { CommuneMap, canDraw } from '../map/map.ts';
import { parseAddress } from '../state/hash.ts';
import { tasks } from '../state/layers.ts';
import type { Box, Catalogue, Lang } from '../state/types.ts';
import type { App } from './app.ts';
import { openFeature, openHere, renewFeature } from './features.ts';
import { patchForm } from './forms.ts';
import type { PanelName } from './model.ts';
import { newsMoved, openNews, refreshNews, startNews } from './news.ts';
import { readPage, sayAgain, show } from './pages.ts';
import { showPast } from './past.ts';
import { arrive, stillThere } from './people.ts';

export async function start(app: App): Promise<void> {
  // Read before the page is drawn, which writes the address anew.
  const address = parseAddress(location.hash);
  app.update({ boot: 'loading', bootProblem: undefined, webgl: canDraw() });
  if (address.page) show(app, address.page);
  try {
    const [session, catalogue, style] = await Promise.all([
      app.server.session(),
      app.server.catalogue(),
      app.server.style(),
    ]);
    app.client.csrf = session.csrf;
    app.update({ session, catalogue, shown: firstShown(catalogue), boot: 'ready' });
    sayAgain(app);
    void arrive(app).then(() => readPage(app));
    if (app.model.webgl) {
      const container = document.getElementById('map') as HTMLElement;
      const place = { ...(address.view ? { view: address.view } : {}), bounds: session.bounds };
      app.map = new CommuneMap(container, style, app.model, place, mapEvents(app));
      app.map.describe(app.say('mapLabel'));
      app.update({ view: app.map.view });
      keepMargins(app);
    }
    follow(app, session.revision);
    void startNews(app, session.revision);
    if (address.at) await showPast(app, address.at);
    comeBack(app);
    if (address.selected) void openFeature(app, address.selected, address.view ? 'stay' : 'fly');
    await Promise.all([readBoard(app), readWork(app)]);
  } catch (error) {
    app.update({ boot: 'failed', bootProblem: app.problem(error) });
  }
}

const mapEvents = (app: App) => ({
  onMove: (view: { zoom: number; center: [number, number] }) => {
    app.update({ view });
    newsMoved(app);
  },
  onTap: (at: [number, number], found: Parameters<typeof openHere>[2]) => {
    const { detail } = app.model;
    if (detail?.kind === 'form' && detail.placing) app.map?.moveTo(at);
    else if (detail?.kind !== 'form') openHere(app, at, found);
  },
  onDrawn: () => document.body.classList.add('drawn'),
  // A tile that cannot be had now is asked for again by the next move; the status tells of a lost server.
  onFault: () => undefined,
});

const firstShown = (catalogue: Catalogue) =>
  Object.fromEntries(catalogue.layers.map((l) => [l.id, l.visible_when_open]));

/** Reads all that depends on who is looking: session, layers, style, tiles, indicators, work. */
export async function readAs(app: App): Promise<void> {
  const [session, catalogue, style] = await Promise.all([
    app.server.session(),
    app.server.catalogue(),
    app.server.style(),
  ]);
  app.client.csrf = session.csrf;
  app.update({ session, catalogue, shown: { ...firstShown(catalogue), ...app.model.shown } });
  app.map?.setStyle(style, app.model);
  app.map?.refreshAll();
  app.events?.restart();
  await Promise.all([readBoard(app), readWork(app)]);
}

export async function setLang(app: App, lang: Lang): Promise<void> {
  document.documentElement.lang = lang;
  app.update({ lang });
  app.map?.describe(app.say('mapLabel'));
  app.map?.setStyle(await app.server.style(), app.model);
}

export function showLayer(app: App, id: string, on: boolean): void {
  app.update({ shown: { ...app.model.shown, [id]: on } });
  app.map?.choose(app.model);
}

export function setOpacity(app: App, id: string, opacity: number): void {
  app.update({ opacity: { ...app.model.opacity, [id]: opacity } });
  app.map?.choose(app.model);
}

export function openPanel(app: App, panel: PanelName): void {
  const same = app.model.panel === panel;
  if (app.model.wide) app.update({ panel, query: '', hits: null });
  else {
    app.map?.select(null);
    app.update({ panel: same && !app.model.detail ? null : panel, detail: null, trail: [] });
  }
  if (panel === 'work') void readWork(app);
  if (panel === 'news' && app.model.panel === panel) void openNews(app);
}

export async function readBoard(app: App): Promise<void> {
  try {
    app.update({ board: await app.server.board(), boardLoad: 'ready' });
  } catch (error) {
    app.problem(error);
    app.update({ boardLoad: 'failed' });
  }
}

/** Rows shown of each kind of work; the rest is a tap away. */
const rowsShown = '6';

export async function readWork(app: App): Promise<void> {
  const { catalogue, session } = app.model;
  if (!catalogue || !session?.person) return;
  await Promise.all(
    tasks(catalogue).map(async ({ layer, field, state }) => {
      const key = `${layer.id}/${field.name}/${state}`;
      try {
        const page = await app.server.items(layer.id, { [field.name]: state, limit: rowsShown });
        const rows = {
          load: 'ready' as const,
          features: page.features,
          total: page.numberMatched ?? page.features.length,
        };
        app.update({ work: { ...app.model.work, [key]: rows } });
      } catch (error) {
        app.problem(error);
        app.update({ work: { ...app.model.work, [key]: { load: 'failed', features: [], total: 0 } } });
      }
    }),
  );
}

/** Changes often come in bursts (an import): what is read again is read once a moment. */
const settleMs = 250;

function follow(app: App, revision: number): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const readAgain = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void Promise.all([readBoard(app), readWork(app), refreshNews(app)]), settleMs);
  };
  app.events = new Events(revision, {
    onState: (live) => {
      // Whoever was let go meanwhile has a stream again, but as anyone.
      if (live === 'live' && app.model.live !== 'live') void stillThere(app);
      app.update({ live });
    },
    onChanges: (_, changes) => {
      app.map?.applyChanges(changes);
      void renewFeature(app, changes);
      readAgain();
    },
    onGap: () => {
      app.map?.refreshAll();
      renewOpen(app);
      readAgain();
    },
  });
}

/** Reads the open sheet again, whatever may have happened to its feature. */
function renewOpen(app: App): void {
  const { detail } = app.model;
  if (detail?.kind === 'feature' && detail.load === 'ready')
    void renewFeature(app, [{ ...detail.ref, op: 'update', squares: [] }]);
}

/** Whoever comes back to the page sees what is true now, also of things that are not told of live (a partner's own). */
function comeBack(app: App): void {
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible' || app.model.boot !== 'ready') return;
    renewOpen(app);
    void readWork(app);
    void refreshNews(app);
  });
}

/** The map keeps what it flies to clear of the sheet that covers it. */
function keepMargins(app: App): void {
  const measure = () => {
    const { wide } = app.model;
    const sheet = Math.round(innerHeight * 0.56);
    app.map?.setMargins(
      wide ? { top: 72, right: 464, bottom: 72, left: 64 } : { top: 110, right: 40, bottom: sheet + 64, left: 40 },
    );
    app.map?.resize();
  };
  measure();
  addEventListener('resize', measure);
}

export const wholeCommune = (app: App): void => {
  const bounds: Box | undefined = app.model.session?.bounds;
  if (bounds) app.map?.fly(bounds);
};

export function findMe(app: App): void {
  navigator.geolocation?.getCurrentPosition(
    ({ coords }) => {
      app.map?.moveTo([coords.longitude, coords.latitude], 16);
      app.map?.select({ type: 'Point', coordinates: [coords.longitude, coords.latitude] });
    },
    () => app.toast(app.say('myPlaceFailed')),
    { enableHighAccuracy: true, timeout: 15_000 },
  );
}

export const stopPlacing = (app: App): void => {
  const { detail } = app.model;
  if (detail?.kind !== 'form') return;
  if (detail.draft.place === null && detail.draft.kind === 'create') app.back();
  else patchForm(app, { placing: false });
};
