/** One change on the map and in words; and a revision as the list of what it touched. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ShownSide } from '../map/sides.ts';
import { boxAround } from '../state/geometry.ts';
import type { Op, Revision } from '../state/types-history.ts';
import type { WordKey } from '../state/words.ts';
import type { App } from './app.ts';
import { nameIn, openPlaced, readRevision, showSide } from './change.ts';
import { openFeature } from './features.ts';
import { icon } from './icons.ts';
import { type ChangeDetail, type RevisionDetail, sameShape } from './model-history.ts';
import { featureRow, layerSwatch, loading, trouble } from './parts.ts';
import { openUndo } from './undo.ts';
import { evidenceView, lineOf, linesView, mayUndo, whenView, whoView } from './view-history.ts';
import { sideChoice } from './view-sides.ts';

const opWords: Record<string, WordKey> = { create: 'created', update: 'updated', delete: 'deleted' };

/** What became of it, as a word with a colour and a sign. */
export const opBadge = (app: App, op: string): TemplateResult =>
  html`<span class="badge op ${op}">${app.say(opWords[op] ?? 'updated')}</span>`;

export function changeView(app: App, detail: ChangeDetail): TemplateResult {
  const { entry, ref, load, problem, edits, name } = detail;
  const layer = app.layer(ref.layer);
  if (load === 'failed') return trouble(app, problem);
  if (!layer) return loading(app);
  const gone = detail.after === null && load === 'ready';
  return html`${shapesView(app, detail)}
    <p class="op-row">${opBadge(app, entry.op)}${edits > 1 ? html`<span class="faint">${app.say('compareEdits', { n: edits })}</span>` : nothing}</p>
    ${linesView(app, layer, entry)}
    ${entry.at ? html`${whoView(app, entry, entry.via)} ${whenView(app, entry.at, entry.revision)}` : nothing}
    ${entry.why ? html`<p class="why">${entry.why}</p>` : nothing} ${evidenceView(app, entry.evidence)}
    <div class="actions change-actions">
      ${gone ? nothing : html`<button type="button" class="quiet" @click=${() => void openFeature(app, ref, 'fly')}>${icon('forward')}${app.say('openNow')}</button>`}
      ${
        edits === 1 && mayUndo(app, layer, entry.op)
          ? html`<button type="button" class="quiet" data-undo=${entry.revision} @click=${() => void openUndo(app, { revision: entry.revision, name, only: ref, entry })}>${icon('undo')}${app.say('undo')}</button>`
          : nothing
      }
    </div>`;
}

/** Which outline is which: a choice where there are two, a word where there is one. */
function shapesView(app: App, { before, after, load, side, entry }: ChangeDetail): TemplateResult | typeof nothing {
  if (!app.map) return nothing;
  if (load === 'loading')
    return html`<div class="sides-row" role="status"><span class="faint">${app.say('loading')}</span></div>`;
  const [was, is] = [before?.geometry ?? null, after?.geometry ?? null];
  if (!was && !is) return nothing;
  const seen = () => {
    const box = boxAround([was, is]);
    if (box) app.map?.fly(box);
  };
  const two = was && is && !sameShape(was, is);
  const only: [ShownSide, WordKey] = is
    ? ['after', entry.op === 'create' ? 'legendAfter' : 'legendSame']
    : ['before', 'legendBefore'];
  return html`<div class="sides-row">
    ${two ? sideChoice(app, side, (chosen) => showSide(app, chosen)) : html`<p class="only-side"><i class="side-key ${only[0]}" aria-hidden="true"></i>${app.say(only[1])}</p>`}
    <button type="button" class="round" aria-label=${app.say('zoomToRevision')} title=${app.say('zoomToRevision')} @click=${seen}>${icon('extent')}</button>
  </div>`;
}

/** "3 mới · 2 sửa": what a revision did, in numbers. */
export const countsOf = (app: App, { counts }: Revision): string =>
  (
    [
      ['create', 'countCreated'],
      ['update', 'countUpdated'],
      ['delete', 'countDeleted'],
    ] as const
  )
    .filter(([op]) => counts[op] > 0)
    .map(([op, word]) => app.say(word, { n: app.say.number(counts[op]) }))
    .join(' · ');

export function revisionView(app: App, { revision, entries, more, load, problem }: RevisionDetail): TemplateResult {
  const n = revision.revision;
  return html`${whoView(app, revision, revision.via)} ${whenView(app, revision.at, n)}
    ${revision.why ? html`<p class="why">${revision.why}</p>` : nothing} ${evidenceView(app, revision.evidence)}
    ${standing(app, revision)}
    <p class="counts">${countsOf(app, revision)}</p>
    <ul class="plain by-layer">
      ${Object.entries(revision.collections).map(([id, rows]) => {
        const layer = app.layer(id);
        return html`<li>${layer ? layerSwatch(layer) : nothing}<span>${app.say.text(layer?.title) || id}</span><span class="count">${app.say.number(rows)}</span></li>`;
      })}
    </ul>
    <div class="actions change-actions">
      ${revision.bbox && app.map ? html`<button type="button" class="quiet" @click=${() => revision.bbox && app.map?.fly(revision.bbox)}>${icon('extent')}${app.say('zoomToRevision')}</button>` : nothing}
      ${mayUndoAny(app, revision) ? html`<button type="button" class="quiet" data-undo=${n} @click=${() => void openUndo(app, { revision: n, name: countsOf(app, revision) })}>${icon('undo')}${app.say('undoAll')}</button>` : nothing}
    </div>
    <h3>${app.say('revisionFeatures')}</h3>
    ${load === 'failed' ? trouble(app, problem, () => void readRevision(app, n)) : nothing}
    ${load === 'loading' ? loading(app) : nothing}
    <ul class="plain rows">
      ${entries.map((placed) => {
        const layer = app.layer(placed.collection);
        return featureRow(
          () => void openPlaced(app, placed),
          layer ? layerSwatch(layer) : nothing,
          nameIn(app, placed),
          (layer && placed.op === 'update' && lineOf(app, layer, placed)) || app.say.text(layer?.title),
          opBadge(app, placed.op),
        );
      })}
    </ul>
    ${more ? html`<button type="button" class="quiet wide" @click=${() => void readRevision(app, n)}>${app.say('listMore')}</button>` : nothing}`;
}

/** What it undid, or what undid it. */
export function standing(app: App, { reverts, reverted_by }: Revision): TemplateResult | typeof nothing {
  if (!reverts && !reverted_by) return nothing;
  return html`<p class="standing">${icon('undo')}${reverts ? app.say('reverts', { n: reverts }) : app.say('revertedBy', { n: reverted_by ?? 0 })}</p>`;
}

/** Whoever may write in any of its layers may ask; the server judges each feature. */
function mayUndoAny(app: App, { collections, counts, reverted_by }: Revision): boolean {
  if (reverted_by) return false;
  const ops = (['create', 'update', 'delete'] as Op[]).filter((op) => counts[op] > 0);
  return Object.keys(collections).some((id) => ops.some((op) => mayUndo(app, app.layer(id), op)));
}
