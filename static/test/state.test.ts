import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultOf, parseNumber, rawOf, valueIn } from '../src/state/form.ts';
import { boxOf, scaleOf } from '../src/state/geometry.ts';
import { parseAddress, writeAddress } from '../src/state/hash.ts';
import { scaleOpacity } from '../src/state/opacity.ts';
import { speak } from '../src/state/say.ts';
import { tilesOfBox, touchedTiles } from '../src/state/squares.ts';
import type { Box, Field, Square } from '../src/state/types.ts';
import { words } from '../src/state/words.ts';

const text = (vi: string, en = vi) => ({ vi, en });
const field = (more: Partial<Field>): Field => ({ name: 'x', title: text('X'), type: 'string', ...more });
const nbsp = '\u00a0';

test('numbers, units, dates and places are said as Vietnam writes them', () => {
  const vi = speak('vi');
  assert.equal(vi.value(2159.6, field({ type: 'number', unit: 'm2' })), `2.159,6${nbsp}m²`);
  assert.equal(vi.value(-105, field({ type: 'integer', unit: 'dBm' })), `−105${nbsp}dBm`);
  assert.equal(vi.value(45, field({ type: 'number', unit: '%' })), '45%');
  assert.equal(vi.value('2026-03-30', field({ type: 'date' })), '30/03/2026');
  assert.equal(vi.place([103.62, 22.34]), `22,34000°${nbsp}B; 103,62000°${nbsp}Đ`);
  assert.equal(vi.value(null), 'Chưa có dữ liệu');
  assert.equal(speak('en').value(2159.6, field({ type: 'number', unit: 'm2' })), `2,159.6${nbsp}m²`);
});

test('codes are said as words, an unknown code as itself', () => {
  const kind = field({ enum: [{ value: 'ban', title: text('Bản', 'Hamlet') }] });
  assert.equal(speak('vi').value('ban', kind), 'Bản');
  assert.equal(speak('en').value(['ban', 'zzz'], kind), 'Hamlet, zzz');
});

