import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { isPassing, mostTries, newKey, waitAfter } from '../src/api/again.ts';
import { Client, Refused } from '../src/api/client.ts';
import * as drafts from '../src/edit/draft.ts';
import { intentOf } from '../src/edit/intent.ts';
import { whyNotCompare, whyNotMoment } from '../src/edit/moments.ts';
import { patchRequest, requestOf } from '../src/edit/request.ts';
import { choose, keptOf, patchOf, settle, sidesOf, since, unsettled } from '../src/edit/settle.ts';
import { undoable, whyNotUndo } from '../src/edit/undo.ts';
import { parseAddress, writeAddress } from '../src/state/hash.ts';
import { speak } from '../src/state/say.ts';
import { keepSeen, readSeen, type Store, seenIn, startOver } from '../src/state/seen.ts';
import type { Feature, HistoryEntry, Layer, Problem } from '../src/state/types.ts';
import type { Merge, Stale } from '../src/state/types-history.ts';
import { ago, byDay, dayName, daysAgo, fromField, toField } from '../src/state/when.ts';

const problem = (status: number, code = ''): Problem => ({ status, code, title: '', detail: '' });
const t = (vi: string) => ({ vi, en: vi });

test('a write is sent again when its answer was not heard, with longer waits, and not for ever', () => {
  const waits = [1, 2, 3, 4, 5].map((tries) => waitAfter(tries, problem(0)));
  assert.deepEqual(waits, [1000, 2000, 4000, 8000, null]);
  assert.equal(waitAfter(1, { ...problem(503), retryAfterS: 3 }), 3000);
  assert.equal(waitAfter(1, { ...problem(503), retryAfterS: 3600 }), 8000);
});

test('only faults that say nothing against the request pass', () => {
  for (const passing of [problem(0), problem(503), problem(409, 'idempotency_key_in_use')])
    assert.ok(isPassing(passing), JSON.stringify(passing));
  for (const lasting of [problem(409), problem(412), problem(422), problem(403), problem(500)])
    assert.ok(!isPassing(lasting), JSON.stringify(lasting));
});

test('keys are long, of letters and digits, and differ', () => {
  assert.match(newKey(), /^[0-9a-f]{32}$/);
  assert.notEqual(newKey(), newKey());
});

const realFetch = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = realFetch;
});

/** Answers each request by the next of these; a null is a network that fails. Gives the headers that were sent. */
function answering(...answers: (Response | null)[]): Record<string, string>[] {
  const sent: Record<string, string>[] = [];
  globalThis.fetch = async (_, init) => {
    sent.push(init?.headers as Record<string, string>);
    const answer = answers.shift();
    if (!answer) throw new TypeError('Failed to fetch');
    return answer;
  };
  return sent;
}

test('the same key goes with every try of a change, and the person is told of each', async () => {
  const sent = answering(null, new Response('{}', { status: 503 }), new Response('{"id":7}'));
  const told: number[] = [];
  const client = new Client(async () => undefined);
  const onAgain = (tries: number) => void told.push(tries);
  const feature = await client.ask<{ id: number }>('/x', { method: 'POST', body: {}, key: 'k-1234567', onAgain });
  assert.equal(feature.id, 7);
  assert.deepEqual(
    sent.map((headers) => headers['Idempotency-Key']),
    ['k-1234567', 'k-1234567', 'k-1234567'],
  );
  assert.deepEqual(told, [2, 3]);
});

test('a refusal is heard at once, and a network that stays away is given up', async () => {
  const client = new Client(async () => undefined);
  const once = answering(new Response('{"code":"stale_revision","revision":9}', { status: 412 }));
  await assert.rejects(client.ask('/x', { method: 'PATCH', body: {}, key: 'k-1234567' }), (error: Refused) => {
    assert.equal((error.problem as Stale).revision, 9);
    return true;
  });
  assert.equal(once.length, 1);
  const many = answering();
  await assert.rejects(client.ask('/x', { method: 'PATCH', body: {}, key: 'k-1234567' }), Refused);
  assert.equal(many.length, mostTries);
});

test('without a key nothing is sent twice', async () => {
  const sent = answering();
  await assert.rejects(new Client(async () => undefined).ask('/api/session', { method: 'POST', body: {} }), Refused);
  assert.equal(sent.length, 1);
});

test('a change keeps its key until it is another change', () => {
  let made = 0;
  const key = () => `key-${++made}`;
  const request = { method: 'PATCH' as const, path: '/p', ifMatch: 7, body: { properties: { a: 1 } } };
  const first = intentOf(undefined, request, key);
  assert.equal(intentOf(first, structuredClone(request), key), first);
  assert.equal(intentOf(first, { ...request, ifMatch: 8 }, key).key, 'key-2');
  assert.equal(intentOf(first, { ...request, body: { properties: { a: 2 } } }, key).key, 'key-3');
});

