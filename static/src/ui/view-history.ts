/** What has happened to a feature: who, when, why, on what evidence, and what changed, in words. */
import { html, nothing, type TemplateResult } from 'lit';
import { fieldOf, nameOf } from '../state/layers.ts';
import type { HistoryEntry, Layer, Media, Text } from '../state/types.ts';
import type { Author, Difference } from '../state/types-history.ts';
import type { WordKey } from '../state/words.ts';
import type { App } from './app.ts';
import { openChange } from './change.ts';
import { icon } from './icons.ts';
import type { FeatureDetail } from './model.ts';
import { openUndo } from './undo.ts';

const shortHistory = 4;

const ops: Record<string, WordKey> = { create: 'opCreate', update: 'opUpdate', delete: 'opDelete' };

/** The ways in that a reader should know of; a change by hand on the map is the ordinary one. */
const ways: Record<string, WordKey> = { import: 'viaImport', demo: 'viaDemo', sql: 'viaSql', psql: 'viaSql' };

export function historyView(app: App, layer: Layer, detail: FeatureDetail, showAll: () => void): TemplateResult {
  const { history, wholeHistory, historyLoad, ref } = detail;
  const shown = wholeHistory ? history : history.slice(0, shortHistory);
  const item = `/collections/${ref.layer}/items/${ref.id}`;
  return html`<section class="history">
    <h3>${app.say('history')}</h3>
    ${historyLoad === 'failed' ? html`<p class="fault" role="alert">${app.say('historyFailed')}</p>` : history.length === 0 ? html`<p class="faint">${app.say('historyEmpty')}</p>` : nothing}
    <ol class="plain">${shown.map((entry) => entryView(app, layer, detail, entry))}</ol>
    ${
      history.length > shown.length
        ? html`<button type="button" class="text" @click=${showAll}>${app.say('historyMore', { n: history.length })}</button>`
        : nothing
    }
    ${
      history.length
        ? html`<div class="actions papers">
            <a class="quiet" href=${`${item}/evidence.pdf`} target="_blank" rel="noopener">${icon('file')}${app.say('evidenceSheet')}</a>
            <a class="quiet" href=${`${item}/proof?f=html&lang=${app.model.lang}`} target="_blank" rel="noopener">${icon('proof')}${app.say('proofPage')}</a>
          </div>`
        : nothing
    }
  </section>`;
}

/** Title and role as the server gives them, the account's name where it is told. */
export function whoView(app: App, { who, role_title }: Author, via?: string | null): TemplateResult {
  const title = app.say.text(role_title);
  const way = ways[via ?? ''];
  return html`<p class="who"><strong>${title || who || app.say('someone')}</strong>${title && who ? html` <span class="account">(${who})</span>` : nothing}${way ? html` <span class="faint">${app.say(way)}</span>` : nothing}</p>`;
}

export const whenView = (app: App, at: string, revision?: number): TemplateResult =>
  html`<p class="faint when"><time datetime=${at}>${app.say.ago(at)} · ${app.say.time(at)}</time>${revision === undefined ? nothing : html` · ${app.say('revision', { n: revision })}`}</p>`;

function entryView(app: App, layer: Layer, detail: FeatureDetail, entry: HistoryEntry): TemplateResult {
  const { say } = app;
  const lines = linesView(app, layer, entry);
  return html`<li data-revision=${entry.revision}>
    ${whoView(app, entry, entry.via)} ${whenView(app, entry.at, entry.revision)}
    ${entry.why ? html`<p class="why">${entry.why}</p>` : nothing}
    ${entry.op !== 'update' || lines === nothing ? html`<p>${say(ops[entry.op] ?? 'opUpdate')}</p>` : nothing}
    ${lines} ${evidenceView(app, entry.evidence)}
    <div class="actions">${entryActions(app, layer, detail, entry)}</div>
  </li>`;
}

function entryActions(app: App, layer: Layer, { ref, feature }: FeatureDetail, entry: HistoryEntry) {
  const name = nameOf(app.say, layer, ref.id, feature?.properties ?? {});
  const n = entry.revision;
  // What it was is worth a map where the shape is another, or the thing came or went.
  const drawn = app.map && layer.geometry !== 'None';
  return html`${drawn ? html`<button type="button" class="text" aria-label=${app.say('seeChangeOf', { n })} @click=${() => void openChange(app, ref, name, entry)}>${icon('pin')}${app.say('seeChange')}</button>` : nothing}
    ${mayUndo(app, layer, entry.op) ? html`<button type="button" class="text" data-undo=${n} aria-label=${app.say('undoOf', { n })} @click=${() => void openUndo(app, { revision: n, name, only: ref, entry })}>${icon('undo')}${app.say('undo')}</button>` : nothing}`;
}

