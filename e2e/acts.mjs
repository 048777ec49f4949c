// What people do on the page, for the tests to say in a word.

export const panel = (page, name) => page.locator(`[data-panel=${name}]`).first().click();

export const isPhone = (page) => page.viewportSize().width < 900;

export const closeDetail = async (page) => {
  const close = page.locator('.detail .sheet-head [aria-label=Đóng]');
  if (await close.count()) await close.click();
};

export async function search(page, typed) {
  if (isPhone(page) && !(await page.locator('#search').isVisible())) await panel(page, 'search');
  await page.locator('#search').fill(typed);
  await page.locator('#hits [role=option]').first().waitFor();
}

/** Searches, and opens the hit of that name in that layer. */
export async function find(page, typed, name, layer) {
  await search(page, typed);
  await page.locator('#hits [role=option]', { hasText: name }).filter({ hasText: layer }).first().click();
  await page.locator('.detail .facts').first().waitFor();
}

export async function signIn(page, name, password) {
  if (isPhone(page)) {
    await closeDetail(page);
    await panel(page, 'account');
    await page.locator('.sheet .primary').click();
  } else await panel(page, 'account');
  await page.locator('dialog [name=name]').fill(name);
  await page.locator('dialog [name=password]').fill(password);
  await page.locator('dialog [type=submit]').click();
  await page.locator('[data-panel=work]').waitFor();
  if (isPhone(page)) await page.locator('.sheet .sheet-head [aria-label=Đóng]').click();
}

/** Lets the map come to rest before a picture is taken. */
export const rest = (page) => page.waitForTimeout(600);

/** Sends the open form and waits until it has been kept. */
export async function send(page) {
  await page.locator('.form-foot .primary').click();
  await page.locator('.detail.form').waitFor({ state: 'detached' });
}

/** Fills the form of the open sheet, and does not send it yet. */
export async function edit(page, values, reason = '') {
  await page.locator('[data-move=edit]').click();
  for (const [name, value] of Object.entries(values)) await page.locator(`#field-${name}`).fill(value);
  if (reason) await page.locator('#reason').fill(reason);
}

/** All that the open sheet says of its feature. */
export const facts = (page) => page.locator('.detail .facts').allInnerTexts().then((all) => all.join('\n'));

/** A request of the signed-in person beside the page. */
export function write(page, method, path, body) {
  return page.evaluate(
    async ([method, path, body]) => {
      const { csrf } = await (await fetch('/api/session')).json();
      const headers = { 'X-CSRF-Token': csrf, 'Content-Type': 'application/json', 'If-Match': '*' };
      if (method === 'POST') delete headers['If-Match'];
      const answer = await fetch(path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      return text ? JSON.parse(text) : null;
    },
    [method, path, body],
  );
}
