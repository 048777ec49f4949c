// The other work: a new internet point, somebody else being quicker, a partner's coverage, a site's model; and the page
// when things are missing: another language, no map, no server.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { closeDetail, find, panel, rest, send, signIn } from './acts.mjs';
import { accessible, reader } from './browser.mjs';

const desk = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };

export function work(stage) {
  describe('work', { timeout: 240_000 }, () => {
    const readers = [];
    after(() => Promise.all(readers.map((one) => one.context.close())));

    /** A page of somebody who is signed in. */
    async function as(name, viewport = desk) {
      const one = await reader(stage.browser, stage.server.address, viewport);
      readers.push(one);
      const page = await one.open();
      if (name) await signIn(page, name, stage.server.accounts.get(name));
      return { page, blameless: one.blameless };
    }

    test('a new internet point is put under the crosshair, filled in, and installed with a photo', async () => {
      const { page, blameless } = await as('van_hoa', phone);
      await find(page, 'ban trung tam', 'Bản Trung Tâm', 'Bản, tổ dân phố');
      await closeDetail(page);
      await panel(page, 'work');
      await page.locator('.starter', { hasText: 'điểm Internet' }).click();
      await page.locator('.crosshair').waitFor({ state: 'attached' });
      await accessible(page);
      await page.locator('.placing-bar .primary').click();
      await fillNeeded(page);
      await page.locator('#field-name').fill('Wifi sân bóng Bản Trung Tâm');
      await accessible(page);
      await send(page);
      await page.locator('.detail .badge').waitFor();
      assert.equal(await page.locator('.detail h2').innerText(), 'Wifi sân bóng Bản Trung Tâm');

      await page.locator('[data-move=install]').click();
      await page.locator('.form-foot .primary').click();
      await page.locator('.fault', { hasText: 'Cần kèm ít nhất một tệp.' }).waitFor();
      await page.locator('input[type=file]').setInputFiles({ name: 'anh.png', mimeType: 'image/png', buffer: await photo(page) });
      await page.locator('.files .icon').first().waitFor();
      await rest(page);
      await send(page);
      await page.locator('.detail .badge', { hasText: 'Đã lắp' }).waitFor();
      await page.locator('.history .evidence a').first().waitFor();
      blameless();
    });

    test('a partner hands in a coverage file, sees its faults, and an officer returns it with a reason', async () => {
      const partner = await as('viettel');
      await panel(partner.page, 'work');
      await partner.page.locator('.starter', { hasText: 'Nộp vùng phủ sóng' }).click();
      await partner.page.locator('input[type=file]').setInputFiles({ name: 'vung.geojson', mimeType: 'application/geo+json', buffer: coverage() });
      await fillNeeded(partner.page);
      await accessible(partner.page);
      await send(partner.page);
      await partner.page.locator('.faults').waitFor();
      const title = await partner.page.locator('.detail h2').innerText();
      await accessible(partner.page);
      await partner.page.locator('[data-move=submit]').click();
      await send(partner.page);
      await partner.page.locator('[data-move=withdraw]').waitFor();
      const hash = new URL(partner.page.url()).hash;

      const officer = await as('van_hoa');
      await officer.page.goto(`${stage.server.address}/${hash}`);
      await officer.page.reload();
      await officer.page.locator('.detail .facts').first().waitFor();
      assert.equal(await officer.page.locator('.detail h2').innerText(), title);
      await officer.page.locator('[data-move=return_submission]').click();
      await officer.page.locator('#reason').fill('Thiếu ngày đo.');
      await send(officer.page);
      await partner.page.reload();
      await partner.page.locator('.detail .badge', { hasText: 'Trả lại để sửa' }).waitFor();
      partner.blameless();
      officer.blameless();
    });

    test('a site gets its 3D model, placed on the map, and a second person publishes it', async () => {
      const { page, blameless } = await as('du_lich');
      await panel(page, 'work');
      await page.locator('.task[data-task="tourism_sites/model_state/none"] .row').first().click();
      await page.locator('[data-move=attach_model]').click();
      await page.locator('input[type=file]').setInputFiles({ name: 'nha-san.glb', mimeType: 'model/gltf-binary', buffer: model() });
      await page.locator('.field', { hasText: 'Vị trí mô hình' }).locator('button').click();
      await page.locator('.placing-bar .primary').click();
      await page.locator('#field-model_heading').fill('90');
      await accessible(page);
      await send(page);
      await page.locator('[data-move=submit_model]').click();
      await send(page);
      await page.locator('.detail .badge', { hasText: 'Chờ duyệt' }).waitFor();
      const hash = new URL(page.url()).hash;

      const leader = await as('lanh_dao');
      await leader.page.goto(`${stage.server.address}/${hash}`);
      await leader.page.reload();
      await leader.page.locator('[data-move=publish_model]').click();
      await send(leader.page);
      await page.locator('.detail .badge', { hasText: 'Đã công bố' }).waitFor();
      blameless();
      leader.blameless();
    });

    test('everything is said in English when asked', async () => {
      const { page, blameless } = await as(null);
      await page.locator('.lang').click();
      await page.locator('.tab', { hasText: 'Layers' }).waitFor();
      assert.match(await page.locator('.rail').innerText(), /Hamlets/);
      assert.equal(await page.locator('html').getAttribute('lang'), 'en');
      await page.waitForURL(/lang=en/);
      await accessible(page);
      blameless();
    });

    test('the keyboard alone looks at the middle of the map and closes again', async () => {
      const { page, blameless } = await as(null);
      await page.locator('.maplibregl-canvas').focus();
      for (const key of ['+', '+', 'Enter']) {
        await page.keyboard.press(key);
        await rest(page);
      }
      await page.locator('.detail, .toast p').first().waitFor();
      blameless();
    });

    test('without WebGL the lists and sheets still serve', async () => {
      const one = await reader(stage.browser, stage.server.address, phone);
      readers.push(one);
      await one.context.addInitScript(() => {
        HTMLCanvasElement.prototype.getContext = () => null;
      });
      const page = await one.context.newPage();
      await page.goto(stage.server.address);
      await page.locator('.no-webgl').waitFor();
      await accessible(page);
      await panel(page, 'layers');
      await page.getByLabel('Chi tiết lớp Bản, tổ dân phố').click();
      await page.locator('.layer-options .quiet', { hasText: 'Xem danh sách' }).click();
      await page.locator('.detail.list .row', { hasText: 'Bản Chu Va 6' }).click();
      await page.locator('.detail .facts').first().waitFor();
      one.blameless();
    });

    test('a wrong password is explained', async () => {
      const { page } = await as(null);
      await panel(page, 'account');
      await page.locator('dialog [name=name]').fill('van_hoa');
      await page.locator('dialog [name=password]').fill('khong-phai');
      await page.locator('dialog [type=submit]').click();
      await page.locator('dialog .trouble').waitFor();
      await accessible(page);
    });
  });
}

