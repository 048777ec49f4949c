/** The pure parts of the pages of people. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  everybody,
  filtered,
  kinds,
  lacksFactor,
  sayScopes,
  scopesOf,
  sentence,
  stateOf,
} from '../src/state/accounts.ts';
import { deviceOf } from '../src/state/device.ts';
import { parseAddress, writeAddress } from '../src/state/hash.ts';
import { strengthOf } from '../src/state/password.ts';
import { commands, filled } from '../src/state/recipes.ts';
import { speak } from '../src/state/say.ts';
import type { Catalogue } from '../src/state/types.ts';
import type { Account, LogEntry, Role } from '../src/state/types-account.ts';

const vi = speak('vi');
const en = speak('en');

const roles: Role[] = [
  {
    role: 'leader',
    title: { vi: 'Lãnh đạo UBND', en: 'Leader' },
    needs_operator: false,
    has_hamlet: false,
    second_factor: true,
  },
  {
    role: 'auditor',
    title: { vi: 'Giám sát (MTTQ)', en: 'Auditor' },
    needs_operator: false,
    has_hamlet: false,
    second_factor: false,
  },
];

const account = (name: string, over: Partial<Account> = {}): Account => ({
  id: 1,
  name,
  title: null,
  role: 'auditor',
  role_title: { vi: '', en: '' },
  operator: null,
  hamlet_id: null,
  organisation: null,
  demo: false,
  has_password: true,
  second_factor: false,
  disabled: false,
  disabled_at: null,
  created_at: '2026-12-01T01:00:00Z',
  ...over,
});

test('people are found by words in any order, without diacritics, and by what they lack', () => {
  const all = [
    account('lo.van', { title: 'Lò Văn Đại', organisation: 'ubnd', second_factor: true }),
    account('an', { title: 'Giàng A Sử', role: 'leader' }),
    account('moi', { has_password: false }),
    account('cu', { disabled: true }),
  ];
  const names = (filter: Partial<typeof everybody>) => filtered(all, { ...everybody, ...filter }).map((a) => a.name);
  assert.deepEqual(names({}), ['cu', 'an', 'lo.van', 'moi']);
  assert.deepEqual(names({ query: 'dai lo' }), ['lo.van']);
  assert.deepEqual(names({ query: 'GIÀNG' }), ['an']);
  assert.deepEqual(names({ role: 'leader' }), ['an']);
  assert.deepEqual(names({ organisation: 'ubnd' }), ['lo.van']);
  assert.deepEqual(names({ organisation: '-' }), ['cu', 'an', 'moi']);
  assert.deepEqual(names({ state: 'waiting' }), ['moi']);
  assert.deepEqual(names({ state: 'disabled' }), ['cu']);
  assert.deepEqual(names({ state: 'nofactor' }), ['cu', 'an', 'moi']);
  assert.deepEqual(all.map(stateOf), ['active', 'active', 'waiting', 'disabled']);
  assert.deepEqual(
    all.map((a) => lacksFactor(a, roles)),
    [false, true, false, false],
  );
  assert.equal(stateOf(account('xưa', { role: 'forgotten', disabled: true })), 'forgotten');
  assert.equal(lacksFactor(account('x', { role: 'leader', demo: true }), roles), false);
});

test('the strength of a password is told as it grows, and habits count for little', () => {
  for (const [password, strength] of [
    ['ngắn', 'short'],
    ['matkhau2026', 'weak'],
    ['Mật khẩu 123', 'weak'],
    ['aaaaaaaaaaaa', 'weak'],
    ['0123456789', 'weak'],
    ['anhyeuem@2025', 'weak'],
    ['lò.văn.bản2026', 'weak'],
    ['sương muối', 'fair'],
    ['con trâu đi cày sớm', 'good'],
    ['k9#Tq!vR2m@xL', 'good'],
  ] as const)
    assert.equal(strengthOf(password, 'lo.van.ban'), strength, password);
  assert.equal(strengthOf('Lò Văn Bản Tư', 'lo van ban tu'), 'name');
});

test('a browser is called what people call it', () => {
  const told = (agent: string | null) => Object.values(deviceOf(agent)).join(' / ');
  const chrome = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0';
  assert.equal(told(`Mozilla/5.0 (Linux; Android 14; K) ${chrome} Mobile Safari/537.36`), 'Chrome / Android');
  assert.equal(told(`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome} Safari/537.36 Edg/140.0`), 'Edge / Windows');
  assert.equal(
    told(`Mozilla/5.0 (Windows NT 10.0; Win64; x64) coc_coc_browser/130 ${chrome} Safari/537.36`),
    'Cốc Cốc / Windows',
  );
  assert.equal(
    told(
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1',
    ),
    'Safari / iPhone',
  );
  assert.equal(
    told('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Zalo iOS/24'),
    'Zalo / iPhone',
  );
  assert.equal(
    told('Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0'),
    'Firefox / Mac',
  );
  assert.equal(told('curl/8.1'), ' / ');
  assert.equal(told(null), ' / ');
});

const catalogue = {
  layers: [{ id: 'parcels', title: { vi: 'Thửa đất', en: 'Parcels' } }],
} as unknown as Catalogue;

test('scopes are chosen, sent and read back in words', () => {
  assert.deepEqual(scopesOf({ read: true, write: true, layers: [], move: true }), ['read', 'write', 'move']);
  assert.deepEqual(scopesOf({ read: false, write: true, layers: ['parcels', 'roads'], move: false }), [
    'write:parcels',
    'write:roads',
  ]);
  assert.deepEqual(scopesOf({ read: false, write: false, layers: ['parcels'], move: false }), []);
  assert.equal(
    sayScopes(vi, ['read', 'write:parcels', 'write:roads'], catalogue),
    'Xem; thêm, sửa, xóa ở thửa đất, roads',
  );
  assert.equal(sayScopes(en, ['read', 'write', 'move'], catalogue), 'Read; write; take steps');
});

const entry = (what: string, over: Partial<LogEntry> = {}): LogEntry => ({
  id: 1,
  at: '2026-12-01T01:00:00Z',
  who: 'quan_tri',
  what,
  whom: 'lo.van',
  address: null,
  detail: {},
  ...over,
});

test('the account log reads as sentences', () => {
  assert.equal(sentence(vi, entry('invited'), roles), 'quan_tri mời lo.van');
  assert.equal(
    sentence(vi, entry('account_added', { detail: { role: 'leader' } }), roles),
    'quan_tri thêm tài khoản lo.van, vai trò lãnh đạo UBND',
  );
  assert.equal(
    sentence(vi, entry('account_changed', { detail: { role: ['leader', 'auditor'], title: ['', 'Lò'] } }), roles),
    'quan_tri sửa tài khoản lo.van: vai trò Lãnh đạo UBND → Giám sát (MTTQ); họ tên, chức danh – → Lò',
  );
  const own = { who: 'lo.van', detail: { title: 'QGIS' } };
  assert.equal(sentence(vi, entry('token_made', own), roles), 'lo.van tạo mã truy cập “QGIS”');
  assert.equal(
    sentence(en, entry('token_made', { detail: { title: 'QGIS' } }), roles),
    'quan_tri made the token “QGIS” for lo.van',
  );
  assert.equal(
    sentence(en, entry('sign_in_failures', { who: '' }), roles),
    'Many failed sign-ins to the account lo.van',
  );
  assert.equal(sentence(vi, entry('something_new', { whom: null }), roles), 'quan_tri: something_new');
});

test('every act of the log has its sentence, and those that are chosen from have a title', () => {
  const go = readFileSync(new URL('../../internal/people/log.go', import.meta.url), 'utf8');
  const acts = [...go.matchAll(/ act = "(\w+)"/g)].map(([, act]) => act ?? '');
  assert.ok(acts.length > 15);
  for (const act of acts) {
    const told = sentence(vi, entry(act, { detail: { title: 'x', role: 'leader' } }), roles);
    assert.ok(!told.includes(act), `${act}: ${told}`);
  }
  for (const kind of kinds) assert.ok(acts.includes(kind), kind);
});

test('a page of people stands in the address, and an invitation until it is followed', () => {
  for (const [hash, page] of [
    ['#page=account', { name: 'account' }],
    ['#page=people/12', { name: 'people', of: '12' }],
    ['#page=log/l%C3%B2.v%C4%83n', { name: 'log', of: 'lò.văn' }],
    ['#join=abc-_9', { name: 'join', of: 'abc-_9' }],
  ] as const) {
    assert.deepEqual(parseAddress(hash).page, page);
    assert.equal(writeAddress({ page }), hash);
  }
  assert.equal(parseAddress('#page=nothing').page, undefined);
  assert.equal(parseAddress('#page=').page, undefined);
});

test('the commands that are offered are the recipes that docs/clients.md runs', () => {
  const docs = readFileSync(new URL('../../docs/clients.md', import.meta.url), 'utf8');
  for (const { command } of commands) {
    assert.ok(docs.includes(`\n${command}\n`), command);
    const ready = filled(command, 'http://map.local', 'bando_x');
    assert.ok(ready.includes('http://map.local') && ready.includes('Bearer bando_x') && !ready.includes('$'), ready);
  }
});
