/** The legend of a comparison on the map, and which side of it is shown. */
import { html, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { ShownSide } from '../map/sides.ts';
import type { WordKey } from '../state/words.ts';
import type { App } from './app.ts';

export const legend = (app: App, before: WordKey = 'legendBefore', after: WordKey = 'legendAfter'): TemplateResult =>
  html`<ul class="plain sides-legend">
    <li><i class="side-key before" aria-hidden="true"></i>${app.say(before)}</li>
    <li><i class="side-key after" aria-hidden="true"></i>${app.say(after)}</li>
  </ul>`;

const sides: [ShownSide, WordKey][] = [
  ['both', 'sideBoth'],
  ['before', 'sideBefore'],
  ['after', 'sideAfter'],
];

/** Both, before, after: one of three, as a row of buttons under the thumb. */
export const sideChoice = (app: App, shown: ShownSide, choose: (side: ShownSide) => void): TemplateResult =>
  html`<fieldset class="segments">
    <legend class="visually-hidden">${app.say('showSides')}</legend>
    ${sides.map(
      ([side, word]) => html`<label>
        <input type="radio" name="side" value=${side} .checked=${live(side === shown)} @change=${() => choose(side)} />
        <span>${side === 'both' ? '' : html`<i class="side-key ${side}" aria-hidden="true"></i>`}${app.say(word)}</span>
      </label>`,
    )}
  </fieldset>`;
