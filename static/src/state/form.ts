/** Forms made from the declaration: which control a field gets, and what is typed becomes which value. */
import type { Field, Lang } from './types.ts';
import type { WordKey } from './words.ts';

export type Control =
  | 'cards'
  | 'select'
  | 'checks'
  | 'text'
  | 'area'
  | 'number'
  | 'switch'
  | 'date'
  | 'feature'
  | 'lines';

/** What stands in a control: text, the checked codes, or a switch. */
export type Raw = string | string[] | boolean;

/** Why a control's content is not a value; limit goes into the sentence. */
export interface Fault {
  why: WordKey;
  limit?: number;
}

export function controlOf(field: Field): Control | null {
  if (field.refers) return 'feature';
  switch (field.type) {
    case 'boolean':
      return 'switch';
    case 'date':
      return 'date';
    case 'integer':
    case 'number':
      return 'number';
    case 'strings':
      return field.enum?.length ? 'checks' : 'lines';
    case 'string':
      if (field.enum?.length) return field.enum.length <= 5 ? 'cards' : 'select';
      return (field.maxLength ?? 2000) > 250 ? 'area' : 'text';
    default:
      return null; // date-times, objects and places are not typed by hand
  }
}

/** Codes that may be chosen now: legacy ones are read but not offered. */
export const offered = (field: Field) => (field.enum ?? []).filter((c) => !c.validTo);

/** Reads a number as the language writes it: "2.159,6" in Vietnamese, "2,159.6" in English. */
export function parseNumber(text: string, lang: Lang): number | null {
  let plain = text
    .trim()
    .replace(/[\s\u00a0]/g, '')
    .replace('−', '-');
  if (lang === 'en') plain = plain.replace(/,(?=\d{3}(\D|$))/g, '');
  else if (plain.includes(',')) plain = plain.replace(/\./g, '').replace(',', '.');
  else if (/^-?\d{1,3}(\.\d{3})+$/.test(plain)) plain = plain.replace(/\./g, '');
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
}

/** What a control shows for a value. */
export function rawOf(field: Field, value: unknown, lang: Lang): Raw {
  const control = controlOf(field);
  if (control === 'switch') return value === true;
  if (control === 'checks') return Array.isArray(value) ? value.map(String) : [];
  if (value === null || value === undefined) return '';
  if (control === 'lines') return Array.isArray(value) ? value.join('\n') : '';
  if (control === 'number') return lang === 'vi' ? String(value).replace('.', ',') : String(value);
  return control === 'date' ? String(value).slice(0, 10) : String(value);
}

/** The value that a control's content stands for; null when it is empty. */
export function valueIn(field: Field, raw: Raw | undefined, lang: Lang): unknown {
  const control = controlOf(field);
  if (control === 'switch') return raw === true;
  if (control === 'checks') return Array.isArray(raw) ? raw : [];
  const text = typeof raw === 'string' ? raw.trim().normalize('NFC') : '';
  if (text === '') return null;
  if (control === 'lines')
    return text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean);
  if (control === 'number') return parseNumber(text, lang);
  if (control === 'feature') return Number(text);
  return text;
}

/** Says why what is typed cannot be kept, or null. */
export function faultOf(field: Field, raw: Raw | undefined, required: boolean, lang: Lang): Fault | null {
  const value = valueIn(field, raw, lang);
  const empty = raw === undefined || raw === '' || (Array.isArray(raw) && raw.length === 0);
  if (empty || (value === null && typeof raw === 'string' && raw.trim() === ''))
    return required && controlOf(field) !== 'switch' ? { why: 'whyMissing' } : null;
  if (controlOf(field) === 'number') return numberFault(field, value);
  if (typeof value === 'string') {
    const limit = field.maxLength ?? 2000;
    if ([...value].length > limit) return { why: 'whyLong', limit };
    if (field.pattern && !new RegExp(field.pattern).test(value)) return { why: 'whyPattern' };
  }
  return null;
}

function numberFault(field: Field, value: unknown): Fault | null {
  if (typeof value !== 'number') return { why: 'whyNumber' };
  if (field.type === 'integer' && !Number.isInteger(value)) return { why: 'whyInteger' };
  if (field.min !== undefined && value < field.min) return { why: 'whyBelow', limit: field.min };
  if (field.max !== undefined && value > field.max) return { why: 'whyAbove', limit: field.max };
  return null;
}
