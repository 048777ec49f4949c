/** The page's address keeps the view and what is chosen: #map=14/22.34000/103.62000&sel=hamlets/12&at=2026-05-01T00:00:00Z&lang=en
 * A page of people stands there as page=account or page=people/12, an invitation as join=code. */
import type { Lang, Place, Ref } from './types.ts';

export interface View {
  zoom: number;
  center: Place;
}

export const pageNames = ['account', 'tokens', 'people', 'organisations', 'log'] as const;

/** One of the pages of people, and of whom or what it is: a person's id, a name in the log, an invitation's code. */
export interface Page {
  name: (typeof pageNames)[number] | 'join';
  of?: string;
}

export interface Address {
  view?: View;
  selected?: Ref;
  page?: Page;
  lang?: Lang;
  /** The moment in the past that is looked at, RFC 3339 in UTC. */
  at?: string;
}

export function parseAddress(hash: string): Address {
  const query = new URLSearchParams(hash.replace(/^#/, ''));
  const address: Address = {};
  const [zoom, lat, lon] = (query.get('map') ?? '').split('/').map(Number);
  if (isWithin(zoom, 0, 24) && isWithin(lat, -85, 85) && isWithin(lon, -180, 180))
    address.view = { zoom, center: [lon, lat] };
  const sel = /^([a-z][a-z0-9_]{1,39})\/(\d{1,18})$/.exec(query.get('sel') ?? '');
  if (sel?.[1] && sel[2]) address.selected = { layer: sel[1], id: Number(sel[2]) };
  const at = query.get('at') ?? '';
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(at) && !Number.isNaN(Date.parse(at))) address.at = at;
  const page = parsePage(query);
  if (page) address.page = page;
  const lang = query.get('lang');
  if (lang === 'vi' || lang === 'en') address.lang = lang;
  return address;
}

function parsePage(query: URLSearchParams): Page | undefined {
  const code = query.get('join');
  if (code) return { name: 'join', of: code };
  const [, name, of] = /^([a-z]+)(?:\/(.+))?$/.exec(query.get('page') ?? '') ?? [];
  const known = pageNames.find((n) => n === name);
  return known && { name: known, ...(of ? { of } : {}) };
}

export function writeAddress({ view, selected, page, lang, at }: Address): string {
  const parts: string[] = [];
  if (page?.name === 'join') parts.push(`join=${encodeURIComponent(page.of ?? '')}`);
  else if (page) parts.push(`page=${page.name}${page.of ? `/${encodeURIComponent(page.of)}` : ''}`);
  if (view) parts.push(`map=${round(view.zoom, 2)}/${view.center[1].toFixed(5)}/${view.center[0].toFixed(5)}`);
  if (selected) parts.push(`sel=${selected.layer}/${selected.id}`);
  if (at) parts.push(`at=${at}`);
  if (lang && lang !== 'vi') parts.push(`lang=${lang}`);
  return parts.length ? `#${parts.join('&')}` : '';
}

const round = (value: number, digits: number) => Number(value.toFixed(digits));

const isWithin = (value: number | undefined, min: number, max: number): value is number =>
  value !== undefined && Number.isFinite(value) && value >= min && value <= max;
