import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { openState, settle } from './gallery.ts';
import { launch } from './harness/page.ts';
import { STATES } from './states.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const violationsSchema = z.array(
  z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string() })) }),
);

const WIDE = `[document.documentElement, ...document.querySelectorAll('main section, [role="dialog"]')]
  .filter((element) => element.scrollWidth > element.clientWidth + 1)
  .map((element) => 'too wide: ' + element.tagName)`;

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());

async function faultsOf(page: Page): Promise<string[]> {
  const result: unknown = await page.evaluate('axe.run().then((result) => result.violations)');
  const violations = z.parse(violationsSchema, result).map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  const wide = z.parse(z.array(z.string()), await page.evaluate(WIDE));
  return [...violations, ...wide];
}

/** Every state that the page can be in, with nothing behind it but a script. */
describe('the page', () => {
  test.each(STATES)('"$name" is accessible, fits a desktop and a phone, light and dark', async (state) => {
    const { page, complaints } = await openState(browser, state, { width: 1280, height: 860, dark: false });
    await page.evaluate(AXE);
    expect(await faultsOf(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    await settle(page);
    expect(await faultsOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
