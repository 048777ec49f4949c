/** What a browser calls itself, as people know it. */

export interface Device {
  browser: string;
  system: string;
}

/** The first that fits counts: most browsers also claim to be those further down. */
const browsers: [RegExp, string][] = [
  [/coc_coc_browser/i, 'Cốc Cốc'],
  [/\bZalo/i, 'Zalo'],
  [/FBAN|FBAV/, 'Facebook'],
  [/\bEdg(e|A|iOS)?\//, 'Edge'],
  [/\bOPR\/|\bOpera/, 'Opera'],
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/\bFxiOS\/|Firefox\//, 'Firefox'],
  [/\bCriOS\/|Chrome\/|Chromium\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];

const systems: [RegExp, string][] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Macintosh|Mac OS X/, 'Mac'],
  [/\bCrOS\b/, 'Chromebook'],
  [/Linux/, 'Linux'],
];

const first = (among: [RegExp, string][], agent: string) => among.find(([sign]) => sign.test(agent))?.[1] ?? '';

/** Empty where it is not known. */
export const deviceOf = (agent: string | null): Device => ({
  browser: first(browsers, agent ?? ''),
  system: first(systems, agent ?? ''),
});
