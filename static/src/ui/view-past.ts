/** Choosing a moment of the past, and the banner that says that it is looked at. */
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { whyNotMoment } from '../edit/moments.ts';
import { toField } from '../state/when.ts';
import type { WordKey } from '../state/words.ts';
import type { App } from './app.ts';
import { icon } from './icons.ts';
import type { PastDetail } from './model-history.ts';
import { trouble } from './parts.ts';
import { choosePast, openPast, patchPast, showPast } from './past.ts';

interface Moment {
  id: string;
  label: WordKey;
  value: string;
  why: WordKey | undefined;
  set(value: string): void;
}

export const momentField = (app: App, { id, label, value, why, set }: Moment): TemplateResult =>
  html`<div class="field">
    <label class="label" for=${`moment-${id}`}>${app.say(label)}</label>
    <input id=${`moment-${id}`} type="datetime-local" max=${toField(new Date())} aria-invalid=${why !== undefined} .value=${live(value)} @input=${(e: Event) => set((e.target as HTMLInputElement).value)} />
    ${why ? html`<p class="fault">${app.say(why)}</p>` : nothing}
  </div>`;

const hourMs = 3_600_000;
const quick: [word: WordKey, at: (now: Date) => Date][] = [
  ['pastHour', (now) => new Date(now.getTime() - hourMs)],
  ['pastDay', (now) => new Date(now.getTime() - 24 * hourMs)],
  ['pastWeek', (now) => new Date(now.getTime() - 7 * 24 * hourMs)],
  ['pastMonth', (now) => new Date(now.getTime() - 30 * 24 * hourMs)],
  ['pastYear', (now) => new Date(now.getFullYear(), 0, 1)],
];

export function pastView(app: App, detail: PastDetail): TemplateResult {
  const [why] = detail.tried ? whyNotMoment(detail.at, new Date()) : [];
  return html`<form class="past-form" novalidate @submit=${(e: Event) => {
    e.preventDefault();
    void choosePast(app);
  }}>
    <p class="faint">${app.say('pastLead')}</p>
    ${momentField(app, { id: 'at', label: 'pastAt', value: detail.at, why: why?.why, set: (at) => patchPast(app, { at }) })}
    <div class="quick" role="group" aria-label=${app.say('pastQuick')}>
      ${quick.map(([word, at]) => html`<button type="button" class="quiet" @click=${() => patchPast(app, { at: toField(at(new Date())) })}>${app.say(word)}</button>`)}
    </div>
    ${detail.problem ? trouble(app, detail.problem) : nothing}
    <div class="past-foot">
      ${
        app.model.past
          ? html`<button type="button" class="quiet" @click=${() => {
              app.back();
              void showPast(app, null);
            }}>${app.say('pastBack')}</button>`
          : nothing
      }
      <button type="submit" class="primary" ?disabled=${detail.busy}>${app.say(detail.busy ? 'loading' : 'pastGo')}</button>
    </div>
  </form>`;
}

/** Always in sight while the past is looked at. */
export function pastBanner(app: App): TemplateResult | typeof nothing {
  const { past } = app.model;
  if (!past) return nothing;
  const [time = '', day = ''] = app.say.time(past).split(', ');
  return html`<section class="past-banner" aria-label=${app.say('past')}>
    <button type="button" class="moment" @click=${() => openPast(app)}>
      ${icon('clock')}<span role="status">${app.say('pastBanner', { day, time })}</span><span class="visually-hidden">: ${app.say('pastChange')}</span>
    </button>
    <button type="button" class="primary" @click=${() => void showPast(app, null)}>${app.say('pastBack')}</button>
  </section>`;
}