/** Whether it is worth asking the server: undoing is a write of the opposite kind, which it judges by the row. */
export function mayUndo(app: App, layer: Layer | undefined, op: string): boolean {
  if (!app.model.session?.person || app.model.past || !layer) return false;
  return { create: layer.rights.delete, update: layer.rights.update, delete: layer.rights.create }[op] ?? false;
}

/** Created things list no changes: everything about them was new. */
export function linesView(app: App, layer: Layer, entry: HistoryEntry): TemplateResult | typeof nothing {
  const lines = entry.op === 'create' ? [] : linesOf(app, layer, entry);
  if (!lines.length) return nothing;
  return html`<ul class="plain changes">
    ${lines.map(
      ({ title, from, to }) =>
        html`<li>${from === null && to === null ? title : html`<span class="faint">${title}:</span> ${app.say('fromTo', { from: from ?? app.say('noData'), to: to ?? app.say('noData') })}`}</li>`,
    )}
  </ul>`;
}

export interface Line {
  title: string;
  from: string | null;
  to: string | null;
}

/** The difference as the server words it, else from the bare values. */
export function linesOf(app: App, layer: Layer, entry: HistoryEntry): Line[] {
  if (entry.difference?.length) return entry.difference.map((line) => worded(app, line));
  const lines = Object.entries(entry.changed ?? {}).flatMap(([name, { from, to }]) => {
    const field = fieldOf(layer, name);
    if (!field) return [];
    const say = (value: unknown) =>
      field.refers
        ? (app.model.names[`${field.refers}/${value}`] ?? app.say.value(value))
        : app.say.value(value, field);
    return [{ title: app.say.text(field.title), from: say(from), to: say(to) }];
  });
  return entry.geometry_changed ? [...lines, { title: app.say('geometryChanged'), from: null, to: null }] : lines;
}

/** The difference in one line. */
export const lineOf = (app: App, layer: Layer, entry: HistoryEntry): string =>
  linesOf(app, layer, entry)
    .map(({ title, from, to }) =>
      from === null && to === null
        ? title
        : `${title}: ${app.say('fromTo', { from: from ?? app.say('noData'), to: to ?? app.say('noData') })}`,
    )
    .join('; ');

function worded(app: App, { title, from, to, how }: Difference): Line {
  const text = (of: Text | null) => app.say.text(of) || null;
  if (how) return { title: `${app.say.text(title)}: ${app.say.text(how)}`, from: null, to: null };
  return { title: app.say.text(title), from: text(from), to: text(to) };
}

/** A small picture that leads to the large one. One that this reader may not see, or that is gone, is a quiet word. */
export const pictureView = (app: App, large: string, small: string, alt: string): TemplateResult =>
  html`<a class="picture" href=${large} target="_blank" rel="noopener"><img src=${small} alt=${alt} loading="lazy" width="96" height="72"
    @load=${(e: Event) => markUnseen(e, false)} @error=${(e: Event) => markUnseen(e, true)} /></a><span class="faint unseen">${app.say('photoUnseen')}</span>`;

const markUnseen = (e: Event, unseen: boolean) =>
  (e.target as Element).closest('li')?.classList.toggle('unseen-picture', unseen);

/** Only whom the server tells a picture's name gets what was sent; for others its address leads to the view. */
export const evidenceView = (
  app: App,
  evidence: readonly Media[] | null | undefined,
): TemplateResult | typeof nothing =>
  evidence?.length
    ? html`<ul class="plain evidence">
        ${evidence.map(
          (media) => html`<li>
            ${
              media.type.startsWith('image/')
                ? html`${pictureView(app, media.view ?? media.url, media.thumb ?? media.url, media.name)}
                  ${media.view && media.name ? html`<a class="faint original" href=${media.url} target="_blank" rel="noopener">${app.say('original')}</a>` : nothing}`
                : html`<a href=${media.url} target="_blank" rel="noopener">${icon('file')}${media.name}</a>`
            }
          </li>`,
        )}
      </ul>`
    : nothing;
