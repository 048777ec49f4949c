/** Moments: how long ago, on which day, and as the browser's date fields have them. Days and hours are the device's own. */
import type { Lang } from './types.ts';

const steps: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** "5 phút trước"; null when it is less than a minute ago, or yet to come by a clock that is ahead. */
export function ago(iso: string, now: Date, lang: Lang): string | null {
  const seconds = (now.getTime() - new Date(iso).getTime()) / 1000;
  const step = steps.find(([, length]) => seconds >= length);
  if (!step) return null;
  const format = new Intl.RelativeTimeFormat(lang === 'vi' ? 'vi-VN' : 'en-GB', { numeric: 'always' });
  return format.format(-Math.floor(seconds / step[1]), step[0]);
}

const two = (n: number) => String(n).padStart(2, '0');

/** The day of a moment as YYYY-MM-DD. */
export const dayOf = (at: Date): string => `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;

/** How many midnights lie between a moment and now. */
export function daysAgo(iso: string, now: Date): number {
  const midnight = (at: Date) => Date.UTC(at.getFullYear(), at.getMonth(), at.getDate());
  return Math.round((midnight(now) - midnight(new Date(iso))) / 86_400_000);
}

/** Weekday and date: "Thứ Hai, 30/11/2026". */
export function dayName(iso: string, lang: Lang): string {
  const at = new Date(iso);
  const weekday = new Intl.DateTimeFormat(lang === 'vi' ? 'vi-VN' : 'en-GB', { weekday: 'long' }).format(at);
  return `${weekday.charAt(0).toLocaleUpperCase('vi')}${weekday.slice(1)}, ${two(at.getDate())}/${two(at.getMonth() + 1)}/${at.getFullYear()}`;
}

export interface Day<T> {
  day: string;
  rows: T[];
}

/** Rows by day, in the order in which they come. */
export function byDay<T extends { at: string }>(rows: readonly T[]): Day<T>[] {
  const days: Day<T>[] = [];
  for (const row of rows) {
    const day = dayOf(new Date(row.at));
    const last = days.at(-1);
    if (last?.day === day) last.rows.push(row);
    else days.push({ day, rows: [row] });
  }
  return days;
}

/** A moment as a field of date and time has it. */
export const toField = (at: Date): string => `${dayOf(at)}T${two(at.getHours())}:${two(at.getMinutes())}`;

/** What stands in a field of date and time as RFC 3339 in UTC; null when it is no moment. */
export function fromField(text: string): string | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text)) return null;
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? null : moment(at);
}

/** A moment in UTC, to the second. */
export const moment = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`;
