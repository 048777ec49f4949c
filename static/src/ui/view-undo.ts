/** Undoing: what will be as it was, what stands in the way, and why it is done. */
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { mostTries } from '../api/again.ts';
import { undoable, whyNotUndo } from '../edit/undo.ts';
import { fieldOf } from '../state/layers.ts';
import type { HistoryEntry, Layer } from '../state/types.ts';
import type { UndoAttribute, UndoConflict } from '../state/types-history.ts';
import type { App } from './app.ts';
import { nameIn } from './change.ts';
import { icon } from './icons.ts';
import type { UndoDetail } from './model-history.ts';
import { loading, trouble } from './parts.ts';
import { patchUndo, sendUndo, tryOut } from './undo.ts';
import { linesOf } from './view-history.ts';
import { saidValue } from './view-settle.ts';

/** More conflicts than these are counted, not listed. */
const mostListed = 20;

export function undoView(app: App, detail: UndoDetail): TemplateResult {
  const { revision, only, entry, trial, sending } = detail;
  const reasons = detail.tried ? whyNotUndo(detail) : [];
  const fault = (name: string) => reasons.find((r) => r.field === name);
  const n = undoable(detail);
  const layer = only ? app.layer(only.layer) : undefined;
  return html`<form class="entry undo" novalidate @submit=${(e: Event) => {
    e.preventDefault();
    void sendUndo(app);
  }}>
    <div class="form-body">
      <p class="about">${detail.name}</p>
      <p class="faint">${app.say('revertLead')}</p>
      ${entry && layer ? backView(app, layer, entry) : nothing}
      <div class="trial" aria-live="polite">${trialView(app, detail)}</div>
      ${trial === 'ready' && (n > 0 || detail.each) ? inputs(app, detail, fault('reason') !== undefined, fault('sure') !== undefined) : nothing}
      ${detail.problem && trial !== 'failed' ? trouble(app, detail.problem) : nothing}
    </div>
    <div class="form-foot">
      <p class="sending-note" role="status">${sending && detail.again ? app.say('sendingAgain', { n: detail.again, of: mostTries }) : ''}</p>
      <button type="button" class="quiet" @click=${() => app.back()}>${app.say('cancel')}</button>
      ${trial === 'failed' ? html`<button type="button" class="primary" @click=${() => retry(app, revision)}>${app.say('retry')}</button>` : html`<button type="submit" class="primary" ?disabled=${sending || trial !== 'ready' || n === 0}>${app.say(sending ? 'revertGoing' : only ? 'undo' : 'revertGo', { n: app.say.number(n) })}</button>`}
    </div>
  </form>`;
}

function retry(app: App, revision: number): void {
  patchUndo(app, { trial: 'trying' });
  void tryOut(app, revision);
}

/** The values that come back: the change read the other way. */
function backView(app: App, layer: Layer, entry: HistoryEntry): TemplateResult {
  if (entry.op !== 'update')
    return html`<p>${app.say(entry.op === 'create' ? 'revertAgainGone' : 'revertAgainThere')}</p>`;
  const value = (text: string | null) => text ?? app.say('noData');
  return html`<div class="back">
    <h3>${app.say('revertBack')}</h3>
    <ul class="plain changes">
      ${linesOf(app, layer, entry).map(({ title, from, to }) =>
        from === null && to === null
          ? html`<li>${app.say('revertGeometry')}</li>`
          : html`<li><span class="faint">${title}:</span> ${app.say('revertBecomes', { from: value(to), to: value(from) })}</li>`,
      )}
    </ul>
  </div>`;
}

