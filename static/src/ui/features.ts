/** Opening, renewing and listing features. */
import type { Found } from '../map/map.ts';
import { boxOf } from '../state/geometry.ts';
import { nameOf, sameRef } from '../state/layers.ts';
import type { Box, Feature, LiveChange, Place, Ref } from '../state/types.ts';
import type { App } from './app.ts';
import type { FeatureDetail, ListDetail } from './model.ts';

/** Opens a feature's sheet and reads it from the server, with its history and the moves this person may make. */
export async function openFeature(app: App, ref: Ref, fly: 'fly' | 'stay' = 'stay', box?: Box | null): Promise<void> {
  const start: FeatureDetail = { kind: 'feature', ref, load: 'loading', history: [], moves: [] };
  const now = app.model.detail;
  if (now?.kind === 'feature' && sameRef(now.ref, ref)) app.update({ detail: start });
  else app.push(start);
  if (!app.model.wide) app.update({ panel: null });
  if (fly === 'fly' && box) app.map?.fly(box);
  const feature = await readFeature(app, ref);
  if (!feature || !isOpen(app, ref)) return;
  app.map?.select(feature.geometry);
  const found = boxOf(feature.geometry);
  if (fly === 'fly' && !box && found) app.map?.fly(found);
}

const isOpen = (app: App, ref: Ref) => app.model.detail?.kind === 'feature' && sameRef(app.model.detail.ref, ref);

async function readFeature(app: App, ref: Ref): Promise<Feature | null> {
  const signedIn = app.model.session?.person != null;
  const { past } = app.model;
  try {
    const [feature, { history, historyLoad }, moves] = await Promise.all([
      app.server.feature(ref, past),
      readHistory(app, ref),
      signedIn && !past && app.layer(ref.layer)?.moves.length ? app.server.moves(ref).catch(() => []) : [],
    ]);
    patchFeature(app, ref, { load: 'ready', feature, history, historyLoad, moves });
    void readNames(app, feature, ref);
    return feature;
  } catch (error) {
    patchFeature(app, ref, { load: 'failed', problem: app.problem(error) });
    return null;
  }
}

/** A sheet without its history still serves; that it is missing is said. */
async function readHistory(
  app: App,
  ref: Ref,
): Promise<Pick<FeatureDetail, 'history'> & { historyLoad: 'ready' | 'failed' }> {
  try {
    return { history: await app.server.history(ref), historyLoad: 'ready' };
  } catch (error) {
    app.problem(error);
    return { history: [], historyLoad: 'failed' };
  }
}

export function patchFeature(app: App, ref: Ref, patch: Partial<FeatureDetail>): void {
  const { detail } = app.model;
  if (detail?.kind === 'feature' && sameRef(detail.ref, ref)) app.update({ detail: { ...detail, ...patch } });
}

/** Reads the names of the features that this one refers to. */
async function readNames(app: App, feature: Feature, ref: Ref): Promise<void> {
  const wanted = (app.layer(ref.layer)?.fields ?? []).flatMap(({ name, refers }) => {
    const id = feature.properties[name];
    return refers && typeof id === 'number' && app.model.names[`${refers}/${id}`] === undefined
      ? [{ layer: refers, id }]
      : [];
  });
  const read = async (other: Ref) => {
    const { properties } = await app.server.feature(other);
    const name = nameOf(app.say, app.layer(other.layer), other.id, properties);
    app.update({ names: { ...app.model.names, [`${other.layer}/${other.id}`]: name } });
  };
  await Promise.allSettled(wanted.map(read)); // where a name cannot be had, the number stands in for it
}

/** Reads the names of all features of a layer, for choosing one in a form. */
export async function readAllNames(app: App, layer: string): Promise<void> {
  const page = await app.server.items(layer, { limit: '1000' });
  const names = { ...app.model.names };
  for (const f of page.features) names[`${layer}/${f.id}`] = nameOf(app.say, app.layer(layer), f.id, f.properties);
  app.update({ names });
}

/** A sheet that is open follows the changes of its feature. */
export async function renewFeature(app: App, changes: readonly LiveChange[]): Promise<void> {
  const { detail } = app.model;
  if (detail?.kind !== 'feature' || app.model.past) return;
  const change = changes.find((c) => sameRef(c, detail.ref));
  if (!change) return;
  if (change.op === 'delete') {
    app.map?.select(null);
    patchFeature(app, detail.ref, {
      load: 'failed',
      problem: { status: 404, code: 'deleted', title: '', detail: app.say('deletedNow') },
    });
    return;
  }
  const before = detail.feature?.properties.revision;
  const feature = await readFeature(app, detail.ref);
  if (!feature || !isOpen(app, detail.ref)) return;
  app.map?.select(feature.geometry);
  if (feature.properties.revision !== before) patchFeature(app, detail.ref, { renewed: true });
}

/** What the reader touched: one thing opens, several are listed, nothing is said in a word. */
export function openHere(app: App, at: Place, found: Found[]): void {
  const { detail } = app.model;
  const shown = found.filter((f) => app.layer(f.layer));
  if (shown.length === 0 && !detail) {
    app.toast(app.say('hereNone'));
    return;
  }
  app.map?.select(null);
  app.update({ trail: [], detail: null });
  const [only] = shown;
  if (shown.length === 1 && only) void openFeature(app, only);
  else if (shown.length > 1)
    app.update({ detail: { kind: 'here', at, found: shown }, ...(app.model.wide ? {} : { panel: null }) });
}

const pageSize = 50;

export async function openList(
  app: App,
  layer: string,
  query: Record<string, string> = {},
  title?: string,
): Promise<void> {
  const start: ListDetail = { kind: 'list', layer, load: 'loading', features: [], query, ...(title ? { title } : {}) };
  app.push(start);
  if (!app.model.wide) app.update({ panel: null });
  await readList(app, layer);
}

export async function readList(app: App, layer: string): Promise<void> {
  const before = app.model.detail;
  if (before?.kind !== 'list' || before.layer !== layer) return;
  try {
    const page = await (before.next
      ? app.server.page(before.next)
      : app.server.items(layer, { ...before.query, limit: String(pageSize) }, app.model.past));
    const now = app.model.detail;
    if (now?.kind !== 'list' || now.layer !== layer) return;
    const { next: _, ...rest } = now;
    const next = page.links?.find((l) => l.rel === 'next')?.href;
    const features = [...now.features, ...page.features];
    const total = page.numberMatched ?? now.total ?? features.length;
    app.update({ detail: { ...rest, load: 'ready', features, total, ...(next ? { next } : {}) } });
  } catch (error) {
    app.problem(error);
    if (app.model.detail?.kind === 'list') app.update({ detail: { ...app.model.detail, load: 'failed' } });
  }
}
