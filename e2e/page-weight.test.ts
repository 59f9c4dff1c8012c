import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ORIGIN, serveState } from './gallery.ts';
import { launch, newProfile } from './harness/page.ts';
import { STATES } from './states.ts';

/** What a newcomer's browser loads before anything can be typed. Bytes, compressed. */
const MOST_JAVASCRIPT = 100_000;

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());

async function openEmpty(prepare: (page: Page) => void = () => {}): Promise<Page> {
  const context = await newProfile(browser);
  const page = await context.newPage();
  const empty = STATES.find(({ name }) => name === 'empty');
  if (!empty) throw new Error('no such state');
  prepare(page);
  await serveState(page, empty);
  await page.goto(ORIGIN);
  await page.getByTitle('Connected').waitFor();
  await page.waitForLoadState('networkidle');
  return page;
}

test('the first load of an empty chat has less than 100 KB of JavaScript', async () => {
  const scripts: Promise<number>[] = [];
  const page = await openEmpty((fresh) => {
    fresh.on('response', (response) => {
      if (!new URL(response.url()).pathname.endsWith('.js')) return;
      scripts.push(response.body().then((body) => gzipSync(body).length));
    });
  });
  const sizes = await Promise.all(scripts);
  expect(sizes.length).toBeGreaterThan(5);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MOST_JAVASCRIPT);
  await page.context().close();
});

test('what shows messages comes while the first one is written; where it does not, the page says so', async () => {
  const page = await openEmpty();
  await page.route('**/*.js', (route) => route.abort());
  const box = page.getByRole('textbox', { name: 'Message' });
  await box.fill('Anybody there?');
  await box.press('Enter');
  await page.getByText('The conversation could not be shown').waitFor();
  await page.unroute('**/*.js');
  await box.fill('And now?');
  await page.getByRole('article', { name: 'You' }).waitFor();
  await page.context().close();
});
