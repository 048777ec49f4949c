/** Accounts as the administrator looks through them, tokens' scopes, and the account log, in words. */
import { type Say, within } from './say.ts';
import { fold } from './text.ts';
import type { Catalogue } from './types.ts';
import type { Account, LogEntry, Role } from './types-account.ts';
import { type WordKey, words } from './words.ts';

export type PersonState = 'active' | 'waiting' | 'disabled' | 'forgotten';

/** An account that nobody has opened yet waits; so does one that was taken back. Of one that was forgotten the name is left. */
export const stateOf = (a: Account): PersonState =>
  a.role === 'forgotten' ? 'forgotten' : a.disabled ? 'disabled' : a.has_password ? 'active' : 'waiting';

/** The role needs a second factor, and the account has none. The demo's accounts are exempt. */
export const lacksFactor = (a: Account, roles: readonly Role[]): boolean =>
  !a.demo && !a.second_factor && roles.some((r) => r.role === a.role && r.second_factor);

export interface PeopleFilter {
  query: string;
  role: string;
  /** '-' is none. */
  organisation: string;
  state: PersonState | 'nofactor' | '';
}

export const everybody: PeopleFilter = { query: '', role: '', organisation: '', state: '' };

/** Those that a filter leaves, by name: words may be typed without diacritics and in any order. */
export function filtered(accounts: readonly Account[], f: PeopleFilter): Account[] {
  const asked = fold(f.query).split(/\s+/).filter(Boolean);
  return accounts
    .filter((a) => {
      const text = fold(`${a.title ?? ''} ${a.name}`);
      return (
        asked.every((word) => text.includes(word)) &&
        (f.role === '' || a.role === f.role) &&
        (f.organisation === '' || (a.organisation ?? '-') === f.organisation) &&
        (f.state === '' || (f.state === 'nofactor' ? !a.second_factor : stateOf(a) === f.state))
      );
    })
    .sort((a, b) => (a.title ?? a.name).localeCompare(b.title ?? b.name, 'vi'));
}

/** What the role means, in a sentence; none for a role that this page does not know. */
export const roleMeaning: Record<string, WordKey> = {
  land_officer: 'roleLand',
  forest_ranger: 'roleForest',
  culture_officer: 'roleCulture',
  hamlet_head: 'roleHamlet',
  telecom_partner: 'roleTelecom',
  tourism_staff: 'roleTourism',
  leader: 'roleLeader',
  auditor: 'roleAuditor',
  admin: 'roleAdmin',
};

/** The layers and the moves that the catalogue offers its reader, by title. */
export function rightsOf(say: Say, catalogue: Catalogue | null): { layers: string[]; moves: string[] } {
  const layers = catalogue?.layers ?? [];
  const writes = layers.filter((l) => l.rights?.create || l.rights?.update || l.rights?.delete);
  const moves = layers.flatMap((l) => l.moves.map((m) => say.text(m.title)));
  return { layers: writes.map((l) => say.text(l.title)), moves: [...new Set(moves)] };
}

/** What a token may do, as it is chosen. */
export interface Scopes {
  read: boolean;
  write: boolean;
  /** Layers that writing is narrowed to; none means all. */
  layers: string[];
  move: boolean;
}

export const scopesOf = ({ read, write, layers, move }: Scopes): string[] => [
  ...(read ? ['read'] : []),
  ...(write ? (layers.length ? layers.map((l) => `write:${l}`) : ['write']) : []),
  ...(move ? ['move'] : []),
];

/** Scopes in a line: "xem; thêm, sửa, xóa ở Thửa đất". */
export function sayScopes(say: Say, scopes: readonly string[], catalogue: Catalogue | null): string {
  const title = (id: string) => say.text(catalogue?.layers.find((l) => l.id === id)?.title) || id;
  const part = (what: string, key: WordKey) => {
    if (scopes.includes(what)) return [say(key)];
    const layers = scopes.filter((s) => s.startsWith(`${what}:`)).map((s) => within(title(s.slice(what.length + 1))));
    return layers.length ? [say('scopeIn', { what: say(key), layers: layers.join(', ') })] : [];
  };
  const parts = [
    ...part('read', 'scopeReadShort'),
    ...part('write', 'scopeWriteShort'),
    ...part('move', 'scopeMoveShort'),
  ];
  const line = parts.join('; ');
  return line.charAt(0).toLocaleUpperCase('vi') + line.slice(1);
}

/** What the log's acts are called where they are chosen from. */
export const kinds: string[] = Object.keys(words)
  .filter((key) => key.startsWith('kind_'))
  .map((key) => key.slice('kind_'.length));

export const kindTitle = (say: Say, what: string): string => say(`kind_${what}` as WordKey);

/** One entry of the account log as a sentence. Acts on one's own account are told without saying the name twice. */
export function sentence(say: Say, entry: LogEntry, roles: readonly Role[]): string {
  const { who, what, whom, detail } = entry;
  const own = `act_${what}_own`;
  const key = who === whom && own in words ? own : `act_${what}`;
  const role = (id: unknown) => say.text(roles.find((r) => r.role === id)?.title) || String(id);
  const values = {
    what,
    who: who || say('logSomebody'),
    whom: whom ?? '',
    title: String(detail.title ?? detail.code ?? ''),
    role: within(role(detail.role)),
    changes: changes(say, detail, role),
  };
  return say((key in words ? key : 'act_other') as WordKey, values).trim();
}

const changed: Record<string, WordKey> = {
  title: 'fullName',
  role: 'role',
  operator: 'operator',
  hamlet_id: 'hamlet',
  organisation: 'organisation',
};

function changes(say: Say, detail: Record<string, unknown>, role: (id: unknown) => string): string {
  const told = Object.entries(detail).flatMap(([name, pair]) => {
    const key = changed[name];
    if (!key || !Array.isArray(pair)) return [];
    const [from, to] = pair.map((v) =>
      v === '' || v === 0 || v === null ? '–' : name === 'role' ? role(v) : String(v),
    );
    return [`${within(say(key))} ${say('fromTo', { from: from ?? '–', to: to ?? '–' })}`];
  });
  return told.join('; ');
}
