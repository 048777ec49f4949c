// A real browser whose pages are watched: a console error, or a request to another host, fails the test that made it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

// The browser's tools are installed with the web app.
const require = createRequire(new URL('../static/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

/** A reader with a screen of their own; faults gathers what went wrong on any of their pages. */
export async function reader(browser, address, viewport, options = {}) {
  const context = await browser.newContext({ viewport, locale: 'vi-VN', timezoneId: 'Asia/Ho_Chi_Minh', reducedMotion: 'reduce', ...options });
  const faults = [];
  context.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${address}/`) && !url.startsWith('data:') && !url.startsWith('blob:')) faults.push(`request to ${url}`);
  });
  context.on('console', (message) => {
    if (message.type() === 'error' && !expected(message.text())) faults.push(`console: ${message.text()}`);
  });
  context.on('weberror', (error) => faults.push(`page: ${error.error().stack ?? error.error().message}`));
  return {
    context,
    faults,
    open: async (hash = '') => {
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      await page.goto(`${address}/${hash}`);
      await page.locator('body.drawn').waitFor();
      return page;
    },
    blameless: () => assert.deepEqual(faults, []),
  };
}

/** The browser itself reports every answer of 4xx as an error; those that a test provokes are no fault of the page. */
const expected = (text) => /status of (400|401|404|409|412|422)\b/.test(text);

/** No violation of WCAG 2 A or AA on the page as it stands. */
export async function accessible(page) {
  const session = await page.context().newCDPSession(page);
  // Through the debugger: the page's policy refuses scripts that are not its own.
  await session.send('Runtime.evaluate', { expression: axe });
  const { result } = await session.send('Runtime.evaluate', {
    expression: `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then((r) =>
      JSON.stringify(r.violations.map((v) => v.id + ': ' + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160) + ' — ' + n.failureSummary).join(' | '))))`,
    awaitPromise: true,
    returnByValue: true,
  });
  await session.detach();
  assert.deepEqual(JSON.parse(result.value), []);
}
