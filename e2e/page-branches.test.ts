import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type ClientFrame, LIMITS, type Message } from '../shared/index.ts';
import { ORIGIN, settle } from './gallery.ts';
import { talk } from './harness/long-talk.ts';
import { launch, newProfile } from './harness/page.ts';
import { PretendServer } from './harness/pretend-server.ts';
import { answer, ask } from './states-world.ts';

/** Conversations with more than one version, in a real browser: what is shown, loaded, asked for and sent. */
let browser: Browser;
let page: Page;
let server: PretendServer;
const complaints: string[] = [];
const PAGE = LIMITS.messagesPage;

async function open(messages: Message[]): Promise<void> {
  const context = await newProfile(browser);
  page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.on('pageerror', (error) => complaints.push(error.message));
  server = new PretendServer(messages);
  await server.serve(page);
  await page.goto(ORIGIN);
  await page.getByTitle('Connected').waitFor();
  await page.locator('[data-row]').last().waitFor();
}

/** Ids of the rows in the page, in order. */
const rows = (): Promise<string[]> =>
  page.evaluate('[...document.querySelectorAll("[data-row]")].map((row) => row.dataset.row)');
const row = (id: string) => page.locator(`[data-row="${id}"]`);
const within = (id: string, name: string) => row(id).getByRole('button', { name, exact: true });
const versions = (id: string) => row(id).locator('[data-versions]');
const composer = () => page.getByRole('textbox', { name: 'Message' });
const frames = <T extends ClientFrame['type']>(type: T) =>
  server.received.filter((frame): frame is Extract<ClientFrame, { type: T }> => frame.type === type);

/** A first question with two answers, of which the second led on to a question with two versions. */
const forked = (): Message[] => [
  ask('u1', 'How many sites are there?'),
  answer('a2', 'u1', 'Seven.'),
  answer('a3', 'u1', 'Eight, by the newest list.'),
  ask('u4', 'And racks?', 'a3'),
  answer('a5', 'u4', 'Ninety.'),
  ask('u6', 'And racks in use?', 'a3'),
  answer('a7', 'u6', 'Eighty-one.'),
];

beforeAll(async () => {
  browser = await launch();
});
afterEach(async () => {
  await page?.context().close();
  expect(complaints.splice(0)).toEqual([]);
});
afterAll(() => browser?.close());

describe('versions', () => {
  test('C8, C9: the newest line is shown, and another one is one click or key away', async () => {
    await open(forked());
    expect(await rows()).toEqual(['u1', 'a3', 'u6', 'a7']);
    expect(await versions('a3').textContent()).toContain('2 of 2');
    expect(await versions('u1').count()).toBe(0);
    expect(await row('a7').getByRole('article').getAttribute('aria-setsize')).toBe('4');

    await within('u6', 'Previous version of the question').click();
    expect(await rows()).toEqual(['u1', 'a3', 'u4', 'a5']);
    await page.getByText('You are looking at an earlier version').waitFor();

    // The focus goes along, so that keys can be pressed again and again.
    await within('a3', 'Previous version of the answer').focus();
    await page.keyboard.press('Enter');
    await expect.poll(rows).toEqual(['u1', 'a2']);
    await expect
      .poll(() => page.evaluate('document.activeElement.getAttribute("aria-label")'))
      .toBe('Previous version of the answer');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect.poll(rows).toEqual(['u1', 'a3', 'u6', 'a7']);
    expect(await page.getByText('You are looking at an earlier version').count()).toBe(0);
  });

  test('C1: a message goes on from the version that is looked at, and what comes is gone to', async () => {
    await open(forked());
    await within('a3', 'Previous version of the answer').click();
    await composer().fill('Which ones?');
    await composer().press('Enter');
    await expect.poll(() => frames('chat')).toMatchObject([{ message: 'Which ones?', parent_id: 'a2' }]);
    const run = server.answer('Which ones?', frames('chat')[0]?.client_id, 'a2');
    run.say('Bern to Turin.');
    run.end();
    await expect.poll(rows).toEqual(['u1', 'a2', 'u8', 'a9']);

    // On the newest line nothing needs to be said.
    await composer().fill('Thanks.');
    await composer().press('Enter');
    await expect.poll(() => frames('chat').length).toBe(2);
    expect(frames('chat')[1]).not.toHaveProperty('parent_id');
  });

  test('R4: an answer that runs elsewhere in the conversation is gone to', async () => {
    await open(forked());
    await within('a3', 'Previous version of the answer').click();
    const run = server.again('u4');
    run.say('Ninety-one.');
    await expect.poll(rows).toEqual(['u1', 'a3', 'u4', 'a8']);
    expect(await within('a3', 'Try again').isDisabled()).toBe(true);
    expect(await within('u1', 'Edit the question').isDisabled()).toBe(true);
    run.end();
    await expect.poll(() => within('a3', 'Try again').isDisabled()).toBe(false);
    expect(await versions('a8').textContent()).toContain('2 of 2');
  });
});

