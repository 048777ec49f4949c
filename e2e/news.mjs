// What is new, comparing two moments, and undoing: one change, a conflict, a whole revision.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { closeDetail, edit, facts, find, panel, rest, send, signIn, write } from './acts.mjs';
import { accessible, reader } from './browser.mjs';
import { picture } from './pixels.mjs';

const screens = [
  { name: 'desk', viewport: { width: 1280, height: 800 }, options: {}, hamlet: 'Bản Chu Va 6', typed: 'chu va 6', why: 'Kiểm đếm lại hộ ở Chu Va 6.', file: 'Nhập điểm ở Chu Va 6' },
  { name: 'phone', viewport: { width: 390, height: 844 }, options: { hasTouch: true, isMobile: true }, hamlet: 'Bản Huổi Ke', typed: 'huoi ke', why: 'Kiểm đếm lại hộ ở Huổi Ke.', file: 'Nhập điểm ở Huổi Ke' },
];

export function news(stage) {
  for (const screen of screens) describe(`news, ${screen.name}`, { timeout: 400_000 }, () => tell(stage, screen));
}

function tell(stage, screen) {
  const readers = [];
  after(() => Promise.all(readers.map((one) => one.context.close())));

  /** A page of somebody, signed in where a name is given, on the screen of the story. */
  async function as(name) {
    const one = await reader(stage.browser, stage.server.address, screen.viewport, screen.options);
    readers.push(one);
    const page = await one.open();
    if (name) await signIn(page, name, stage.server.accounts.get(name));
    return { page, ...one };
  }

  const open = (page) => find(page, screen.typed, screen.hamlet, 'Bản, tổ dân phố');

  test('what came while the page was away is counted, marked, and opens with its difference on the map', async () => {
    const { page, context, blameless } = await as(null);
    const writer = await as('van_hoa_2');
    await page.close();
    await open(writer.page);
    await edit(writer.page, { households: '88' }, screen.why);
    await send(writer.page);
    const again = await context.newPage();
    again.setDefaultTimeout(20_000);
    await again.goto(stage.server.address);
    await again.locator('.news-badge').waitFor();
    await panel(again, 'news');
    const row = again.locator('.row.fresh', { hasText: screen.why });
    await row.waitFor();
    await rest(again);
    await accessible(again);
    await picture(again, `${screen.name}-news.png`);
    assert.equal(await again.locator('.news-badge').count(), 0);
    await row.click();
    await again.locator('.detail.change .sides-row .side-key').first().waitFor();
    assert.match(await again.locator('.detail.change').innerText(), /Số hộ.*88/);
    await rest(again);
    await accessible(again);
    await closeDetail(again);
    // What comes in while the list is open waits, and nothing jumps.
    const first = await again.locator('.row.revision').first().innerText();
    await edit(writer.page, { households: '89' });
    await send(writer.page);
    await again.locator('.arrived').waitFor();
    assert.equal(await again.locator('.row.revision').first().innerText(), first);
    await again.locator('.arrived').click();
    await again.locator('.arrived').waitFor({ state: 'detached' });
    await again.locator('.row.revision').first().waitFor();
    assert.notEqual(await again.locator('.row.revision').first().innerText(), first);
    await again.locator('.filters summary').click();
    await again.locator('[name=in-view]').check();
    await again.locator('[name=layer]').selectOption('internet_points');
    await accessible(again);
    blameless();
    writer.blameless();
  });

  test('two moments are compared, and what differs is listed and drawn', async () => {
    const { page, blameless } = await as(null);
    await panel(page, 'news');
    await page.locator('.news-actions button').click();
    const two = (n) => String(n).padStart(2, '0');
    const ago = new Date(Date.now() - 60 * 60_000 + 7 * 3_600_000); // as Vietnam's clocks have it
    await page.locator('#moment-since').fill(`${ago.getUTCFullYear()}-${two(ago.getUTCMonth() + 1)}-${two(ago.getUTCDate())}T${two(ago.getUTCHours())}:${two(ago.getUTCMinutes())}`);
    await page.locator('[name=layer]').last().selectOption('hamlets');
    await accessible(page);
    await page.locator('.compare-form .primary').click();
    await page.locator('.differences .row').first().waitFor();
    await rest(page);
    await accessible(page);
    await picture(page, `${screen.name}-compare.png`);
    await page.locator('.differences .row', { hasText: screen.hamlet }).click();
    await page.locator('.detail.change').waitFor();
    await page.locator('.detail.change [aria-label="Quay lại"]').click();
    await page.locator('.differences .row').first().waitFor();
    blameless();
  });

  test('a mistaken change is undone with a reason; what was changed again since is told before', async () => {
    const { page, blameless } = await as('van_hoa');
    await open(page);
    const was = (await facts(page)).match(/Số hộ\s+(\S+)/)[1];
    await edit(page, { households: '4444' });
    await send(page);
    await page.locator('.facts', { hasText: '4.444' }).waitFor();
    await page.locator('.history [data-undo]').first().click();
    await page.locator('#reason').waitFor();
    await page.locator('.form-foot .primary').click();
    await page.locator('.fault', { hasText: 'Cần ghi lý do.' }).waitFor();
    await accessible(page);
    await page.locator('#reason').fill('Gõ nhầm số hộ.');
    await picture(page, `${screen.name}-undo.png`);
    await page.locator('.form-foot .primary').click();
    await page.locator('.history .why', { hasText: 'Gõ nhầm số hộ.' }).waitFor();
    assert.match(await facts(page), new RegExp(`Số hộ\\s+${was.replace('.', '\\.')}`));

    await edit(page, { households: '71' });
    await send(page);
    await page.locator('.facts', { hasText: '71' }).waitFor();
    await edit(page, { households: '72' });
    await send(page);
    await page.locator('.history [data-undo]').nth(1).click();
    await page.locator('.conflicts').waitFor();
    assert.match(await page.locator('.conflicts').innerText(), /Số hộ[^]*71[^]*72/);
    assert.equal(await page.locator('.form-foot .primary').isDisabled(), true);
    await accessible(page);
    blameless();
  });

  test('a revision of many is undone as a whole, once it is confirmed', async () => {
    const { page, blameless } = await as('van_hoa');
    const point = (n) => ({ op: 'create', collection: 'facilities', feature: { type: 'Feature', geometry: { type: 'Point', coordinates: [103.62 + n / 1000, 22.34] }, properties: { kind: 'other', name: `Điểm họp ${n}, ${screen.hamlet}` } } });
    await write(page, 'POST', '/batch', { mode: 'all', reason: screen.file, changes: [1, 2, 3].map(point) });
    await panel(page, 'news');
    await page.locator('.row.revision', { hasText: screen.file }).click();
    await page.locator('.detail.revision .rows .row').nth(2).waitFor();
    assert.match(await page.locator('.detail.revision .counts').innerText(), /3 mới/);
    await accessible(page);
    await page.locator('.detail.revision [data-undo]').click();
    await page.locator('#reason').fill('Nhập nhầm tệp.');
    await page.locator('.form-foot .primary').click();
    await page.locator('.fault', { hasText: 'Cần đánh dấu xác nhận.' }).waitFor();
    await page.locator('[name=sure]').check();
    await accessible(page);
    await page.locator('.form-foot .primary').click();
    await page.locator('.row.revision .standing', { hasText: 'Hoàn tác lần sửa' }).first().waitFor();
    await page.locator('.row.revision', { hasText: screen.file }).locator('.standing', { hasText: 'Đã được hoàn tác' }).waitFor();
    blameless();
  });
}
