/** What is told of a new password while it is typed. It is a hint: the server, which knows far more words, decides. */
import { fold } from './text.ts';

export type Strength = 'short' | 'name' | 'weak' | 'fair' | 'good';

export const minPassword = 10;

/** What people reach for first; each counts as little more than one letter. */
const habits =
  /matkhau|password|admin|quantri|anhyeuem|emyeuanh|yeuem|iloveyou|vietnam|hanoi|laichau|binhlu|tamduong|ubnd|diachinh|vanhoa|bando|viettel|vnpt|mobifone|xinchao|congan|truongban|qwerty|asdfgh|zxcvbn|1qaz|2wsx/g;
const dates = /(0?[1-9]|[12]\d|3[01])(0?[1-9]|1[0-2])(19|20)?\d\d|(19|20)\d\d/g;

/** About how many unforeseeable letters a password has. */
export function surprise(password: string, name = ''): number {
  let plain = fold(password).replace(/[\s._-]/g, '');
  const own = fold(name).replace(/[\s._-]/g, '');
  if (own.length > 2) plain = plain.replaceAll(own, '\u0001');
  plain = plain.replace(habits, '\u0001').replace(dates, '\u0001');
  let count = 0;
  for (let i = 0; i < plain.length; i++) count += steady(plain, i) ? 0.1 : plain[i] === '\u0001' ? 1.5 : 1;
  return Math.min(count, 2 * new Set(plain).size);
}

/** A letter that goes on as the two before it did: aaa, abc, 987. */
function steady(text: string, i: number): boolean {
  if (i < 2) return false;
  const step = text.charCodeAt(i) - text.charCodeAt(i - 1);
  return Math.abs(step) <= 1 && step === text.charCodeAt(i - 1) - text.charCodeAt(i - 2);
}

export function strengthOf(password: string, name = ''): Strength {
  if ([...password].length < minPassword) return 'short';
  if (fold(password) === fold(name)) return 'name';
  const found = surprise(password, name);
  return found < 9 ? 'weak' : found < 13 ? 'fair' : 'good';
}
