/** What is new: the revisions since one looked, kept per device; what comes in live waits until it is asked for. */
import { keepSeen, readSeen, seenIn, startOver } from '../state/seen.ts';
import type { Revision } from '../state/types-history.ts';
import type { App } from './app.ts';
import type { News, NewsFilter } from './model-history.ts';

const pageSize = 30;
/** More than this many are not counted: "99+". */
export const mostCounted = 99;
/** The map's frame is asked about when it has rested this long. */
const frameRestMs = 500;

const storage = () => localStorage;

const patch = (app: App, news: Partial<News>) => app.update({ news: { ...app.model.news, ...news } });

/** At the start: how far this device has looked. One that has never looked begins with now. */
export async function startNews(app: App, head: number): Promise<void> {
  const seen = seenIn(readSeen(storage), head);
  if (seen === null) {
    patch(app, { seen: head, head, keeps: startOver(storage, head) });
    return;
  }
  patch(app, { seen, head });
  await countUnseen(app);
}

const isOwn = (app: App, { who }: Revision) => who !== null && who === app.model.session?.person?.name;

async function countUnseen(app: App): Promise<void> {
  try {
    const since = String(app.model.news.seen ?? 0);
    const { revisions, head } = await app.server.revisions({ since, limit: String(mostCounted + 1) });
    patch(app, { unseen: revisions.filter((r) => !isOwn(app, r)).length, head });
  } catch (error) {
    app.problem(error); // a count that cannot be had is no trouble to anybody
  }
}

const asked = (app: App, { layer, who, inView }: NewsFilter): Record<string, string> => ({
  ...(layer ? { collections: layer } : {}),
  ...(who ? { who } : {}),
  ...(inView && app.map ? { bbox: app.map.frame.map((v) => v.toFixed(5)).join(',') } : {}),
});

const isOpen = ({ model }: App) => model.panel === 'news';

/** Opens the list: what is newer than the last look is marked, and counts as seen from now on. */
export async function openNews(app: App): Promise<void> {
  const seen = seenIn(readSeen(storage), app.model.news.head) ?? app.model.news.seen;
  patch(app, { seen });
  await readNews(app);
}

/** Reads the list from the top, or on where it ends. */
export async function readNews(app: App, more = false): Promise<void> {
  const { filter, revisions: before } = app.model.news;
  if (!more) patch(app, { load: 'loading', revisions: [], arrived: 0 });
  const last = before.at(-1)?.revision;
  try {
    const page = await app.server.revisions({
      ...asked(app, filter),
      limit: String(pageSize),
      ...(more && last !== undefined ? { before: String(last) } : {}),
    });
    if (app.model.news.filter !== filter) return; // another was chosen meanwhile
    const people = page.revisions.flatMap((r) => r.who ?? []);
    patch(app, {
      load: 'ready',
      revisions: more ? [...before, ...page.revisions] : page.revisions,
      more: page.more,
      head: page.head,
      unseen: 0,
      people: [...new Set([...app.model.news.people, ...people])].sort((a, b) => a.localeCompare(b, 'vi')),
      keeps: keepSeen(storage, page.head),
    });
  } catch (error) {
    app.problem(error);
    if (app.model.news.filter === filter) patch(app, { load: 'failed' });
  }
}

export function filterNews(app: App, filter: Partial<NewsFilter>): void {
  patch(app, { filter: { ...app.model.news.filter, ...filter } });
  void readNews(app);
}

let resting: ReturnType<typeof setTimeout> | undefined;

/** The list of the map's frame follows the map. */
export function newsMoved(app: App): void {
  if (!isOpen(app) || !app.model.news.filter.inView) return;
  clearTimeout(resting);
  resting = setTimeout(() => void readNews(app), frameRestMs);
}

/** Something happened: an open list says how much and stays where it is; a closed one counts. */
export async function refreshNews(app: App, arrived: 'wait' | 'show' = 'wait'): Promise<void> {
  const { news } = app.model;
  if (!isOpen(app)) return countUnseen(app);
  if (arrived === 'show') return readNews(app);
  const newest = news.revisions[0]?.revision ?? news.head;
  try {
    const page = await app.server.revisions({
      ...asked(app, news.filter),
      since: String(newest),
      limit: String(mostCounted + 1),
    });
    if (app.model.news.filter === news.filter) patch(app, { arrived: page.revisions.length });
  } catch (error) {
    app.problem(error);
  }
}
