import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { LIMITS } from '../shared/index.ts';
import { ORIGIN, settle } from './gallery.ts';
import { archive, talk } from './harness/long-talk.ts';
import { launch, newProfile, type View } from './harness/page.ts';
import { PretendServer } from './harness/pretend-server.ts';

/** Long sessions in a real browser: what is loaded when, what stays in the page, and that nothing jumps. */
let browser: Browser;
let page: Page;
let server: PretendServer;
const complaints: string[] = [];

const SCROLLER = "document.querySelector('main section')";
const PAGE = LIMITS.messagesPage;

async function open(messages: number, view: View = {}): Promise<void> {
  const context = await newProfile(browser, view);
  page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.on('pageerror', (error) => complaints.push(error.message));
  server = new PretendServer(talk(messages));
  server.archives = archive(3);
  await server.serve(page);
  await page.goto(ORIGIN);
  await page.getByTitle('Connected').waitFor();
  await row(messages).waitFor();
  await settle(page);
}

const row = (n: number) => page.locator(`[data-row="m${n}"]`);
const rowsInPage = () => page.locator('[data-row]').count();
const earlierRequests = () => server.requests.filter((line) => line.includes('before='));
const jump = () => page.getByRole('button', { name: 'Jump to the newest' });
const number = (script: string): Promise<number> => page.evaluate(script);
const fromEnd = () => number(`${SCROLLER}.scrollHeight - ${SCROLLER}.clientHeight - ${SCROLLER}.scrollTop`);

/** Two frames: one for what changes, one for what is measured and put right after it. */
const frames = () =>
  page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');

async function scrollTo(top: number): Promise<void> {
  await page.evaluate(`void (${SCROLLER}.scrollTop = ${top})`);
  await frames();
}

/** The first row that begins in view, and how far below the top of the window. CSS pixels. */
function firstInView(): Promise<{ key: string; top: number }> {
  return page.evaluate(`(() => {
    const edge = ${SCROLLER}.getBoundingClientRect().top;
    const tops = [...document.querySelectorAll('[data-row]')].map((row) => ({ key: row.dataset.row, top: row.getBoundingClientRect().top }));
    return tops.filter(({ top }) => top >= edge).sort((a, b) => a.top - b.top)[0];
  })()`);
}

const topOf = (key: string) =>
  number(`document.querySelector('[data-row="${key}"]').getBoundingClientRect().top`);

/** As somebody who keeps the finger on the Home key. */
async function toBeginning(): Promise<void> {
  for (let step = 0; step < 1_000 && !(await row(1).isVisible()); step += 1) await scrollTo(0);
  await page.getByText('The conversation begins here.').waitFor();
}

beforeAll(async () => {
  browser = await launch();
});
afterEach(async () => {
  await page?.context().close();
  expect(complaints.splice(0)).toEqual([]);
});
afterAll(() => browser?.close());

describe('a conversation of 10,000 messages', () => {
  test('opens at its end, with one page of it', async () => {
    await open(10_000);
    expect(await fromEnd()).toBeLessThan(2);
    expect(earlierRequests()).toEqual([]);
    expect(await rowsInPage()).toBe(PAGE);
    const last = row(10_000).getByRole('article');
    expect(await last.getAttribute('aria-posinset')).toBe('10000');
    expect(await last.getAttribute('aria-setsize')).toBe('10000');
  });

  test('is read back to its beginning, and the page stays as small as that of a short one', async () => {
    await open(10_000);
    const before = await number('document.querySelectorAll("*").length');
    await toBeginning();
    await row(1).getByText('Question 1:').waitFor();
    expect(earlierRequests()).toHaveLength(10_000 / PAGE - 1);
    expect(await rowsInPage()).toBeLessThan(40);
    expect(await number('document.querySelectorAll("*").length')).toBeLessThan(before);
    expect(await row(1).getByRole('article').getAttribute('aria-posinset')).toBe('1');

    await jump().click();
    await row(10_000).waitFor();
    await expect.poll(fromEnd).toBeLessThan(2);
    expect(await rowsInPage()).toBeLessThan(40);
  });
});

