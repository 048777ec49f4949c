// The whole story: look, search, sign in, mark, see it elsewhere at once, verify as a second person, and read it in the
// history. At the desk and on the phone.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { closeDetail, find, panel, rest, search, signIn } from './acts.mjs';
import { accessible, reader } from './browser.mjs';
import { colorAt, distance, picture } from './pixels.mjs';

const screens = [
  { name: 'desk', viewport: { width: 1280, height: 800 }, hamlet: 'Bản Nậm Dê', typed: 'nam de', result: 'covered', word: 'Đã phủ sóng' },
  { name: 'phone', viewport: { width: 390, height: 844 }, hamlet: 'Bản Nà Cà', typed: 'na ca', result: 'not_covered', word: 'Chưa phủ sóng' },
];

const hamletsTitle = 'Bản, tổ dân phố';

export function story(stage) {
  for (const screen of screens) describe(`${screen.name}, ${screen.viewport.width} × ${screen.viewport.height}`, { timeout: 240_000 }, () => tell(stage, screen));
}

function tell(stage, screen) {
  let officer;
  let visitor;
  let leader;
  let page;
  let other;
  let point;
  const readers = [];
  const newReader = async () => {
    const one = await reader(stage.browser, stage.server.address, screen.viewport);
    readers.push(one);
    return one;
  };
  after(() => Promise.all(readers.map((one) => one.context.close())));

  test('the page opens on the commune, in Vietnamese, and says that it is a demo', async () => {
    officer = await newReader();
    page = await officer.open();
    assert.match(await page.locator('h1').innerText(), /Bình Lư/);
    assert.match(await page.locator('.demo').innerText(), /minh họa/);
    await page.locator('.live.live').waitFor();
    await rest(page);
    await picture(page, `${screen.name}-open.png`);
    await accessible(page);
  });

  test('layers stand in groups, go off and on, and say from which level they show', async () => {
    if (screen.name === 'phone') await panel(page, 'layers');
    assert.ok((await page.locator('.theme h3').count()) >= 5);
    const hamlets = page.getByLabel('Hiện lớp Bản, tổ dân phố');
    await hamlets.uncheck();
    await hamlets.check();
    assert.ok((await page.locator('.far', { hasText: 'hiện từ mức' }).count()) > 0);
    await page.getByLabel('Chi tiết lớp Bản, tổ dân phố').click();
    const opacity = page.locator('.layer-options input[type=range]');
    await opacity.fill('60');
    await accessible(page);
    await opacity.fill('100');
  });

  test('“si thau chai” finds Sì Thâu Chải', async () => {
    await search(page, 'si thau chai');
    assert.match(await page.locator('#hits').innerText(), /Sì Thâu Chải/);
    await accessible(page);
  });

  test('a hamlet is found by its folded name and its sheet says what is known', async () => {
    await find(page, screen.typed, screen.hamlet, hamletsTitle);
    assert.equal(await page.locator('.detail h2').innerText(), screen.hamlet);
    assert.match(await page.locator('.detail').innerText(), /Số hộ/);
    assert.match(page.url(), /sel=hamlets\/\d+/);
    await rest(page);
    await accessible(page);
    await picture(page, `${screen.name}-hamlet.png`);
  });

  test('an officer signs in', async () => {
    await signIn(page, 'van_hoa', stage.server.accounts.get('van_hoa'));
    await find(page, screen.typed, screen.hamlet, hamletsTitle);
    await page.locator('[data-move=report_coverage]').waitFor();
    await accessible(page);
  });

  test('the mark is refused without its result and reason, and kept with them', async () => {
    visitor = await newReader();
    other = await visitor.open(new URL(page.url()).hash);
    await other.locator('.detail .facts').first().waitFor();
    await rest(other);
    point = inHamlet(screen);
    point.color = await colorAt(other, point);

    await page.locator('[data-move=report_coverage]').click();
    await page.locator('.form-foot .primary').click();
    assert.deepEqual(await page.locator('.fault').allInnerTexts(), ['Cần điền mục này.', 'Cần ghi lý do.']);
    await accessible(page);
    await page.locator(`.card input[value=${screen.result}]`).check();
    await page.locator('#reason').fill('Đo bằng i-Speed tại nhà văn hóa bản, sáng nay.');
    await picture(page, `${screen.name}-form.png`);
  });

  test('a second open page shows the new colour at once, without being loaded again', async (t) => {
    const asked = other.waitForRequest((r) => r.url().includes('/tiles/hamlets/')).then(() => performance.now());
    const kept = page.waitForResponse((r) => r.url().endsWith('/moves') && r.request().method() === 'POST');
    await page.locator('.form-foot .primary').click();
    const answer = await kept;
    assert.equal(answer.status(), 200);
    const told = performance.now();
    const after = (await asked) - told;
    t.diagnostic(`the other page asked for its tile ${Math.round(after)} ms after the answer`);
    assert.ok(after < 1000, `asked after ${after} ms`);
    await changes(other, point, point.color, 5000);
    t.diagnostic(`its colour had changed ${Math.round(performance.now() - told)} ms after the answer, pictures included`);
    await other.locator('.detail .badge', { hasText: 'Đã báo' }).waitFor();
  });

  test('who reported may not verify; a second person does', async () => {
    await page.locator('.cannot', { hasText: 'Xác nhận 5G' }).waitFor();
    assert.equal(await page.locator('[data-move=verify_coverage]').count(), 0);
    leader = await newReader();
    const second = await leader.open();
    await signIn(second, 'lanh_dao', stage.server.accounts.get('lanh_dao'));
    await panel(second, 'work');
    await second.locator('.task[data-task="hamlets/coverage_5g/reported"]').waitFor();
    await rest(second);
    await accessible(second);
    await picture(second, `${screen.name}-work.png`);
    if (screen.name === 'phone') await panel(second, 'work');
    await find(second, screen.typed, screen.hamlet, hamletsTitle);
    await second.locator('[data-move=verify_coverage]').click();
    await second.locator('#reason').fill('Đã kiểm tra lại cùng trưởng bản.');
    const color = await colorAt(other, point);
    await second.locator('.form-foot .primary').click();
    await second.locator('.detail .badge', { hasText: screen.word }).waitFor();
    await changes(other, point, color, 5000);
    leader.blameless();
  });

  test('after loading again it stands in the history, with who, when and why', async () => {
    await page.reload();
    await page.locator('.history li').first().waitFor();
    const history = await page.locator('.history').innerText();
    assert.match(history, /Đo bằng i-Speed tại nhà văn hóa bản, sáng nay\./);
    assert.match(history, /Đã kiểm tra lại cùng trưởng bản\./);
    assert.match(history, /Lãnh đạo/);
    assert.match(history, /Chưa có thông tin → Đã báo/);
    await page.locator('.history').scrollIntoViewIfNeeded();
    await rest(page);
    await picture(page, `${screen.name}-history.png`);
    await accessible(page);
  });

  test('the targets count it, what is unknown apart', async () => {
    await closeDetail(page);
    await panel(page, 'progress');
    assert.equal(await page.locator('.target').count(), 3);
    const target = page.locator('.target[data-code="BL-5G-01"]');
    assert.match(await target.innerText(), /chưa rõ/);
    await target.locator('.unfold').click();
    await target.locator('.row', { hasText: screen.hamlet }).first().waitFor();
    await rest(page);
    await picture(page, `${screen.name}-progress.png`);
    await accessible(page);
  });

  test('no page complained, and none asked another host', () => {
    officer.blameless();
    visitor.blameless();
  });
}

/** A place on the screen inside the hamlet that was flown to, beside its name. */
function inHamlet({ name, viewport }) {
  return name === 'desk' ? { x: 368 + (viewport.width - 368 - 400) / 2, y: 320 } : { x: viewport.width / 2 + 34, y: 190 };
}

/** Waits until the colour of a point is another one. */
async function changes(page, point, from, withinMs) {
  const end = performance.now() + withinMs;
  let now = from;
  while (performance.now() < end) {
    now = await colorAt(page, point);
    if (distance(now, from) > 12) return now;
    await page.waitForTimeout(50);
  }
  assert.fail(`the colour stayed ${from} (last ${now})`);
}