function trialView(app: App, detail: UndoDetail): TemplateResult {
  const { trial, answer, conflicts, only, problem } = detail;
  if (trial === 'trying') return html`<p class="faint">${app.say('revertChecking')}</p>${loading(app)}`;
  if (trial === 'failed') return trouble(app, problem);
  if (conflicts.length) return conflictsView(app, detail);
  if (!answer?.reverted) return html`<p class="notice">${app.say('revertNothing')}</p>`;
  const number = (n: number) => ({ n: app.say.number(n) });
  return html`<p class="good">${icon('check')}${app.say('revertCan', number(answer.reverted))}</p>
    ${answer.unchanged && !only ? html`<p class="faint">${app.say('revertUnchanged', number(answer.unchanged))}</p>` : nothing}`;
}

function conflictsView(app: App, { conflicts, answer, only, each }: UndoDetail): TemplateResult {
  const rest = answer?.reverted ?? 0;
  return html`<div class="trouble" role="alert">
      ${icon('warn')}
      <div>
        <p><strong>${app.say('revertConflicts', { n: app.say.number(conflicts.length) })}</strong></p>
        <ul class="plain conflicts">${conflicts.slice(0, mostListed).map((c) => conflictView(app, c))}</ul>
        ${conflicts.length > mostListed ? html`<p>${app.say('revertMore', { n: app.say.number(conflicts.length - mostListed) })}</p>` : nothing}
      </div>
    </div>
    ${
      rest > 0 && !only
        ? html`<label class="check"><input type="checkbox" name="each" .checked=${live(each)} @change=${(e: Event) => patchUndo(app, { each: (e.target as HTMLInputElement).checked })} /><span>${app.say('revertEach', { n: app.say.number(rest) })}</span></label>`
        : nothing
    }`;
}

function conflictView(app: App, conflict: UndoConflict): TemplateResult {
  const layer = app.layer(conflict.collection);
  const attributes = conflict.attributes ?? [];
  return html`<li>
    <p class="row-title">${nameIn(app, conflict)}</p>
    ${conflict.detail ? html`<p>${app.say.text(conflict.detail)}</p>` : nothing}
    ${attributes.map((a) => html`<p>${attributeView(app, layer, a)}</p>`)}
    ${conflict.geometry ? html`<p>${app.say('geometryChanged')}</p>` : nothing}
  </li>`;
}

function attributeView(
  app: App,
  layer: Layer | undefined,
  { name, title, was, set, now }: UndoAttribute,
): TemplateResult {
  const value = (v: unknown) => (layer ? saidValue(app, layer, name, v) : app.say.value(v));
  const label = app.say.text(title ?? fieldOf(layer, name)?.title) || name;
  const parts = [
    app.say('revertWas', { was: value(was) }),
    app.say('revertSet', { set: value(set) }),
    app.say('revertNow', { now: value(now) }),
  ];
  return html`<span class="faint">${label}:</span> ${parts.join(', ')}`;
}

function inputs(
  app: App,
  { reason, sure, only, ...detail }: UndoDetail,
  noReason: boolean,
  notSure: boolean,
): TemplateResult {
  const n = app.say.number(undoable({ reason, sure, ...(only ? { only } : {}), ...detail }));
  return html`<div class="field">
      <label class="label" for="reason">${app.say('revertWhy')}</label>
      <p class="help" id="reason-help">${app.say('reasonHelp')}</p>
      <textarea id="reason" rows="3" maxlength="2000" aria-describedby="reason-help" aria-invalid=${noReason} .value=${live(reason)}
        @input=${(e: Event) => patchUndo(app, { reason: (e.target as HTMLTextAreaElement).value })}></textarea>
      ${noReason ? html`<p class="fault">${app.say('whyReason')}</p>` : nothing}
    </div>
    ${
      only
        ? nothing
        : html`<div class="field">
            <label class="check"><input type="checkbox" name="sure" aria-invalid=${notSure} .checked=${live(sure)} @change=${(e: Event) => patchUndo(app, { sure: (e.target as HTMLInputElement).checked })} /><span>${app.say('revertSure', { n })}</span></label>
            ${notSure ? html`<p class="fault">${app.say('whySure')}</p>` : nothing}
          </div>`
    }`;
}