const hamlets: Layer = {
  id: 'hamlets',
  title: t('Bản'),
  description: t(''),
  theme: 'population',
  geometry: 'MultiPolygon',
  order: 1,
  fields: [
    { name: 'name', title: t('Tên'), type: 'string', required: true },
    { name: 'households', title: t('Số hộ'), type: 'integer' },
  ],
  moves: [],
  rights: { create: true, update: true, delete: true },
  tile: { minzoom: 8, maxzoom: 16 },
  style: { kind: 'fill' },
  legend: [],
  visible_when_open: true,
  extent: null,
  count: 1,
};
const square: Feature['geometry'] = { type: 'Point', coordinates: [103.6, 22.3] };
const hamlet = (properties: Record<string, unknown>): Feature => ({
  type: 'Feature',
  id: 12,
  geometry: square,
  properties,
});

const stale = (merge: Partial<Merge>): Stale & Problem => ({
  ...problem(412, 'stale_revision'),
  base: hamlet({ households: 144, name: 'Bản Hon' }),
  mine: { properties: { households: 151, population: 700 } },
  theirs: hamlet({ households: 150, name: 'Bản Hon 1' }),
  revision: 9,
  merge: {
    mine: ['population'],
    theirs: ['name'],
    both: [],
    conflicts: [],
    change: { type: 'Feature', properties: { population: 700 } },
    ...merge,
  },
});

test('changes of different attributes go together without a question', () => {
  const of = settle(stale({}), []);
  assert.ok(of);
  assert.deepEqual(unsettled(of), []);
  assert.deepEqual(patchOf(of), { ifMatch: 9, change: { properties: { population: 700 } } });
  assert.deepEqual(keptOf(of), { mine: ['population'], theirs: ['name'] });
});

test('what both changed is chosen one by one, and theirs needs no sending', () => {
  let of = settle(
    stale({ conflicts: ['households', 'geometry'], mine: [], change: { type: 'Feature', properties: {} } }),
    [],
  );
  assert.ok(of);
  assert.deepEqual(unsettled(of), ['households', 'geometry']);
  assert.deepEqual(sidesOf(of, 'households'), { before: 144, mine: 151, theirs: 150 });
  of = choose(choose(of, 'households', 'theirs'), 'geometry', 'theirs');
  assert.deepEqual(unsettled(of), []);
  assert.equal(patchOf(of), null);
  of = choose(of, 'households', 'mine');
  assert.deepEqual(patchOf(of)?.change, { properties: { households: 151 } });
  assert.deepEqual(keptOf(of), { mine: ['households'], theirs: ['name', 'geometry'] });
});

test('a shape that is chosen goes along with the attributes', () => {
  const mine = { type: 'Point' as const, coordinates: [103.7, 22.4] };
  const told = { ...stale({ conflicts: ['geometry'] }), mine: { properties: {}, geometry: mine } };
  const of = settle(told, []);
  assert.ok(of);
  assert.deepEqual(patchOf(choose(of, 'geometry', 'mine'))?.change, {
    properties: { population: 700 },
    geometry: mine,
  });
});

test('a refusal that tells nothing of the other version cannot be settled', () => {
  assert.equal(settle(problem(412), []), null);
  assert.equal(settle({ ...stale({}), status: 409 }, []), null);
});

test('who was faster are the writers after the version that was seen', () => {
  const entry = (revision: number) => ({ revision }) as HistoryEntry;
  assert.deepEqual(
    since([entry(9), entry(8), entry(7)], 7).map((e) => e.revision),
    [9, 8],
  );
});

test('a settlement is sent as a patch of the newer version, with the reason that was typed', () => {
  const start = { layer: hamlets, lang: 'vi' as const, today: '2026-11-23' };
  const draft = drafts.setReason(drafts.startEdit(start, hamlet({ revision: 7 })), ' Đếm lại ');
  assert.deepEqual(patchRequest(draft, { ifMatch: 9, change: { properties: { households: 151 } } }), {
    method: 'PATCH',
    path: '/collections/hamlets/items/12',
    ifMatch: 9,
    body: { properties: { households: 151 }, reason: 'Đếm lại' },
  });
});

test('what was typed for a feature that is gone makes a new one of the same shape', () => {
  const start = { layer: hamlets, lang: 'vi' as const, today: '2026-11-23' };
  const draft = drafts.setRaw(drafts.startEdit(start, hamlet({ revision: 7, name: 'Bản Hon' })), 'households', '90');
  assert.deepEqual(requestOf(drafts.anew(draft), 'vi'), {
    method: 'POST',
    path: '/collections/hamlets/items',
    body: { type: 'Feature', geometry: square, properties: { name: 'Bản Hon', households: 90 } },
  });
});