describe('earlier messages', () => {
  test('come when the view nears the top, and what is read does not move', async () => {
    await open(500);
    for (let round = 0; round < 6; round += 1) {
      const asked = earlierRequests().length;
      let openGate = (): void => {};
      server.gate = new Promise((resolve) => {
        openGate = resolve;
      });
      await scrollTo(700);
      await settle(page);
      const { key, top } = await firstInView();
      openGate();
      await expect.poll(() => earlierRequests().length).toBe(asked + 1);
      await expect.poll(() => number(`${SCROLLER}.scrollTop`)).toBeGreaterThan(1_000);
      await settle(page);
      expect(Math.abs((await topOf(key)) - top)).toBeLessThan(2);
    }
  });

  test('come by a button too, which keeps the focus', async () => {
    await open(3 * PAGE, { width: 390, height: 844 });
    const button = page.getByRole('button', { name: 'Show earlier messages' });
    server.faults.set('GET /conversations/c10?before=', { status: 503, code: 'internal', message: 'Busy.' });
    await scrollTo(0);
    const again = page.locator('button', { hasText: 'Try again' });
    await again.waitFor();
    server.faults.clear();
    await again.focus();
    await page.keyboard.press('Enter');
    await row(2 * PAGE - 1).waitFor();
    await button.focus();
    await page.keyboard.press('Enter');
    await row(PAGE - 1).waitFor({ state: 'attached' });
    expect(earlierRequests()).toHaveLength(3);
  });

  test('that cannot be had are not asked for again and again, only when a person wants it', async () => {
    await open(3 * PAGE);
    server.faults.set('GET /conversations/c10?before=', {
      status: 503,
      code: 'internal',
      message: 'The server is away.',
    });
    await scrollTo(0);
    await page.getByText('Earlier messages could not be loaded. The server is away.').waitFor();
    for (const top of [300, 0, 200, 0]) await scrollTo(top);
    expect(earlierRequests()).toHaveLength(1);
    server.faults.clear();
    await page.locator('button', { hasText: 'Try again' }).click();
    await row(2 * PAGE - 1).waitFor({ state: 'attached' });
  });

  test('R2: stay when the connection comes back with the whole truth', async () => {
    await open(4 * PAGE);
    await scrollTo(0);
    await row(3 * PAGE).waitFor({ state: 'attached' });
    await settle(page);
    const { key, top } = await firstInView();
    const asked = earlierRequests().length;
    await server.close(1011);
    await page.getByTitle('Reconnecting').waitFor();
    await page.getByTitle('Connected').waitFor();
    await frames();
    expect(Math.abs((await topOf(key)) - top)).toBeLessThan(2);
    expect(earlierRequests()).toHaveLength(asked);
  });

  test('of an archived conversation are read in the same way', async () => {
    await open(10);
    server.messages.splice(0, server.messages.length, ...talk(400));
    await page.getByRole('button', { name: 'History' }).click();
    await page.getByRole('button', { name: /^Conversation 1 / }).click();
    await page.getByText('Read-only').waitFor();
    await row(400).waitFor();
    await toBeginning();
    expect(earlierRequests()).toHaveLength(400 / PAGE - 1);
    expect(await rowsInPage()).toBeLessThan(40);
  });
});

describe('while an answer streams', () => {
  test('the view stays where the reader has scrolled to, and goes back to the end by a button', async () => {
    await open(60);
    const run = server.answer('And now?');
    run.say('It begins. ');
    await page.getByText('It begins.').waitFor();
    await expect.poll(fromEnd).toBeLessThan(2);
    for (let n = 0; n < 20; n += 1) run.say(`\n\nParagraph ${n} of the answer.`);
    await page.getByText('Paragraph 19 of').waitFor();
    await expect.poll(fromEnd).toBeLessThan(2);
    expect(await jump().count()).toBe(0);

    await page.mouse.move(640, 400);
    await page.mouse.wheel(0, -1_500);
    await jump().waitFor();
    await settle(page);
    const { key, top } = await firstInView();
    for (let n = 20; n < 60; n += 1) run.say(`\n\nParagraph ${n} of the answer.`);
    await page.getByText('Paragraph 59 of').waitFor({ state: 'attached' });
    await frames();
    expect(Math.abs((await topOf(key)) - top)).toBeLessThan(2);

    await jump().click();
    await expect.poll(fromEnd).toBeLessThan(2);
    for (let n = 60; n < 70; n += 1) run.say(`\n\nParagraph ${n} of the answer.`);
    run.end();
    await page.getByText('Paragraph 69 of').waitFor();
    await page.locator('article[aria-busy="true"]').waitFor({ state: 'detached' });
    await expect.poll(fromEnd).toBeLessThan(2);
  });

  test('in a list with a window the view stays too', async () => {
    await open(10 * PAGE);
    for (let step = 0; step < 4; step += 1) await scrollTo(0);
    await jump().click();
    await expect.poll(fromEnd).toBeLessThan(2);
    const run = server.answer('And now?');
    run.say('It begins.');
    await page.getByText('It begins.').waitFor();
    await page.mouse.move(640, 400);
    await page.mouse.wheel(0, -4_000);
    await jump().waitFor();
    await settle(page);
    const { key, top } = await firstInView();
    for (let n = 0; n < 40; n += 1) run.say(`\n\nParagraph ${n} of the answer.`);
    run.end();
    await frames();
    expect(Math.abs((await topOf(key)) - top)).toBeLessThan(2);
    await jump().click();
    await page.getByText('Paragraph 39 of').waitFor();
    await expect.poll(fromEnd).toBeLessThan(2);
  });

  test('only its last block is rendered anew, and code that grows only grows', async () => {
    await open(2);
    const run = server.answer('A script, please.');
    run.say('First paragraph.\n\nSecond.\n\n```python\n');
    const lines = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, n) => `print(${from + n})\n`).join('');
    run.say(lines(0, 200));
    const answer = page.getByRole('article', { name: /^Answer/ }).last();
    await answer.getByText('print(199)').waitFor();
    await page.evaluate(`(() => {
      window.changed = new Set();
      const nodes = document.querySelectorAll('[aria-busy="true"] .markdown :is(p, .lines)');
      const last = nodes.length - 1;
      nodes.forEach((node, n) => {
        if (n < last) new MutationObserver(() => window.changed.add(n)).observe(node, { subtree: true, childList: true, characterData: true });
        node.seen = true;
      });
    })()`);
    run.say(lines(200, 400));
    await answer.getByText('print(399)').waitFor();
    expect(await number('window.changed.size')).toBe(0);
    expect(
      await number('[...document.querySelectorAll(".markdown .lines")].filter((node) => node.seen).length'),
    ).toBe(4);
    expect(await answer.locator('pre').textContent()).toBe(lines(0, 400));
    // Finished, it gets its colours; nothing before it is touched by that.
    run.say('```\n\nThat is all.');
    run.end();
    await answer.locator('.hljs-number').first().waitFor();
    expect(
      await number('[...document.querySelectorAll(".markdown p")].filter((node) => node.seen).length'),
    ).toBe(2);
    expect(await answer.locator('pre').textContent()).toBe(lines(0, 400).trimEnd());
  });
});

