// The API's documents as pages: from the catalogue to one feature and back, in both languages, on a desk and a phone.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { accessible, reader } from './browser.mjs';

export function pages(stage) {
  describe('pages', { timeout: 240_000 }, () => {
    for (const [name, viewport] of [
      ['a desk', { width: 1280, height: 800 }],
      ['a phone', { width: 390, height: 844 }],
    ])
      test(`on ${name} the catalogue leads to a hamlet, and every page is whole without a script`, async () => {
        const { context, blameless } = await reader(stage.browser, stage.server.address, viewport);
        const page = await context.newPage();
        page.setDefaultTimeout(20_000);
        const sound = async (title) => {
          assert.equal(await page.locator('h1').innerText(), title);
          assert.equal(await page.locator('html').getAttribute('lang'), 'vi');
          assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), `${title} is wider than the screen`);
          await accessible(page);
        };
        await page.goto(`${stage.server.address}/collections?f=html`);
        await sound('Danh mục dữ liệu');
        await page.goto(`${stage.server.address}/collections/nothing?f=html`);
        await sound('Không tìm thấy');
        await page.locator('main a', { hasText: 'Danh mục dữ liệu' }).click();
        await sound('Danh mục dữ liệu');
        await page.locator('.notice', { hasText: 'do máy tạo' }).waitFor();
        await page.locator('.cards a', { hasText: 'Bản, tổ dân phố' }).click();
        await sound('Bản, tổ dân phố');
        await page.locator('.ways a', { hasText: 'Xem các đối tượng' }).click();
        await sound('Bản, tổ dân phố');
        await page.locator('tbody a', { hasText: 'Bản Trung Tâm' }).click();
        await sound('Bản Trung Tâm');
        assert.ok(await page.locator('.sketch path').count());
        const places = JSON.parse(await page.locator('script[type="application/ld+json"]').innerText());
        assert.equal(places.name, 'Bản Trung Tâm');
        await page.locator('.language').click();
        assert.equal(await page.locator('html').getAttribute('lang'), 'en');
        await page.locator('.trail a', { hasText: 'Hamlets' }).click();
        await page.locator('.ways a', { hasText: 'Queryables' }).click();
        assert.match(await page.locator('h1').innerText(), /Queryables/);
        await accessible(page);
        await page.goto(`${stage.server.address}/collections/parcels/items?f=html&limit=10`);
        await page.locator('a[rel=next]').click();
        await page.locator('a[rel=prev]').click();
        await page.locator('a[rel=next]').waitFor();
        await page.goto(`${stage.server.address}/collections?f=html`);
        await page.locator('.ways a', { hasText: 'Bộ ô bản đồ' }).click();
        await page.locator('main li a', { hasText: 'WebMercatorQuad' }).click();
        await sound('Ô bản đồ: Bản đồ số của xã');
        await page.locator('.ways a', { hasText: 'Lưới ô' }).click();
        await sound('WebMercatorQuad');
        await page.goto(`${stage.server.address}/styles?f=html`);
        await sound('Kiểu hiển thị');
        await page.locator('tbody a', { hasText: 'Bản, tổ dân phố' }).click();
        await page.locator('#map[data-drawn=true]').waitFor();
        await page.locator('#map').click();
        await page.locator('#found dt', { hasText: 'Tên bản' }).first().waitFor();
        await accessible(page);
        await page.goto(`${stage.server.address}/api?f=html`);
        await page.locator('summary').first().click();
        await page.locator('details[open] dt').first().waitFor();
        blameless();
        await context.close();
      });
  });
}
