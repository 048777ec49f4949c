/** Opens the page. */
import { parseAddress } from './state/hash.ts';
import type { Lang } from './state/types.ts';
import { App } from './ui/app.ts';
import { openFeature } from './ui/features.ts';
import type { Model } from './ui/model.ts';
import { noNews } from './ui/model-history.ts';
import { noPages } from './ui/model-pages.ts';
import { followAddress } from './ui/pages.ts';
import { showPast } from './ui/past.ts';
import { start } from './ui/start.ts';
import { draw } from './ui/view.ts';
import { readRecent } from './ui/view-search.ts';

const desk = matchMedia('(min-width: 900px)');

const first = (lang: Lang): Model => ({
  lang,
  wide: desk.matches,
  webgl: true,
  boot: 'loading',
  session: null,
  catalogue: null,
  shown: {},
  opacity: {},
  unfolded: {},
  view: null,
  panel: desk.matches ? 'layers' : null,
  detail: null,
  trail: [],
  query: '',
  hits: null,
  hitLoad: 'ready',
  hitAt: 0,
  recent: readRecent(),
  board: null,
  boardLoad: 'loading',
  openTargets: {},
  work: {},
  names: {},
  live: 'connecting',
  news: noNews,
  past: null,
  dialog: null,
  page: null,
  pages: noPages,
  provider: null,
  toast: '',
});

const address = parseAddress(location.hash);
const app = new App(first(address.lang ?? 'vi'), draw);
document.documentElement.lang = app.model.lang;

desk.addEventListener('change', () => app.update({ wide: desk.matches, panel: desk.matches ? 'layers' : null }));
// The event's own address: the page may have written its own since.
addEventListener('hashchange', (e) => {
  const { selected, view, at, page } = parseAddress(new URL(e.newURL).hash);
  followAddress(app, page);
  if ((at ?? null) !== app.model.past) void showPast(app, at ?? null);
  if (view) app.map?.moveTo(view.center, view.zoom);
  if (selected) void openFeature(app, selected);
});
draw(app);
void start(app);