test('another conversation begins at its end, wherever the reader was in the one before', async () => {
  await open(4 * PAGE);
  await scrollTo(900);
  await jump().waitFor();
  server.send({
    type: 'conversation_opened',
    conversation: {
      id: 'c11',
      model: 'auto',
      title: 'Another',
      status: 'current',
      messages: talk(60),
      message_count: 60,
      has_more: false,
    },
    last_seq: 0,
    archived: null,
  });
  await row(60).waitFor();
  await expect.poll(fromEnd).toBeLessThan(2);
  expect(await jump().count()).toBe(0);
});

describe('a row', () => {
  test('that has the focus is not taken away by scrolling', async () => {
    await open(10 * PAGE);
    for (let step = 0; step < 5; step += 1) await scrollTo(0);
    const { key } = await firstInView();
    const focused = page
      .locator(`[data-row="${key}"], [data-row="${key}"] ~ [data-row]`)
      .locator('summary')
      .first();
    await focused.focus();
    const text = await page.evaluate('document.activeElement.closest("[data-row]").dataset.row');
    await scrollTo(1_000_000);
    expect(await page.evaluate('document.activeElement.closest("[data-row]")?.dataset.row')).toBe(text);
  });
});

describe('an answer that ended early', () => {
  const chats = () => server.received.flatMap((frame) => (frame.type === 'chat' ? [frame.message] : []));

  test('offers to go on and to try again, on the newest only, and sends nothing by itself', async () => {
    await open(2);
    const first = server.answer('Write it all down.');
    first.say('The first half');
    first.end('interrupted');
    const broken = page.getByRole('article', { name: /^Answer/ }).last();
    await broken.getByText('Interrupted').waitFor();
    await frames();
    expect(chats()).toEqual([]);
    await broken.getByRole('button', { name: 'Continue' }).click();
    await expect.poll(chats).toEqual(['Please continue exactly where you stopped.']);
    // It is on its way: a second click has nothing to click on.
    await page.getByRole('button', { name: 'Continue' }).waitFor({ state: 'detached' });
    expect(await page.getByRole('button', { name: 'Try again', disabled: false }).count()).toBe(0);
  });

  test('C8: can be asked for again, which is another answer to the same question', async () => {
    await open(2);
    const first = server.answer('Write it all down.');
    first.end('interrupted');
    const broken = page.getByRole('article', { name: /^Answer/ }).last();
    await broken.getByRole('button', { name: 'Try again' }).waitFor();
    // Nothing was written, so there is nothing to go on from.
    expect(await page.getByRole('button', { name: 'Continue' }).count()).toBe(0);
    await broken.getByRole('button', { name: 'Try again' }).click();
    await expect
      .poll(() => server.received.filter(({ type }) => type === 'redo'))
      .toMatchObject([{ message_id: first.id }]);
    expect(chats()).toEqual([]);
  });
});
