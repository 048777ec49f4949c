import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as drafts from '../src/edit/draft.ts';
import { claim, requestOf } from '../src/edit/request.ts';
import { tasks } from '../src/state/layers.ts';
import type { Feature, Field, Layer, Move, OfferedMove } from '../src/state/types.ts';

const t = (vi: string) => ({ vi, en: vi });
const field = (name: string, more: Partial<Field> = {}): Field => ({ name, title: t(name), type: 'string', ...more });
const codes = (...values: string[]) => values.map((value) => ({ value, title: t(value) }));

function layer(fields: Field[], moves: Move[] = []): Layer {
  return {
    id: 'hamlets',
    title: t('Bản'),
    description: t(''),
    theme: 'population',
    geometry: 'MultiPolygon',
    order: 1,
    fields,
    moves,
    rights: { create: true, update: true, delete: false },
    tile: { minzoom: 8, maxzoom: 16 },
    style: { kind: 'fill' },
    legend: [],
    visible_when_open: true,
    extent: null,
    count: 1,
  };
}

const feature = (properties: Record<string, unknown>, geometry: Feature['geometry'] = null): Feature => ({
  type: 'Feature',
  id: 12,
  geometry,
  properties: { revision: 7, ...properties },
});

const report: OfferedMove = {
  id: 'report_coverage',
  title: t('Báo'),
  to: 'reported',
  fields: ['result', 'pct'],
  needs: ['result'],
  reason: true,
  allowed: true,
};
const hamlets = layer([
  field('name', { required: true }),
  field('result', { enum: codes('covered', 'partial'), moved: true }),
  field('pct', { type: 'number', min: 0, max: 100, moved: true }),
  field('households', { type: 'integer', min: 0 }),
  field('area', { type: 'number', computed: true }),
]);
const start = { layer: hamlets, lang: 'vi' as const, today: '2026-11-23' };
const whys = (draft: drafts.Draft) => drafts.whyNot(draft, 'vi').map((r) => [r.field, r.why]);

test('a move is held back until its needs and its reason are given', () => {
  let draft = drafts.startMove(start, feature({}), report);
  assert.deepEqual(whys(draft), [
    ['result', 'whyMissing'],
    ['reason', 'whyReason'],
  ]);
  draft = drafts.setReason(drafts.setRaw(draft, 'result', 'covered'), ' Đo tại nhà văn hóa ');
  assert.deepEqual(whys(draft), []);
  assert.deepEqual(requestOf(draft, 'vi'), {
    method: 'POST',
    path: '/collections/hamlets/items/12/moves',
    ifMatch: 7,
    body: { move: 'report_coverage', properties: { result: 'covered' }, reason: 'Đo tại nhà văn hóa', evidence: [] },
  });
});

test('evidence holds a move back while it is missing or on its way, and its id goes along', () => {
  const move = { ...report, needs: [], fields: [], reason: false, evidence: true };
  let draft = drafts.startMove(start, feature({}), move);
  assert.deepEqual(whys(draft), [['files', 'whyEvidence']]);
  draft = drafts.attach(draft, { key: 'a', name: 'anh.jpg', sent: 40 });
  assert.deepEqual(whys(draft), [['files', 'whyUploading']]);
  const media = { id: 5, name: 'anh.jpg', type: 'image/jpeg', url: '/media/5' };
  draft = drafts.attach(draft, { key: 'a', name: 'anh.jpg', sent: 100, media });
  assert.deepEqual(whys(draft), []);
  assert.deepEqual((requestOf(draft, 'vi').body as { evidence: unknown }).evidence, [5]);
  assert.deepEqual(whys(drafts.detach(draft, 'a')), [['files', 'whyEvidence']]);
});