test('an undo waits for its trial, a reason, and of a whole revision a second look', () => {
  const of = { trial: 'trying' as const, conflicts: [], each: false, sure: false, reason: '' };
  const whys = (undoing: Parameters<typeof whyNotUndo>[0]) => whyNotUndo(undoing).map((r) => r.why);
  assert.deepEqual(whys(of), ['revertChecking']);
  const answer = { revision: null, reverted: 3, unchanged: 1 };
  const ready = { ...of, trial: 'ready' as const, answer };
  assert.deepEqual(whys(ready), ['whyReason', 'whySure']);
  assert.deepEqual(whys({ ...ready, only: {}, reason: 'nhầm bản' }), []);
  assert.deepEqual(whys({ ...ready, answer: { ...answer, reverted: 0 } }), ['revertNothing']);
});

test('where something stands in the way, an undo goes on only with the rest', () => {
  const conflict = { collection: 'hamlets', id: 12, name: 'Bản Hon', code: 'changed' };
  const answer = { revision: null, reverted: 2, unchanged: 0 };
  const of = { trial: 'ready' as const, conflicts: [conflict], answer, each: false, sure: true, reason: 'x' };
  assert.equal(undoable(of), 0);
  assert.equal(undoable({ ...of, each: true }), 2);
});

const now = new Date('2026-11-30T10:00:00+07:00');

test('how long ago is said in words, in both languages', () => {
  const minutes = (n: number) => new Date(now.getTime() - n * 60_000).toISOString();
  assert.equal(ago(minutes(5), now, 'vi'), '5 phút trước');
  assert.equal(ago(minutes(5), now, 'en'), '5 minutes ago');
  assert.equal(ago(minutes(60 * 26), now, 'vi'), '1 ngày trước');
  assert.equal(ago(minutes(0.5), now, 'vi'), null);
  assert.equal(speak('vi').ago(minutes(-3), now), 'vừa xong');
});

test('days are told from midnight to midnight, by name from the day before yesterday on', () => {
  const local = (day: number, hour: number) => new Date(2026, 10, day, hour).toISOString();
  const noon = new Date(2026, 10, 30, 12);
  assert.equal(daysAgo(local(29, 23), noon), 1);
  assert.equal(daysAgo(local(30, 0), noon), 0);
  assert.equal(speak('vi').day(local(29, 1), noon), 'Hôm qua');
  assert.match(dayName(local(28, 9), 'vi'), /^Thứ [Bb]ảy, 28\/11\/2026$/);
  const rows = [local(30, 9), local(30, 8), local(28, 9)].map((at) => ({ at }));
  assert.deepEqual(
    byDay(rows).map((d) => [d.day, d.rows.length]),
    [
      ['2026-11-30', 2],
      ['2026-11-28', 1],
    ],
  );
});

test('a field of date and time is read as the device’s own time and written back the same', () => {
  assert.equal(fromField(''), null);
  assert.equal(fromField('30/11/2026'), null);
  const iso = fromField('2026-11-30T08:15');
  assert.ok(iso?.endsWith(':15:00Z'));
  assert.equal(toField(new Date(iso ?? '')), '2026-11-30T08:15');
});

test('moments are compared only in their order, and the past is no future', () => {
  assert.deepEqual(whyNotCompare('2026-11-01T00:00', '2026-11-02T00:00'), []);
  assert.deepEqual(whyNotCompare('2026-11-02T00:00', '2026-11-01T00:00'), [{ why: 'whyOrder', field: 'until' }]);
  assert.deepEqual(
    whyNotCompare('', '').map((w) => w.field),
    ['since', 'until'],
  );
  assert.deepEqual(whyNotMoment('2099-01-01T00:00', now), [{ why: 'whyFuture', field: 'at' }]);
  assert.deepEqual(whyNotMoment('2026-01-01T00:00', now), []);
});

test('a device remembers how far was looked, never backwards; one that may not keep anything copes', () => {
  const kept = new Map<string, string>();
  const store = (): Store => ({ getItem: (k) => kept.get(k) ?? null, setItem: (k, v) => void kept.set(k, v) });
  assert.equal(readSeen(store), null);
  assert.ok(keepSeen(store, 5));
  assert.ok(keepSeen(store, 3));
  assert.equal(readSeen(store), 5);
  assert.ok(startOver(store, 2));
  assert.equal(readSeen(store), 2);
  kept.set('bando-seen', 'x');
  assert.equal(readSeen(store), null);
  const forbidden = (): Store => {
    throw new DOMException('denied', 'SecurityError');
  };
  assert.equal(readSeen(forbidden), null);
  assert.equal(keepSeen(forbidden, 5), false);
});

test('what was seen of another database says nothing', () => {
  assert.equal(seenIn(70, 12), null);
  assert.equal(seenIn(7, 12), 7);
});

test('the address keeps the moment that is looked at', () => {
  const address = { at: '2026-05-01T00:00:00Z' };
  assert.deepEqual(parseAddress(writeAddress(address)), address);
  assert.deepEqual(parseAddress('#at=hom-qua'), {});
});
