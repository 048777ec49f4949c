/** The page's own drawings, 24 × 24, in the colour of the text around them. */
import { html, type SVGTemplateResult, svg, type TemplateResult } from 'lit';

const drawings = {
  layers: svg`<path d="m12 3 9 5-9 5-9-5z"/><path d="m4 12.5 8 4.5 8-4.5"/><path d="m4 16.5 8 4.5 8-4.5"/>`,
  search: svg`<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5 5"/>`,
  progress: svg`<path d="M4 20V11m5.5 9V4M15 20v-6m5 6V8"/>`,
  work: svg`<path d="M8 6h12M8 12h12M8 18h12"/><path d="m3 6 1 1 2-2M3 12l1 1 2-2M3 18l1 1 2-2"/>`,
  account: svg`<circle cx="12" cy="8" r="4"/><path d="M4 21c1-5 4-7 8-7s7 2 8 7"/>`,
  close: svg`<path d="m5 5 14 14M19 5 5 19"/>`,
  back: svg`<path d="m14 5-7 7 7 7"/>`,
  chevron: svg`<path d="m6 9 6 6 6-6"/>`,
  forward: svg`<path d="m9 6 6 6-6 6"/>`,
  plus: svg`<path d="M12 5v14M5 12h14"/>`,
  minus: svg`<path d="M5 12h14"/>`,
  extent: svg`<path d="M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5"/>`,
  locate: svg`<circle cx="12" cy="12" r="5"/><path d="M12 2v5m0 10v5M2 12h5m10 0h5"/>`,
  list: svg`<path d="M4 6h16M4 12h16M4 18h10"/>`,
  edit: svg`<path d="m4 20 1-4L16 5l3 3L8 19z"/><path d="m14 7 3 3"/>`,
  link: svg`<path d="M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1"/><path d="M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1"/>`,
  pin: svg`<path d="M12 21c-4-5-6-8-6-11a6 6 0 0 1 12 0c0 3-2 6-6 11z"/><circle cx="12" cy="10" r="2"/>`,
  file: svg`<path d="M6 3h8l4 4v14H6z"/><path d="M14 3v4h4"/>`,
  upload: svg`<path d="M12 16V4m-5 5 5-5 5 5"/><path d="M4 16v4h16v-4"/>`,
  warn: svg`<path d="M12 3 2 20h20z"/><path d="M12 10v4m0 3v.01"/>`,
  check: svg`<path d="m4 12 5 6L20 6"/>`,
  news: svg`<path d="M6 17V11a6 6 0 0 1 12 0v6l2 2H4z"/><path d="M10 21h4M12 3v2"/>`,
  undo: svg`<path d="M8 5 4 9l4 4"/><path d="M4 9h10a6 6 0 0 1 0 12h-3"/>`,
  proof: svg`<path d="M12 3 4 6v6c0 5 3.500 7.500 8 9 4.500-1.500 8-4 8-9V6z"/><path d="m8.500 12 2.500 2.500 4.500-5"/>`,
  compare: svg`<path d="M4 8h14m-4-4 4 4-4 4"/><path d="M20 17H6m4-4-4 4 4 4"/>`,
  filter: svg`<path d="M4 6h16M7 12h10M10 18h4"/>`,
  key: svg`<circle cx="8" cy="15" r="4.5"/><path d="m11.5 12 8-8m-4 4 3 3"/>`,
  people: svg`<circle cx="9" cy="8" r="3.5"/><path d="M2.5 20c.6-4.5 3-6.5 6.5-6.5s5.9 2 6.5 6.5"/><path d="M15.5 4.8a3.5 3.5 0 0 1 0 6.4M17.5 14c2.3.7 3.6 2.7 4 6"/>`,
  house: svg`<path d="M4 21V9l8-5 8 5v12M2.5 21h19"/><path d="M9 21v-6h6v6"/>`,
  copy: svg`<path d="M9 9h11v12H9z"/><path d="M5 15H4V3h11v2"/>`,
  print: svg`<path d="M7 8V3h10v5M7 17H4V8h16v9h-3"/><path d="M7 14h10v7H7z"/>`,
  clock: svg`<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3 2"/>`,
} satisfies Record<string, SVGTemplateResult>;

export type IconName = keyof typeof drawings;

export const icon = (name: IconName): TemplateResult =>
  html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${drawings[name]}</svg>`;
