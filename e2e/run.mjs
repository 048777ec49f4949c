// The whole story in a real browser against the real program: look, search, sign in, mark, see it elsewhere at once,
// verify as a second person, and read it in the history. At the desk and on the phone.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { accessible, launch, reader } from './browser.mjs';
import { colorAt, distance, picture } from './pixels.mjs';
import { startServer } from './server.mjs';

const screens = [
  { name: 'desk', viewport: { width: 1280, height: 800 }, hamlet: 'Bản Nậm Dê', typed: 'nam de', result: 'covered', word: 'Đã phủ sóng' },
  { name: 'phone', viewport: { width: 390, height: 844 }, hamlet: 'Bản Nà Cà', typed: 'na ca', result: 'not_covered', word: 'Chưa phủ sóng' },
];

let server;
let browser;
before(async () => {
  server = await startServer();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const panel = (page, name) => page.locator(`[data-panel=${name}]`).first().click();

async function search(page, screen, typed) {
  if (screen.name === 'phone' && !(await page.locator('#search').isVisible())) await panel(page, 'search');
  await page.locator('#search').fill(typed);
  await page.locator('#hits [role=option]').first().waitFor();
}

async function openHamlet(page, screen) {
  await search(page, screen, screen.typed);
  await page.locator('#hits [role=option]', { hasText: screen.hamlet }).filter({ hasText: 'Bản, tổ dân phố' }).first().click();
  await page.locator('.detail .facts').first().waitFor();
}

async function signIn(page, name) {
  const phone = page.viewportSize().width < 900;
  if (phone) {
    const close = page.locator('.detail .sheet-head [aria-label=Đóng]');
    if (await close.count()) await close.click();
    await panel(page, 'account');
    await page.locator('.sheet .primary').click();
  } else await panel(page, 'account');
  await page.locator('dialog [name=name]').fill(name);
  await page.locator('dialog [name=password]').fill(server.accounts.get(name));
  await page.locator('dialog [type=submit]').click();
  await page.locator('[data-panel=work]').waitFor();
  if (phone) await page.locator('.sheet .sheet-head [aria-label=Đóng]').click();
}

const idle = (page) => page.waitForTimeout(600);

for (const screen of screens)
  describe(`${screen.name}, ${screen.viewport.width} × ${screen.viewport.height}`, { timeout: 240_000 }, () => {
    let officer;
    let visitor;
    let leader;
    let page;
    let other;
    let point;
    const readers = [];
    const newReader = async () => {
      const one = await reader(browser, server.address, screen.viewport);
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
      await idle(page);
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
      await page.locator('.layer-options input[type=range]').fill('60');
      await accessible(page);
    });

    test('“si thau chai” finds Sì Thâu Chải', async () => {
      await search(page, screen, 'si thau chai');
      assert.match(await page.locator('#hits').innerText(), /Sì Thâu Chải/);
      await accessible(page);
    });

    test('a hamlet is found by its folded name and its sheet says what is known', async () => {
      await openHamlet(page, screen);
      assert.equal(await page.locator('.detail h2').innerText(), screen.hamlet);
      assert.match(await page.locator('.detail').innerText(), /Số hộ/);
      assert.match(page.url(), /sel=hamlets\/\d+/);
      await idle(page);
      await accessible(page);
      await picture(page, `${screen.name}-hamlet.png`);
    });

    test('an officer signs in', async () => {
      await signIn(page, 'van_hoa');
      await openHamlet(page, screen);
      await page.locator('[data-move=report_coverage]').waitFor();
      await accessible(page);
    });

    test('the mark is refused without its result and reason, and kept with them', async () => {
      visitor = await newReader();
      other = await visitor.open(new URL(page.url()).hash);
      await other.locator('.detail .facts').first().waitFor();
      await idle(other);
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
      await signIn(second, 'lanh_dao');
      await panel(second, 'work');
      await second.locator('.task[data-task="hamlets/coverage_5g/reported"]').waitFor();
      await idle(second);
      await accessible(second);
      await picture(second, `${screen.name}-work.png`);
      if (screen.name === 'phone') await panel(second, 'work');
      await openHamlet(second, screen);
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
      await idle(page);
      await picture(page, `${screen.name}-history.png`);
      await accessible(page);
    });

    test('the targets count it, what is unknown apart', async () => {
      const close = page.locator('.detail .sheet-head [aria-label=Đóng]');
      await close.click();
      await panel(page, 'progress');
      assert.equal(await page.locator('.target').count(), 3);
      const target = page.locator('.target[data-code="BL-5G-01"]');
      assert.match(await target.innerText(), /chưa rõ/);
      await target.locator('.unfold').click();
      await target.locator('.row', { hasText: screen.hamlet }).first().waitFor();
      await idle(page);
      await picture(page, `${screen.name}-progress.png`);
      await accessible(page);
    });

    test('no page complained, and none asked another host', () => {
      officer.blameless();
      visitor.blameless();
    });
  });

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
