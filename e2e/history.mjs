// Two people and one hamlet, a network that breaks, a feature that is gone, and the map of the past.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { edit, facts, find, rest, send, signIn, write } from './acts.mjs';
import { accessible, reader } from './browser.mjs';
import { picture } from './pixels.mjs';

const screens = [
  { name: 'desk', viewport: { width: 1280, height: 800 }, options: {}, hamlet: 'Bản Chu Va 8', typed: 'chu va 8' },
  { name: 'phone', viewport: { width: 390, height: 844 }, options: { hasTouch: true, isMobile: true }, hamlet: 'Bản Nậm Dê', typed: 'nam de' },
];
const hamletsTitle = 'Bản, tổ dân phố';

export function history(stage) {
  for (const screen of screens) describe(`history, ${screen.name}`, { timeout: 300_000 }, () => tell(stage, screen));
}

function tell(stage, screen) {
  const readers = [];
  after(() => Promise.all(readers.map((one) => one.context.close())));

  /** A page of somebody who is signed in, on the screen of the story. */
  async function as(name, hash = '') {
    const one = await reader(stage.browser, stage.server.address, screen.viewport, screen.options);
    readers.push(one);
    const page = await one.open(hash);
    if (name) await signIn(page, name, stage.server.accounts.get(name));
    return { page, ...one };
  }

  const open = (page) => find(page, screen.typed, screen.hamlet, hamletsTitle);
  const save = (page) => page.locator('.form-foot .primary').click();

  test('what two officers change of one hamlet is kept together, without a question', async () => {
    const [first, second] = [await as('van_hoa'), await as('van_hoa_2')];
    await Promise.all([open(first.page), open(second.page)]);
    await edit(first.page, { households: '143' });
    await edit(second.page, { population: '655' }, 'Đếm lại nhân khẩu.');
    await send(first.page);
    await save(second.page);
    await second.page.locator('.good-news').waitFor();
    const told = await second.page.locator('.good-news').innerText();
    assert.match(told, /Của bạn: .*[Nn]hân khẩu|Của bạn: /);
    assert.match(told, /Công chức văn hóa – xã hội/);
    assert.match(await facts(second.page), /143[^]*655|655[^]*143/);
    await accessible(second.page);
    first.blameless();
    second.blameless();
  });

  test('where both changed the same, they stand side by side and a person chooses', async () => {
    const [first, second] = [await as('van_hoa'), await as('van_hoa_2')];
    await Promise.all([open(first.page), open(second.page)]);
    await edit(first.page, { households: '150' });
    await edit(second.page, { households: '160', population: '700' });
    await send(first.page);
    await save(second.page);
    const choice = second.page.locator('[data-conflict=households]');
    await choice.waitFor();
    assert.match(await choice.innerText(), /160[^]*150[^]*143/);
    await accessible(second.page);
    await save(second.page);
    await choice.locator('.fault').waitFor();
    await choice.locator('input[value=mine]').check();
    await save(second.page);
    await second.page.locator('.good-news').waitFor();
    assert.match(await facts(second.page), /160/);
    assert.match(await facts(second.page), /700/);
    first.blameless();
    second.blameless();
  });

  test('a request that is cut after the server got it is sent again and kept once', async () => {
    const { page, faults } = await as('van_hoa');
    await open(page);
    const before = await page.locator('.history li').count();
    let cut = 0;
    await page.route('**/collections/hamlets/items/*', async (route) => {
      if (route.request().method() !== 'PATCH' || cut) return route.fallback();
      cut++;
      await route.fetch(); // the server keeps it; the page never hears of it
      await route.abort('connectionreset');
    });
    await edit(page, { households: '171' }, 'Mạng chập chờn.');
    await save(page);
    await page.locator('.sending-note', { hasText: 'Đang gửi lại' }).waitFor();
    await page.locator('.detail.form').waitFor({ state: 'detached' });
    await page.locator('.history li').first().waitFor();
    assert.equal(cut, 1);
    const why = page.locator('.history .why', { hasText: 'Mạng chập chờn.' });
    assert.equal(await why.count(), 1);
    assert.ok((await page.locator('.history li').count()) <= before + 1);
    assert.deepEqual(faults.filter((f) => !/ERR_CONNECTION_RESET/.test(f)), []);
  });

  test('who edits what was deleted meanwhile keeps what they typed, and makes it anew', async () => {
    const { page, blameless } = await as('van_hoa');
    const id = await facility(page, `Nhà họp ${screen.hamlet}`);
    await page.goto(`${stage.server.address}/#sel=facilities/${id}`);
    await page.reload();
    await page.locator('[data-move=edit]').waitFor();
    await edit(page, { name: `Nhà văn hóa ${screen.hamlet}` });
    await write(page, 'DELETE', `/collections/facilities/items/${id}`);
    await save(page);
    await page.locator('.trouble', { hasText: 'Mục này vừa bị xóa' }).waitFor();
    assert.equal(await page.locator('#field-name').inputValue(), `Nhà văn hóa ${screen.hamlet}`);
    await accessible(page);
    await page.locator('.trouble button', { hasText: 'Tạo mục mới' }).click();
    await send(page);
    await page.locator('.detail.feature h2', { hasText: `Nhà văn hóa ${screen.hamlet}` }).waitFor();
    blameless();
  });

  test('the map as of before a change shows how it was, cannot be edited, and comes back to now', async () => {
    const { page, blameless } = await as('van_hoa');
    await open(page);
    const was = (await facts(page)).match(/Số hộ\s+(\S+)/)[1];
    const before = new Date();
    await page.waitForTimeout(1500);
    await edit(page, { households: '333' });
    await send(page);
    await page.locator('.facts', { hasText: '333' }).waitFor();
    const hash = new URL(page.url()).hash;
    const at = `${before.toISOString().slice(0, 19)}Z`;
    const tile = page.waitForResponse((r) => r.url().includes('/tiles/hamlets/') && r.url().includes('datetime='));
    await page.goto(`${stage.server.address}/${hash}&at=${at}`);
    await page.reload();
    assert.equal((await tile).status() < 300, true);
    await page.locator('.past-banner', { hasText: 'Đang xem ngày' }).waitFor();
    await page.locator('.detail .facts').first().waitFor();
    assert.match(await facts(page), new RegExp(`Số hộ\\s+${was.replace('.', '\\.')}`));
    assert.equal(await page.locator('[data-move]').count(), 0);
    assert.match(page.url(), /at=2\d{3}-/);
    await rest(page);
    await accessible(page);
    await picture(page, `${screen.name}-past.png`);
    await page.locator('.past-banner .primary').click();
    await page.locator('.past-banner').waitFor({ state: 'detached' });
    await page.locator('.facts', { hasText: '333' }).waitFor();
    await page.locator('[data-move=edit]').waitFor();
    assert.doesNotMatch(page.url(), /at=/);
    blameless();
  });

  test('a moment is chosen by hand; one that is yet to come is refused with a reason', async () => {
    const { page, blameless } = await as(null);
    await page.getByLabel('Xem lại quá khứ').click();
    await page.locator('#moment-at').fill('2099-01-01T00:00');
    await page.locator('.past-form .primary').click();
    await page.locator('.fault', { hasText: 'Chưa đến lúc này.' }).waitFor();
    await accessible(page);
    await page.locator('.quick button', { hasText: 'Hôm qua' }).click();
    await page.locator('.past-form .primary').click();
    await page.locator('.past-banner').waitFor();
    blameless();
  });
}

const facility = async (page, name) =>
  (await write(page, 'POST', '/collections/facilities/items', { type: 'Feature', geometry: { type: 'Point', coordinates: [103.62, 22.34] }, properties: { kind: 'other', name } })).id;
