/** What waits for the person who is signed in, and who they are. */
import { html, nothing, type TemplateResult } from 'lit';
import { nameOf, type Task, tasks } from '../state/layers.ts';
import { within } from '../state/say.ts';
import type { App } from './app.ts';
import { openFeature, openList } from './features.ts';
import { openCreate, openSubmission } from './forms.ts';
import { icon } from './icons.ts';
import { empty, featureRow, loading, tint, trouble } from './parts.ts';
import { askSignIn, signOut } from './people.ts';
import { readWork } from './start.ts';
import { placeName } from './view-feature.ts';
import { pageLinks } from './view-page.ts';

export function workView(app: App): TemplateResult {
  const { catalogue, session, work } = app.model;
  if (!session?.person)
    return html`${empty(app.say('workSignedOut'))}
      <button type="button" class="primary" @click=${() => askSignIn(app)}>${app.say('signIn')}</button>`;
  if (!catalogue) return loading(app);
  const all = tasks(catalogue);
  const waiting = all.filter((t) => (work[keyOf(t)]?.total ?? 0) > 0);
  const read = all.every((t) => work[keyOf(t)]);
  const [second, next] = [waiting.filter((t) => t.second), waiting.filter((t) => !t.second)];
  return html`${starters(app)}
    ${second.length ? html`<h3>${app.say('workFirst')}</h3>${second.map((t) => taskView(app, t))}` : nothing}
    ${next.length ? html`<h3>${app.say('workNext')}</h3>${next.map((t) => taskView(app, t))}` : nothing}
    ${all.some((t) => work[keyOf(t)]?.load === 'failed') ? trouble(app, undefined, () => void readWork(app)) : nothing}
    ${!read ? loading(app) : waiting.length === 0 ? empty(app.say('workEmpty')) : nothing}`;
}

/** What the person may begin without being asked. */
function starters(app: App): TemplateResult | typeof nothing {
  const layers = app.model.catalogue?.layers ?? [];
  const points = app.map ? layers.filter((l) => l.rights?.create && l.geometry === 'Point' && l.moves.length) : [];
  const partner = layers.find((l) => l.id === 'coverage_submissions')?.moves.some((m) => m.id === 'submit');
  if (!points.length && !partner) return nothing;
  return html`<div class="starters">
    ${points.map(
      (layer) => html`<button type="button" class="starter" @click=${() => openCreate(app, layer)}>
        ${icon('plus')}<span>${app.say('newPoint', { layer: within(app.say.text(layer.title)) })}</span>
      </button>`,
    )}
    ${partner ? html`<button type="button" class="starter" @click=${() => openSubmission(app)}>${icon('upload')}<span>${app.say('submitCoverage')}</span></button>` : nothing}
  </div>`;
}

const keyOf = (task: Task) => `${task.layer.id}/${task.field.name}/${task.state}`;

function taskView(app: App, task: Task): TemplateResult {
  const rows = app.model.work[keyOf(task)];
  const code = task.field.enum?.find((c) => c.value === task.state);
  const moves = task.moves.map((m) => app.say.text(m.title)).join(', ');
  const title = app.say.text(task.layer.title);
  const stateTitle = app.say.text(code?.title);
  return html`<section class="task" data-task=${keyOf(task)}>
    <header>
      <h4>${title}</h4>
      <span class="badge" .style=${tint(code?.color)}>${stateTitle}</span>
      <span class="count">${app.say.number(rows?.total ?? 0)}</span>
    </header>
    <p class="faint">${app.say('workCan', { moves })}</p>
    <ul class="plain rows">
      ${rows?.features.map((f) =>
        featureRow(
          () => void openFeature(app, { layer: task.layer.id, id: f.id }, 'fly'),
          nothing,
          nameOf(app.say, task.layer, f.id, f.properties),
          placeName(app, f.properties),
          icon('forward'),
        ),
      )}
    </ul>
    ${
      rows && rows.total > rows.features.length
        ? html`<button type="button" class="text" @click=${() =>
            void openList(app, task.layer.id, { [task.field.name]: task.state }, `${title}: ${stateTitle}`)}>
            ${app.say('workMore', { n: app.say.number(rows.total) })}
          </button>`
        : nothing
    }
  </section>`;
}

export function accountView(app: App): TemplateResult {
  const person = app.model.session?.person;
  if (!person)
    return html`<p class="lead">${app.say('signedOut')}</p>
      <p class="faint">${app.say('signInWhy')}</p>
      <button type="button" class="primary" @click=${() => askSignIn(app)}>${app.say('signIn')}</button>`;
  return html`<div class="person">
      <span class="initials" aria-hidden="true">${initials(person.title || person.name)}</span>
      <div>
        <p class="row-title">${person.title || person.name}</p>
        <p class="faint">${app.say.text(person.role_title)}</p>
        <p class="faint">${app.say('userName')}: ${person.name}</p>
      </div>
    </div>
    ${pageLinks(app)}
    <button type="button" class="quiet" @click=${() => void signOut(app)}>${app.say('signOut')}</button>`;
}

export const initials = (name: string): string =>
  name
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .slice(-2)
    .map((word) => word[0]?.toLocaleUpperCase('vi') ?? '')
    .join('');
