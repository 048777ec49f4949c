/** How values are said to a reader: words in their language, numbers, units, dates and places as Vietnam writes them. */
import type { Field, Lang, Place, Text } from './types.ts';
import { ago, dayName, daysAgo } from './when.ts';
import { type WordKey, words } from './words.ts';

export interface Say {
  lang: Lang;
  (key: WordKey, values?: Record<string, string | number>): string;
  text(text: Text | null | undefined): string;
  number(value: number, digits?: number): string;
  date(iso: string): string;
  time(iso: string): string;
  /** How long ago: "5 phút trước". */
  ago(iso: string, now?: Date): string;
  /** The day: today, yesterday, or its weekday and date. */
  day(iso: string, now?: Date): string;
  place(place: Place): string;
  value(value: unknown, field?: Field): string;
}

const nbsp = '\u00a0';

/** A title inside a sentence: its first letter small, names and abbreviations in it left alone. */
export const within = (title: string): string =>
  /^\p{Lu}\p{Lu}/u.test(title) ? title : title.charAt(0).toLocaleLowerCase('vi') + title.slice(1);

/** UCUM codes as people read them. A sign that follows its number without a space begins with none. */
const unitSigns: Record<string, string> = {
  m: `${nbsp}m`,
  km: `${nbsp}km`,
  m2: `${nbsp}m²`,
  km2: `${nbsp}km²`,
  ha: `${nbsp}ha`,
  '%': '%',
  deg: '°',
};

export const unitSign = (unit: string): string => unitSigns[unit] ?? `${nbsp}${unit}`;

export function speak(lang: Lang): Say {
  const index = lang === 'vi' ? 0 : 1;
  const locale = lang === 'vi' ? 'vi-VN' : 'en-GB';
  const say = ((key, values) =>
    words[key][index].replace(/\{(\w+)\}/g, (_, name: string) => String(values?.[name] ?? ''))) as Say;
  say.lang = lang;
  say.text = (text) => (text ? text[lang] || text.vi || text.en : '');
  say.number = (value, digits = 2) =>
    new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value).replace('-', '−');
  say.date = (iso) => {
    const [, y, m, d] = /^(\d{4})-(\d{2})-(\d{2})/.exec(iso) ?? [];
    return d ? `${d}/${m}/${y}` : iso;
  };
  say.time = (iso) => {
    const at = new Date(iso);
    if (Number.isNaN(at.getTime())) return iso;
    const two = (n: number) => String(n).padStart(2, '0');
    const day = `${two(at.getDate())}/${two(at.getMonth() + 1)}/${at.getFullYear()}`;
    return `${two(at.getHours())}:${two(at.getMinutes())}, ${day}`;
  };
  say.ago = (iso, now = new Date()) => ago(iso, now, lang) ?? say('justNow');
  say.day = (iso, now = new Date()) => {
    const days = daysAgo(iso, now);
    return days === 0 ? say('today') : days === 1 ? say('yesterday') : dayName(iso, lang);
  };
  say.place = ([lon, lat]) => {
    const part = (v: number, plus: WordKey, minus: WordKey) =>
      `${new Intl.NumberFormat(locale, { minimumFractionDigits: 5, maximumFractionDigits: 5 }).format(Math.abs(v))}°${nbsp}${say(v < 0 ? minus : plus)}`;
    return `${part(lat, 'north', 'south')}; ${part(lon, 'east', 'west')}`;
  };
  say.value = (value, field) => sayValue(say, value, field);
  return say;
}

function sayValue(say: Say, value: unknown, field: Field | undefined): string {
  if (value === null || value === undefined || value === '') return say('noData');
  if (Array.isArray(value)) {
    if (field?.type === 'place') return say.place(value as Place);
    return value.length ? value.map((v) => sayCode(say, v, field)).join(', ') : say('noData');
  }
  switch (typeof value) {
    case 'boolean':
      return say(value ? 'yes' : 'no');
    case 'number':
      return say.number(value) + (field?.unit ? unitSign(field.unit) : '');
    case 'object':
      return sayObject(say, value as Record<string, unknown>);
  }
  if (field?.type === 'date') return say.date(String(value));
  if (field?.type === 'datetime') return say.time(String(value));
  return sayCode(say, value, field);
}

function sayCode(say: Say, value: unknown, field: Field | undefined): string {
  if (typeof value === 'object' && value !== null) return sayObject(say, value as Record<string, unknown>);
  const code = field?.enum?.find((c) => c.value === value);
  return code ? say.text(code.title) : String(value);
}

/** An object of texts is said in the reader's language; any other as its parts. */
function sayObject(say: Say, value: Record<string, unknown>): string {
  const own = value[say.lang] ?? value.vi;
  if (typeof own === 'string') return own;
  return Object.values(value)
    .filter((v) => v !== null && v !== '')
    .map((v) =>
      typeof v === 'number' ? say.number(v) : typeof v === 'object' ? sayValue(say, v, undefined) : String(v),
    )
    .join(' · ');
}
