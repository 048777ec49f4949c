/** The commune's targets: what is done, what is not, and what nobody knows yet, each apart. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Target, TargetRow } from '../state/types.ts';
import type { App } from './app.ts';
import { openFeature } from './features.ts';
import { icon } from './icons.ts';
import { empty, featureRow, loading, tint, trouble } from './parts.ts';
import { readBoard } from './start.ts';

export function progressView(app: App): TemplateResult {
  const { board, boardLoad } = app.model;
  if (!board) return boardLoad === 'failed' ? trouble(app, undefined, () => void readBoard(app)) : loading(app);
  return html`${board.targets.map((target) => targetView(app, target))}
    <p class="faint lead">${app.say('computedAt', { at: app.say.time(board.computed_at) })}</p>`;
}

function targetView(app: App, target: Target): TemplateResult {
  const { say } = app;
  const open = app.model.openTargets[target.code] === true;
  const left = Math.max(target.total - target.done - target.unknown, 0);
  const toggle = () => app.update({ openTargets: { ...app.model.openTargets, [target.code]: !open } });
  return html`<article class="target" data-code=${target.code}>
    <h3>${say.text(target.title)}</h3>
    ${
      target.total === 0
        ? empty(say('noTotal'))
        : html`<p class="figure">
              <strong>${figure(app, target)}</strong>
              <span>${say('ofTotal', { done: say.number(target.done), total: say.number(target.total), unit: say.text(target.unit) })}</span>
            </p>
            ${bar(target, left)}
            <ul class="plain parts">
              <li><i class="key done"></i>${say('doneCount', { n: say.number(target.done) })}</li>
              <li><i class="key left"></i>${say('remaining', { n: say.number(left) })}</li>
              <li><i class="key unknown"></i>${target.unknown ? say('unknownApart', { n: say.number(target.unknown) }) : say('noneUnknown')}</li>
            </ul>`
    }
    <p class="faint">${aim(app, target)}</p>
    <details>
      <summary>${say('definition')}</summary>
      <p>${say.text(target.definition)}</p>
      <p class="faint">${say('definitionVersion', { v: target.definition.version })} · ${target.code}</p>
    </details>
    ${
      target.rows?.length
        ? html`<button type="button" class="quiet unfold" aria-expanded=${open} @click=${toggle}>
              ${say(open ? 'hideRows' : 'showRows')}${icon('chevron')}
            </button>
            ${open ? html`<ul class="plain rows">${target.rows.map((row) => rowView(app, row))}</ul>` : nothing}`
        : nothing
    }
  </article>`;
}

/** Without a target things are only counted; with one the value is a share. */
const figure = (app: App, { value, done, target }: Target): string =>
  value === null || target === null ? app.say.number(done) : `${app.say.number(value, 1)}%`;

const aim = (app: App, { target, deadline }: Target): string =>
  target === null
    ? app.say('noTarget')
    : app.say('targetBy', { target: `${app.say.number(target)}%`, deadline: deadline ? app.say.date(deadline) : '–' });

const bar = (target: Target, left: number): TemplateResult => html`<div class="bar" aria-hidden="true">
  <i class="done" .style=${`flex-grow: ${target.done}`}></i>
  <i class="left" .style=${`flex-grow: ${left}`}></i>
  <i class="unknown" .style=${`flex-grow: ${target.unknown}`}></i>
</div>`;

const standingColors = { done: '#2b3a8c', open: '#c9c1ae', unknown: '#8d8675' };

function rowView(app: App, row: TargetRow): TemplateResult {
  const badge = html`<span class="badge ${row.standing}" .style=${tint(standingColors[row.standing])}>${app.say.text(row.state_title)}</span>`;
  return featureRow(
    () => void openFeature(app, { layer: row.layer, id: row.id }, 'fly'),
    nothing,
    row.name,
    nothing,
    badge,
  );
}