/** Fills what a form demands with the first that fits. */
async function fillNeeded(page) {
  for (const group of await page.locator('fieldset.field').all()) {
    const radios = group.locator('input[type=radio]');
    if ((await radios.count()) && !(await group.locator('input:checked').count())) await radios.last().check();
  }
  for (const [id, value] of Object.entries({ code: 'WIFI-E2E-1', min_signal_dbm: '-105', min_down_mbps: '30', min_up_mbps: '5', method: 'Đo thực địa' })) {
    const input = page.locator(`#field-${id}`);
    if ((await input.count()) && (await input.inputValue()) === '') await input.fill(value);
  }
}

const photo = (page) => page.screenshot({ clip: { x: 0, y: 0, width: 64, height: 48 } });

/** A square of coverage in the middle of the commune. */
function coverage() {
  const [w, s, e, n] = [103.63, 22.32, 103.66, 22.35];
  const ring = [[w, s], [e, s], [e, n], [w, n], [w, s]];
  const feature = { type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [ring] } };
  return Buffer.from(JSON.stringify({ type: 'FeatureCollection', features: [feature] }));
}

/** The smallest model there is: one triangle, in a binary glTF 2.0 file. */
function model() {
  const points = Buffer.from(new Float32Array([0, 0, 0, 4, 0, 0, 0, 3, 0]).buffer);
  const json = JSON.stringify({
    asset: { version: '2.0' },
    scene: 0,
    scenes: [{ nodes: [0] }],
    nodes: [{ mesh: 0 }],
    meshes: [{ primitives: [{ attributes: { POSITION: 0 } }] }],
    accessors: [{ bufferView: 0, componentType: 5126, count: 3, type: 'VEC3', min: [0, 0, 0], max: [4, 3, 0] }],
    bufferViews: [{ buffer: 0, byteLength: points.length }],
    buffers: [{ byteLength: points.length }],
  });
  const text = Buffer.from(json.padEnd(Math.ceil(json.length / 4) * 4, ' '));
  const head = (length, kind) => {
    const out = Buffer.alloc(8);
    out.writeUInt32LE(length, 0);
    out.write(kind, 4, 'latin1');
    return out;
  };
  const start = Buffer.from('glTF\x02\0\0\0\0\0\0\0', 'latin1');
  start.writeUInt32LE(12 + 8 + text.length + 8 + points.length, 8);
  return Buffer.concat([start, head(text.length, 'JSON'), text, head(points.length, 'BIN\0'), points]);
}
