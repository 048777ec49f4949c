// People: from the invitation to the lock. An administrator adds somebody, who chooses a password, gives a program a token, and is put
// out again; on a phone and on a desk.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { isPhone, panel, signIn } from './acts.mjs';
import { accessible, reader } from './browser.mjs';

const screens = [
  { name: 'desk', options: { viewport: { width: 1280, height: 800 } } },
  { name: 'phone', options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } },
];

const password = 'con trâu đi cày sớm';
const another = 'bốn mùa hoa ban nở trắng';

export function people(stage) {
  for (const screen of screens) describe(`people, ${screen.name}`, { timeout: 300_000 }, () => tell(stage, screen));
}

function tell(stage, { name, options }) {
  const readers = [];
  const newReader = async () => {
    const one = await reader(stage.browser, stage.server.address, options.viewport, options);
    readers.push(one);
    return one;
  };
  after(() => Promise.all(readers.map((one) => one.context.close())));
  const person = { name: `lo.van.${name}`, title: `Lò Văn ${name}` };
  let admin;
  let own;
  let link;

  test('an administrator adds an organisation and a person, and gets the link that invites them', async () => {
    admin = await (await newReader()).open();
    await signIn(admin, 'quan_tri', stage.server.accounts.get('quan_tri'));
    await open(admin, 'organisations');
    await admin.locator('[data-opens=add]').click();
    await admin.locator('#f-title').fill('UBND xã Bình Lư');
    await admin.locator('#f-code').fill('Ủy ban');
    await save(admin);
    await admin.locator('#f-code-fault', { hasText: 'chữ thường không dấu' }).waitFor();
    assert.equal(await admin.locator('#f-code').getAttribute('aria-describedby'), 'f-code-help f-code-fault');
    assert.equal(await focused(admin), 'f-code');
    await accessible(admin);
    await admin.locator('#f-code').fill(`ubnd-${name}`);
    await save(admin);
    await admin.locator('.line', { hasText: `ubnd-${name}` }).waitFor();
    await accessible(admin);

    await open(admin, 'people');
    await admin.locator('[data-opens=add]').click();
    await admin.locator('#f-name').fill('hai từ');
    await admin.locator('#f-title').fill(person.title);
    await admin.locator('#f-role').selectOption('hamlet_head');
    await save(admin);
    await admin.locator('#f-hamlet_id-fault').waitFor();
    await admin.locator('#f-hamlet_id').selectOption({ label: 'Bản Nà Cà' });
    await admin.locator('#f-organisation').selectOption(`ubnd-${name}`);
    await save(admin);
    await admin.locator('#f-name-fault', { hasText: 'không có khoảng trắng' }).waitFor();
    await accessible(admin);
    await admin.locator('#f-name').fill(person.name);
    await save(admin);
    link = await admin.locator('[data-link]').innerText();
    assert.equal(await focused(admin), 'invitation');
    assert.match(link, new RegExp(`^${stage.server.address}/#join=`));
    assert.ok(await admin.locator('.qr').evaluate((img) => img.complete && img.naturalWidth > 100));
    await accessible(admin);
    await sound(admin);
  });

  test('the invited person sees whom the link is to, chooses a password, and is in', async () => {
    own = await (await newReader()).context.newPage();
    own.setDefaultTimeout(20_000);
    await own.goto(link);
    await own.locator('.facts', { hasText: 'Trưởng bản' }).waitFor();
    assert.match(await own.locator('main.join').innerText(), new RegExp(`Chào ${person.title}`));
    await accessible(own);
    await own.locator('#f-new').fill('ngắn');
    await own.locator('.strength', { hasText: 'Còn thiếu 6 ký tự' }).waitFor();
    await own.locator('#f-new').fill('matkhau2026');
    await own.locator('.strength.weak').waitFor();
    await save(own);
    await own.locator('#f-new-fault', { hasText: 'dễ đoán' }).waitFor();
    assert.equal(await focused(own), 'f-new');
    await accessible(own);
    await own.locator('#f-new').fill(password);
    await own.locator('.strength.good').waitFor();
    await sound(own);
    await save(own);
    await own.locator('.toast', { hasText: 'Chào mừng' }).waitFor();
    await own.locator('.task').first().waitFor();
    assert.doesNotMatch(own.url(), /join/);
  });

  test('a link that was used says so kindly', async () => {
    const page = await (await newReader()).context.newPage();
    await page.goto(link);
    await page.locator('main', { hasText: 'Lời mời không còn dùng được' }).waitFor();
    await accessible(page);
    await page.locator('main .primary').click();
    await page.locator('dialog [name=password]').waitFor();
  });

  test('the account says who one is and what one may, and its address opens it', async () => {
    await open(own, 'account');
    await own.locator('.facts', { hasText: 'UBND xã Bình Lư' }).waitFor();
    assert.match(await own.locator('.facts').innerText(), /Bản Nà Cà/);
    assert.match(await own.locator('.facts').innerText(), /Báo tình trạng 5G/);
    assert.match(await own.locator('#devices').innerText(), /Chrome trên Linux\s*Máy này/);
    assert.match(own.url(), /page=account/);
    await accessible(own);
    await sound(own);
    const [file] = await Promise.all([own.waitForEvent('download'), own.locator('a[download]').click()]);
    assert.equal(JSON.parse(readFileSync(await file.path(), 'utf8')).account.name, person.name);
    await own.reload();
    await own.locator('#devices .line').waitFor();
    await own.goBack();
    await own.locator('[data-panel=layers]').waitFor();
    await own.goForward();
    await own.locator('#devices .line').waitFor();
  });

  test('a token is made, shown once with what to paste, works for a program, and is withdrawn', async () => {
    await open(own, 'tokens');
    await own.locator('[data-opens=token]').click();
    await save(own);
    await own.locator('#f-title-fault').waitFor();
    await own.locator('#f-title').fill('QGIS ở nhà văn hóa');
    await own.locator('[name=write]').check();
    await own.locator('[name=where]').last().check();
    await save(own);
    await own.locator('#f-layers-fault').waitFor();
    await own.locator('[name=layer][value=hamlets]').check();
    await own.locator('[name=days][value="0"]').check();
    await own.locator('.note', { hasText: 'thu hồi' }).waitFor();
    await accessible(own);
    await sound(own);
    await save(own);
    const token = await own.locator('.secret code').innerText();
    assert.match(token, /^bando_/);
    assert.equal(await focused(own), 'token-made');
    await own.locator('.recipe summary', { hasText: 'tải cả lớp' }).click();
    assert.ok((await own.locator('.recipe[open] pre').innerText()).includes(`Authorization: Bearer ${token}`));
    await accessible(own);
    await sound(own);
    const ask = () => fetch(`${stage.server.address}/collections`, { headers: { Authorization: `Bearer ${token}` } });
    const answer = await ask();
    assert.equal(answer.status, 200);
    assert.ok((await answer.json()).collections.some((c) => c.id === 'hamlets'));
    await own.locator('[data-kept]').click();
    assert.equal(await own.locator('.secret').count(), 0);
    await own.locator('.line', { hasText: 'thêm, sửa, xóa ở bản, tổ dân phố' }).locator('button').click();
    await accessible(own);
    await own.locator('.panel .danger').click();
    await own.locator('.empty').waitFor();
    assert.equal((await ask()).status, 401);
  });

  test('a second device is seen and signed out, and a changed password is told', async () => {
    const other = await (await newReader()).open();
    await signIn(other, person.name, password);
    await open(own, 'account');
    await own.locator('#devices .line').nth(1).waitFor();
    await own.locator('[data-others]').click();
    await own.locator('#devices', { hasText: 'Không có thiết bị nào khác' }).waitFor();
    // The other page learns it by itself, and says what may have happened.
    await other.locator('dialog', { hasText: 'không còn đăng nhập' }).waitFor({ timeout: 60_000 });
    await accessible(other);

    await own.locator('[data-opens=password]').click();
    await own.locator('#f-current').fill('khong phai mat khau');
    await own.locator('#f-new').fill(another);
    await save(own);
    await own.locator('#f-current-fault', { hasText: 'không đúng' }).waitFor();
    await accessible(own);
    await own.locator('#f-current').fill(password);
    await save(own);
    await own.locator('.toast', { hasText: 'Đã đổi mật khẩu' }).waitFor();
  });

  test('a session that ends while somebody types asks for the password, and what was typed is kept', async () => {
    await own.locator('[data-opens=password]').click();
    await own.locator('#f-new').fill('mười hai con giáp quây quần');
    await own.locator('#f-current').fill(another);
    await own.context().clearCookies();
    await save(own);
    await own.locator('dialog [name=name]').fill(person.name);
    await own.locator('dialog [name=password]').fill(another);
    await own.locator('dialog [type=submit]').click();
    await own.locator('dialog').waitFor({ state: 'detached' });
    assert.equal(await own.locator('#f-new').inputValue(), 'mười hai con giáp quây quần');
    await save(own);
    await own.locator('.toast', { hasText: 'Đã đổi mật khẩu' }).waitFor();
  });

  test('the administrator finds the person, who is locked and is told by the own page', async () => {
    await open(admin, 'people');
    await admin.locator('#people-search').fill('van lo ' + name);
    await admin.locator('.rows li').nth(1).waitFor({ state: 'detached' });
    await accessible(admin);
    await admin.locator(`[data-account="${person.name}"]`).click();
    await admin.locator('[data-opens=disable]').click();
    await accessible(admin);
    await admin.locator('.panel .danger').click();
    await admin.locator('.tag.bad', { hasText: 'Đã khóa' }).waitFor();
    await own.locator('dialog', { hasText: 'tài khoản đã bị khóa' }).waitFor({ timeout: 60_000 });
    await accessible(own);

    await admin.locator('button', { hasText: 'Nhật ký của người này' }).click();
    await admin.locator('[data-what=account_disabled]', { hasText: `quan_tri khóa tài khoản ${person.name}` }).waitFor();
    await admin.locator('[data-what=joined]').waitFor();
    await accessible(admin);
    await sound(admin);
    await admin.locator('#f-what').selectOption('joined');
    await save(admin);
    await admin.locator('[data-what=account_disabled]').waitFor({ state: 'detached' });
    assert.equal(await admin.locator('.log li').count(), 1);
  });

  test('what is kept of a person is deleted only after the name was typed, and the name stays', async () => {
    await open(admin, 'people');
    await admin.locator(`[data-account="${person.name}"]`).click();
    await admin.locator('[data-opens=forget]').click();
    await admin.locator('#f-reason').fill('Đơn số 12');
    await admin.locator('#f-typed').fill('ai do');
    await admin.locator('.panel .danger').click();
    await admin.locator('#f-typed-fault').waitFor();
    await accessible(admin);
    await admin.locator('#f-typed').fill(person.name);
    await admin.locator('.panel .danger').click();
    await admin.locator('.tag', { hasText: 'Đã xóa dữ liệu' }).waitFor();
    assert.equal(await admin.locator('#page-title').innerText(), person.name);
    await accessible(admin);
  });

  test('the last administrator stays, and is told why', async () => {
    await open(admin, 'people');
    await admin.locator('#people-search').fill('quan_tri');
    await admin.locator('[data-account=quan_tri]').click();
    await admin.locator('[data-opens=disable]').click();
    await admin.locator('.panel .danger').click();
    await admin.locator('.trouble', { hasText: 'quản trị viên cuối cùng' }).waitFor();
    await accessible(admin);
  });

  test('a leader who is invited sets up the second factor before anything else', async () => {
    await open(admin, 'people');
    await admin.locator('[data-opens=add]').click();
    await admin.locator('#f-name').fill(`pho.chu.tich.${name}`);
    await admin.locator('#f-title').fill('Phó chủ tịch');
    await admin.locator('#f-role').selectOption('leader');
    await admin.locator('.meaning', { hasText: 'mã xác thực' }).waitFor();
    await save(admin);
    const page = await (await newReader()).context.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(await admin.locator('[data-link]').innerText());
    await page.locator('#f-new').fill(password);
    await save(page);
    const secret = await page.locator('dialog .faint code').innerText();
    await accessible(page);
    await page.locator('dialog [name=code]').fill(codeOf(secret));
    await page.locator('dialog [type=submit]').click();
    await page.locator('dialog .codes li').nth(9).waitFor();
    await accessible(page);
    await page.locator('dialog [type=submit]').click();
    await open(page, 'account');
    await page.locator('main', { hasText: 'Còn 10 mã khôi phục' }).waitFor();
    await accessible(page);
  });

  test('everything is said in English too, and an auditor reads the log and nothing else', async () => {
    const page = await (await newReader()).open();
    await signIn(page, 'giam_sat', stage.server.accounts.get('giam_sat'));
    await page.goto(`${stage.server.address}/#page=people`);
    await page.locator('main', { hasText: 'không xem được trang này' }).waitFor();
    await open(page, 'log');
    await page.locator('.page .lang').click();
    await page.locator('.log li', { hasText: `quan_tri invited lo.van.${name}` }).waitFor();
    assert.doesNotMatch(await page.locator('.log').innerText(), /127\.0\.0\.1/);
    await accessible(page);
  });

  test('where the province signs people in, its button, its faults and a code that is awaited are shown', async () => {
    const one = await newReader();
    const faults = { oidc_unknown: { vi: 'Chưa có tài khoản nào ở đây gắn với bạn.', en: 'No account here is linked to you.' } };
    const provider = { enabled: true, title: { vi: 'Cổng dịch vụ công Lai Châu', en: 'Lai Châu service portal' }, faults };
    await one.context.route('**/api/oidc', (route) => route.fulfill({ json: provider }));
    const page = await one.open('?signin=oidc_unknown#page=account');
    await page.locator('dialog .trouble', { hasText: faults.oidc_unknown.vi }).waitFor();
    assert.doesNotMatch(page.url(), /signin/);
    const way = await page.locator('dialog a', { hasText: 'Cổng dịch vụ công Lai Châu' }).getAttribute('href');
    assert.match(decodeURIComponent(way), /^\/api\/oidc\/start\?return=\/#.*page=account/);
    await accessible(page);

    const awaited = { code_awaited: true, name: 'lanh_dao', title: 'Lãnh đạo', role: 'leader', role_title: { vi: 'Lãnh đạo', en: 'Leader' } };
    await one.context.route('**/api/session', async (route) => {
      const answer = await (await route.fetch()).json();
      await route.fulfill({ json: { ...answer, person: awaited } });
    });
    await one.context.route('**/api/session/code', (route) => {
      assert.deepEqual(route.request().postDataJSON(), { code: '123456' });
      return route.fulfill({ status: 400, json: { code: 'code_wrong', detail: 'Mã không đúng.', field: 'code' } });
    });
    await page.reload();
    await page.locator('dialog', { hasText: 'Bạn đã đăng nhập ở cơ quan' }).waitFor();
    await accessible(page);
    await page.locator('dialog [name=code]').fill('123456');
    await page.locator('dialog [type=submit]').click();
    await page.locator('dialog .trouble', { hasText: 'Mã không đúng.' }).waitFor();
  });

  test('no page complained, and none asked another host', () => {
    for (const one of readers) one.blameless();
  });
}

/** Opens one of the pages, from another one or from the map. */
async function open(page, name) {
  if (!(await page.locator('.page').count())) {
    if (!(await page.locator('[data-page=account]').count())) await panel(page, 'account');
  }
  await page.locator(`[data-page=${name}]`).click();
  await page.locator('.page-main .skeleton').waitFor({ state: 'detached' });
  if (isPhone(page)) assert.ok(await page.locator(`[data-page=${name}]`).isVisible());
}

const save = (page) => page.locator('.page-main form [type=submit]').first().click();

const focused = async (page) => {
  await page.waitForFunction('document.activeElement?.id');
  return page.evaluate('document.activeElement.id');
};

/** Nothing is wider than the screen, and whatever is pressed is large enough on a phone. */
async function sound(page) {
  assert.ok(await page.evaluate('[document.documentElement, ...document.querySelectorAll(".page, .page-main")].every((e) => e.scrollWidth <= e.clientWidth + 1)'));
  if (!isPhone(page)) return;
  const small = await page.evaluate(`[...document.querySelectorAll('.page :is(button, select, summary, input:not([type=checkbox], [type=radio], [aria-hidden]))')]
    .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 40).map((e) => e.outerHTML.slice(0, 120))`);
  assert.deepEqual(small, []);
}

/** The code of RFC 6238 that an app would show now. */
function codeOf(secret) {
  const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac('sha1', key).update(step).digest();
  const at = hash[19] & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