describe('long conversations', () => {
  test('C8: an old question that was answered anew last is loaded, whatever lies between', async () => {
    const messages = [...talk(3 * PAGE), answer('again', 'm1', 'Another first answer.')];
    await open(messages);
    await expect.poll(rows).toEqual(['m1', 'again']);
    expect(await versions('again').textContent()).toContain('2 of 2');
    await page.getByText('The conversation begins here.').waitFor();
    await within('again', 'Previous version of the answer').click();
    await row(`m${3 * PAGE}`).waitFor();
    expect(await rows()).toHaveLength(3 * PAGE);
  });

  test('in a list with a window another version is shown in its place, and keeps the focus', async () => {
    const messages = talk(6 * PAGE);
    const n = messages.length;
    await open([...messages, answer('again', `m${n - 1}`, 'Another newest answer.')]);
    // As somebody who goes on scrolling up.
    await expect
      .poll(
        async () => {
          await page
            .locator('main section')
            .evaluate((list) => list.scrollTo(0, list.scrollTop === 0 ? 50 : 0));
          return server.requests.filter((line) => line.includes('before=')).length;
        },
        { timeout: 10_000 },
      )
      .toBeGreaterThanOrEqual(5);
    await page.getByRole('button', { name: 'Jump to the newest' }).click();
    await row('again').waitFor();
    await expect.poll(async () => (await rows()).length).toBeLessThan(60);
    await within('again', 'Previous version of the answer').focus();
    await page.keyboard.press('Enter');
    await row(`m${n}`).waitFor();
    await expect
      .poll(() => page.evaluate('document.activeElement.closest("[data-row]")?.dataset.row'))
      .toBe(`m${n}`);
    await row('again').waitFor({ state: 'detached' });
  });

  test('pages of other versions only are passed over', async () => {
    const start = talk(PAGE);
    const others = Array.from({ length: 3 * PAGE }, (_, n) => answer(`x${n}`, `m${PAGE - 1}`, `Try ${n}.`));
    const line = talk(2 * PAGE).slice(PAGE);
    await open([...start, ...others, ...line]);
    expect((await rows())[0]).toBe(`m${PAGE + 1}`);
    await page.getByRole('button', { name: 'Show earlier messages' }).click();
    await expect.poll(async () => (await rows())[0]).toBe('m1');
    expect(await rows()).toHaveLength(2 * PAGE);
    await settle(page);
  });
});

describe('on a line that breaks', () => {
  test('C8: a redo that nobody confirmed is asked for again with the same id, and shown once', async () => {
    await open(forked());
    await within('a7', 'Try again').click();
    await expect.poll(() => frames('redo')).toMatchObject([{ message_id: 'a7' }]);
    expect(await rows()).toHaveLength(4);
    const client_id = frames('redo')[0]?.client_id ?? '';
    expect(client_id).not.toBe('');

    // It arrived; the word of it did not.
    server.messages.push(answer('a8', 'u6', ''));
    await server.close(1011);
    await expect.poll(() => frames('redo').length, { timeout: 10_000 }).toBe(2);
    expect(frames('redo')[1]).toMatchObject({ message_id: 'a7', client_id });
    await expect.poll(rows).toEqual(['u1', 'a3', 'u6', 'a8']);
  });

  test('C9: an edit waits for the line, can be taken back into its place, and goes out once', async () => {
    await open(forked());
    server.isDown = true;
    await server.close(1011);
    await page.getByTitle('Reconnecting').waitFor();
    await within('u1', 'Edit the question').click();
    const field = page.getByRole('textbox', { name: 'Edit the question' });
    await field.fill('How many regions are there?');
    await field.press('Enter');
    await page.getByText('Waits for the connection').waitFor();
    await page.getByRole('button', { name: 'Take back' }).click();
    expect(await field.inputValue()).toBe('How many regions are there?');
    await field.press('Enter');
    server.isDown = false;
    await page.getByRole('button', { name: 'Try now' }).click();
    await expect
      .poll(() => frames('edit'))
      .toMatchObject([{ message_id: 'u1', message: 'How many regions are there?' }]);
    expect(frames('chat')).toEqual([]);
  });
});

test('C9: an edit is left by Escape, and the words stay as they were', async () => {
  await open(forked());
  await within('u6', 'Edit the question').click();
  const field = page.getByRole('textbox', { name: 'Edit the question' });
  await field.fill('Something else');
  await page.keyboard.press('Escape');
  await row('u6').getByText('And racks in use?').waitFor();
  expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('Edit the question');
  expect(frames('edit')).toEqual([]);
});