test('a model is placed at its site until it is moved, and named by the file that was sent', () => {
  const names = ['model_id', 'model_lon', 'model_lat', 'model_scale'];
  const site = layer(names.map((n) => field(n, { type: n === 'model_id' ? 'string' : 'number', moved: true })));
  const move = {
    ...report,
    id: 'attach_model',
    fields: names,
    needs: names.slice(0, 3),
    reason: false,
    evidence: true,
  };
  const at = { type: 'Point' as const, coordinates: [103.6, 22.3] };
  let draft = drafts.startMove({ ...start, layer: site }, feature({}, at), move);
  assert.deepEqual(
    drafts.typed(draft).map((f) => f.name),
    ['model_scale'],
  );
  assert.deepEqual(draft.place, [103.6, 22.3]);
  draft = drafts.setPlace(draft, [103.61, 22.31]);
  draft = drafts.attach(draft, {
    key: 'a',
    name: 'm.glb',
    sent: 100,
    media: { id: 9, name: 'm.glb', type: 'model/gltf-binary', url: '/media/9' },
  });
  assert.deepEqual(drafts.given(draft, 'vi'), { model_lon: 103.61, model_lat: 22.31, model_id: '9' });
});

test('an edit sends only what differs, and nothing is no edit', () => {
  let draft = drafts.startEdit(start, feature({ name: 'Bản Hon', households: 80 }));
  assert.deepEqual(
    drafts.typed(draft).map((f) => f.name),
    ['name', 'households'],
  );
  assert.deepEqual(whys(draft), [[undefined, 'whyNothing']]);
  draft = drafts.setRaw(draft, 'households', '1.082');
  assert.deepEqual(requestOf(draft, 'vi'), {
    method: 'PATCH',
    path: '/collections/hamlets/items/12',
    ifMatch: 7,
    body: { properties: { households: 1082 } },
  });
  assert.deepEqual(drafts.changed(drafts.setRaw(draft, 'households', ''), 'vi'), { households: null });
});

test('after somebody else’s change the typed fields stay and the others follow', () => {
  let draft = drafts.startEdit(start, feature({ name: 'Bản Hon', households: 80 }));
  draft = drafts.setRaw(draft, 'households', '90');
  draft = drafts.rebase(draft, feature({ revision: 9, name: 'Bản Hon 1', households: 85 }), 'vi');
  const request = requestOf(draft, 'vi');
  assert.equal(request.ifMatch, 9);
  assert.deepEqual(request.body, { properties: { households: 90 } });
});

test('a new point needs a place', () => {
  let draft = drafts.setRaw(drafts.startCreate(start, null), 'name', 'Điểm mới');
  assert.deepEqual(whys(draft), [['place', 'whyPlace']]);
  draft = drafts.setPlace(draft, [103.6, 22.3]);
  assert.deepEqual(requestOf(draft, 'vi').body, {
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [103.6, 22.3] },
    properties: { name: 'Điểm mới' },
  });
});

test('a partner’s claim starts with its own operator and is sent as text', () => {
  const claims = layer([
    field('operator', { required: true }),
    field('min_signal_dbm', { type: 'integer' }),
    field('as_of', { type: 'date' }),
  ]);
  let draft = drafts.startSubmission({ ...start, layer: claims }, 'viettel');
  assert.deepEqual(whys(draft), [['files', 'whyEvidence']]);
  draft = drafts.attach(drafts.setRaw(draft, 'min_signal_dbm', '-105'), { key: 'f', name: 'v.geojson', sent: 0 });
  assert.deepEqual(whys(draft), []);
  assert.deepEqual(claim(draft, 'vi'), { operator: 'viettel', min_signal_dbm: '-105', as_of: '2026-11-23' });
});

test('work is what is not settled, a second person’s part first', () => {
  const state = field('state', { enum: codes('unknown', 'reported', 'verified') });
  const moves: Move[] = [
    { id: 'report', title: t('Báo'), field: 'state', from: ['unknown', 'verified'], to: 'reported' },
    { id: 'verify', title: t('Xác nhận'), field: 'state', from: ['reported'], to: 'verified', secondPerson: true },
  ];
  const found = tasks({ layers: [layer([state], moves)], themes: [], revision: 1 });
  assert.deepEqual(
    found.map((task) => [task.state, task.second]),
    [
      ['reported', true],
      ['unknown', false],
    ],
  );
});
