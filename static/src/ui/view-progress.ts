/** The commune's targets: what is done, what is not, and what nobody knows yet, each apart. */
import { html, nothing, type TemplateResult } from 'lit';
import { unitSign } from '../state/say.ts';
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
              <strong>${target.value === null || target.unit !== '%' ? say.number(target.done) : say.number(target.value, 1) + unitSign('%')}</strong>
              <span>${say('ofTotal', { done: say.number(target.done), total: say.number(target.total) })}</span>
            </p>
            ${bar(target, left)}
            <ul class="plain parts">
              <li>${html`<i class="key done"></i>`}${say.number(target.done)} ${say.lang === 'vi' ? 'đạt' : 'done'}</li>
              <li>${html`<i class="key left"></i>`}${say('remaining', { n: say.number(left) })}</li>
              <li>${html`<i class="key unknown"></i>`}${target.unknown ? say('unknownApart', { n: say.number(target.unknown) }) : say('noneUnknown')}</li>
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

function aim(app: App, target: Target): string {
  if (target.target === null || target.target === undefined) return app.say('noTarget');
  const amount = app.say.number(target.target) + (target.unit === '%' ? '%' : ` ${target.unit}`);
  return app.say('targetBy', { target: amount, deadline: target.deadline ? app.say.date(target.deadline) : '–' });
}

const bar = (target: Target, left: number): TemplateResult => html`<div class="bar" aria-hidden="true">
  <i class="done" .style=${`flex-grow: ${target.done}`}></i>
  <i class="left" .style=${`flex-grow: ${left}`}></i>
  <i class="unknown" .style=${`flex-grow: ${target.unknown}`}></i>
</div>`;

function rowView(app: App, row: TargetRow): TemplateResult {
  const code = app
    .layer(row.layer)
    ?.fields.flatMap((f) => f.enum ?? [])
    .find((c) => c.value === row.state && c.color);
  const badge = html`<span class="badge" .style=${tint(code?.color)}>${app.say.text(row.state_title)}</span>`;
  return featureRow(
    () => void openFeature(app, { layer: row.layer, id: row.id }, 'fly'),
    nothing,
    row.name,
    nothing,
    badge,
  );
}