test('every sentence stands in both languages with the same gaps, in composed letters', () => {
  for (const [key, [vi, en]] of Object.entries(words)) {
    assert.ok(vi && en, key);
    assert.equal(vi, vi.normalize('NFC'), key);
    const gaps = (s: string) => [...s.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();
    assert.deepEqual(gaps(vi), gaps(en), key);
  }
});

test('typed numbers are read in the reader’s notation', () => {
  assert.equal(parseNumber('2.159,6', 'vi'), 2159.6);
  assert.equal(parseNumber('1.234', 'vi'), 1234);
  assert.equal(parseNumber('12.5', 'vi'), 12.5);
  assert.equal(parseNumber('2,159.6', 'en'), 2159.6);
  assert.equal(parseNumber('−105', 'vi'), -105);
  assert.equal(parseNumber('12,5,1', 'vi'), null);
  assert.equal(parseNumber('năm', 'vi'), null);
});

test('what a control shows is read back as the same value', () => {
  const cases: [Field, unknown][] = [
    [field({ type: 'number' }), 12.5],
    [field({ type: 'integer' }), 1234],
    [field({ type: 'boolean' }), true],
    [field({ type: 'strings' }), ['a', 'b']],
    [field({ type: 'strings', enum: [{ value: 'a', title: text('A') }] }), ['a']],
    [field({ type: 'date' }), '2026-01-02'],
    [field({}), 'Sì Thâu Chải'],
    [field({ type: 'integer', refers: 'hamlets' }), 12],
  ];
  for (const [f, value] of cases)
    for (const lang of ['vi', 'en'] as const) assert.deepEqual(valueIn(f, rawOf(f, value, lang), lang), value);
});

test('a control says why its content cannot be kept', () => {
  const pct = field({ type: 'number', min: 0, max: 100 });
  assert.equal(faultOf(pct, '', false, 'vi'), null);
  assert.deepEqual(faultOf(pct, '', true, 'vi'), { why: 'whyMissing' });
  assert.deepEqual(faultOf(pct, '120', true, 'vi'), { why: 'whyAbove', limit: 100 });
  assert.deepEqual(faultOf(pct, '-1', true, 'vi'), { why: 'whyBelow', limit: 0 });
  assert.deepEqual(faultOf(pct, 'x', true, 'vi'), { why: 'whyNumber' });
  assert.deepEqual(faultOf(field({ type: 'integer' }), '1,5', true, 'vi'), { why: 'whyInteger' });
  assert.deepEqual(faultOf(field({ maxLength: 3 }), 'bảnn', true, 'vi'), { why: 'whyLong', limit: 3 });
  assert.deepEqual(faultOf(field({ pattern: '^\\d{5}$' }), '0339', true, 'vi'), { why: 'whyPattern' });
});

test('the address keeps view, selection and language, and refuses nonsense', () => {
  const address = {
    view: { zoom: 14, center: [103.62, 22.34] as [number, number] },
    selected: { layer: 'hamlets', id: 12 },
    lang: 'en' as const,
  };
  assert.deepEqual(parseAddress(writeAddress(address)), address);
  assert.deepEqual(parseAddress('#map=99/x/1&sel=Hamlets/-1&lang=fr'), {});
});

test('a change touches exactly the tiles of the view that meet its squares, and their neighbours’ rims', () => {
  const box: Box = [103.5, 22.25, 103.8, 22.45];
  const zoom = 12;
  const [x0, y0] = tilesOfBox([103.62, 22.34, 103.62, 22.34], 24);
  const square: Square = [x0, y0, x0, y0];
  const tiles = touchedTiles([square], { box, zoom }, { minZoom: 8, maxZoom: 16 });
  assert.deepEqual(
    tiles.map((t) => t.z),
    [8, 9, 10, 11, 12, 13],
  );
  for (const { z, x, y } of tiles)
    assert.deepEqual([x, y], [Math.floor(x0 / 2 ** (24 - z)), Math.floor(y0 / 2 ** (24 - z))]);
  const [fx, fy] = tilesOfBox([105, 20, 105, 20], 24);
  const far = touchedTiles([[fx, fy, fx, fy]], { box, zoom }, { minZoom: 10, maxZoom: 16 });
  assert.deepEqual(far, []);
});

test('a square as large as the country asks for no more than the tiles of the view', () => {
  const tiles = touchedTiles(
    [[0, 0, 2 ** 24 - 1, 2 ** 24 - 1]],
    { box: [103.6, 22.3, 103.65, 22.35], zoom: 14 },
    { minZoom: 12, maxZoom: 16 },
  );
  assert.ok(tiles.length > 0 && tiles.length < 200, String(tiles.length));
});

test('opacity is scaled inside the zoom expression that must stay outermost', () => {
  assert.equal(scaleOpacity(0.5, 0.5), 0.25);
  assert.deepEqual(scaleOpacity(['interpolate', ['linear'], ['zoom'], 8, 1, 12, 0.5], 0.5), [
    'interpolate',
    ['linear'],
    ['zoom'],
    8,
    0.5,
    12,
    0.25,
  ]);
  assert.deepEqual(scaleOpacity(['step', ['zoom'], 0, 10, 1], 0.5), ['step', ['zoom'], 0, 10, 0.5]);
  assert.deepEqual(scaleOpacity(['get', 'o'], 0.5), ['*', 0.5, ['get', 'o']]);
});

test('the box of a geometry and the round length of a scale', () => {
  assert.deepEqual(
    boxOf({
      type: 'MultiPolygon',
      coordinates: [
        [
          [
            [1, 2],
            [3, 2],
            [3, 5],
            [1, 2],
          ],
        ],
      ],
    }),
    [1, 2, 3, 5],
  );
  assert.equal(boxOf(null), null);
  const { metres, widthPx } = scaleOf(22.34, 14, 110);
  assert.equal(metres, 200);
  assert.ok(widthPx > 40 && widthPx <= 110);
});
