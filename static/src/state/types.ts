/** The words of the server's answers, as its JSON spells them. Positions are [lon, lat] in degrees (EPSG:4326). */
import type { Geometry } from 'geojson';
import type { Difference } from './types-history.ts';

export type Lang = 'vi' | 'en';
export interface Text {
  vi: string;
  en: string;
}
export type Place = [lon: number, lat: number];
export type Box = [west: number, south: number, east: number, north: number];

export interface Code {
  value: string;
  title: Text;
  color?: string;
  validTo?: string;
}

export type FieldType =
  | 'string'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'date'
  | 'datetime'
  | 'strings'
  | 'object'
  | 'place';

export interface Field {
  name: string;
  title: Text;
  help?: Text;
  type: FieldType;
  unit?: string;
  enum?: Code[];
  required?: boolean;
  default?: unknown;
  min?: number;
  max?: number;
  pattern?: string;
  maxLength?: number;
  refers?: string;
  computed?: boolean;
  moved?: boolean;
}

export interface Move {
  id: string;
  title: Text;
  field: string;
  from: string[];
  to: string;
  secondPerson?: boolean;
  fields?: string[];
  needs?: string[];
  reason?: boolean;
  evidence?: boolean;
}

/** A move as one person may take it on one feature now. */
export interface OfferedMove {
  id: string;
  title: Text;
  to: string;
  fields?: string[] | null;
  needs?: string[] | null;
  reason?: boolean;
  evidence?: boolean;
  allowed: boolean;
  why_not?: { code: string; vi: string; en: string } | null;
}

export interface LegendEntry {
  value: string;
  title: Text;
  color: string;
  kind: string;
}

export interface Layer {
  id: string;
  title: Text;
  description: Text;
  theme: string;
  geometry: string;
  order: number;
  fields: Field[];
  moves: Move[];
  rights: { create: boolean; update: boolean; delete: boolean };
  tile: { minzoom: number; maxzoom: number; label_point?: boolean; skip?: boolean };
  style: { kind: string; color?: string; outline?: string; by?: string; opacity?: number };
  legend: LegendEntry[];
  visible_when_open: boolean;
  extent: Box | null;
  count: number | null;
}

export interface Theme {
  id: string;
  title: Text;
}

export interface Catalogue {
  layers: Layer[];
  themes: Theme[];
  revision: number;
}

export interface Person {
  name: string;
  title: string;
  role: string;
  role_title: Text;
  operator?: string | null;
  hamlet_id?: number | null;
  /** The session may do nothing but set up the second factor that the role needs. */
  second_factor_setup?: boolean;
  /** The province has let the person in; the account's own code is still awaited. */
  code_awaited?: boolean;
  keeps_accounts?: boolean;
  reads_account_log?: boolean;
}

/** What an app needs to show the codes of a second factor; the QR code is a data: address. */
export interface FactorOffer {
  secret: string;
  uri: string;
  qr: string;
}

export interface Session {
  person: Person | null;
  csrf: string;
  demo: boolean;
  title: Text;
  /** What the data is, where that must be said. */
  notice?: Text | null;
  center: Place;
  zoom: number;
  bounds: Box;
  revision: number;
}

export interface Feature {
  type: 'Feature';
  id: number;
  geometry: Geometry | null;
  properties: Record<string, unknown>;
}

/** Names one feature of one layer. */
export interface Ref {
  layer: string;
  id: number;
}

export interface HistoryEntry {
  revision: number;
  ordinal?: number;
  at: string;
  who: string | null;
  role: string | null;
  role_title?: Text | null;
  via: string | null;
  op: string;
  why: string | null;
  evidence?: Media[] | null;
  changed?: Record<string, { from: unknown; to: unknown }> | null;
  /** The same in words, "geometry" among them. */
  difference?: Difference[] | null;
  geometry_changed?: boolean;
}

export interface Media {
  id: number | string;
  name: string;
  type: string;
  url: string;
  /** Copies of a picture, at most 2,048 and 400 px. */
  view?: string | null;
  thumb?: string | null;
  size?: number;
}

export interface Hit {
  layer: string;
  layer_title: Text;
  id: number;
  name: string;
  code?: string | null;
  detail?: Text | null;
  center: Place;
  bbox: Box | null;
}

export interface TargetRow {
  id: number;
  layer: string;
  name: string;
  state: string;
  state_title: Text;
  standing: 'done' | 'open' | 'unknown';
}

export interface Target {
  code: string;
  title: Text;
  value: number | null;
  done: number;
  total: number;
  unknown: number;
  unit: Text;
  by_state?: { state: string; title: Text; count: number }[] | null;
  target: number | null;
  deadline: string | null;
  definition: { version: number | string; vi: string; en: string };
  rows: TargetRow[];
}

export interface Board {
  revision: number;
  computed_at: string;
  targets: Target[];
}

/** Inclusive range of WebMercatorQuad tiles at zoom 24: x0, y0, x1, y1. */
export type Square = [x0: number, y0: number, x1: number, y1: number];

export interface LiveChange {
  layer: string;
  id: number;
  op: string;
  squares: Square[];
}

export interface Page {
  features: Feature[];
  numberMatched?: number;
  numberReturned?: number;
  links?: { rel: string; href: string }[];
}

/** RFC 9457 problem details, as the server gives them. */
export interface Problem {
  status: number;
  code: string;
  title: string;
  detail: string;
  field?: string;
  place?: Place;
  trace?: string;
  /** How long to wait before asking again, where the server says. */
  retryAfterS?: number;
}

/** The map style as the server derives it. Only the room of the map knows it as the library's own type. */
export interface MapStyle {
  version: 8;
  sources: Record<
    string,
    { type: string; tiles?: string[]; attribution?: string; minzoom?: number; maxzoom?: number; bounds?: Box }
  >;
  layers: MapStyleLayer[];
  metadata?: Record<string, unknown>;
}

export interface MapStyleLayer {
  id: string;
  type: string;
  source?: string;
  filter?: unknown[];
  minzoom?: number;
  paint?: Record<string, unknown>;
  layout?: Record<string, unknown>;
  metadata?: { 'bando:layer'?: string; 'bando:theme'?: string };
}
