import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../simulator/server.ts';
import { ORIGIN, settle } from './gallery.ts';
import { archive, talk } from './harness/long-talk.ts';
import { ChatPage, launch, newProfile, type View } from './harness/page.ts';
import { PretendServer } from './harness/pretend-server.ts';
import { type Program, startProgram } from './harness/program.ts';

/** What a person does with a session as a whole: keeping it, deleting it, taking it to another device. */
let browser: Browser;
const open: ChatPage[] = [];

beforeAll(async () => {
  browser = await launch();
});
afterEach(async () => {
  const complaints = open.flatMap((chat) => chat.complaints);
  for (const chat of open.splice(0)) await chat.page.context().close();
  // What a test makes the server refuse, the browser writes down by itself.
  expect(complaints.filter((text) => !text.includes('Failed to load resource'))).toEqual([]);
});
afterAll(() => browser?.close());

describe('at the edge of the network', () => {
  let server: PretendServer;
  let page: Page;
  let chat: ChatPage;

  async function begin(archived = 3, view: View = {}): Promise<void> {
    const context = await newProfile(browser, view);
    page = await context.newPage();
    server = new PretendServer(talk(4));
    server.archives = archive(archived);
    await server.serve(page);
    chat = new ChatPage(page);
    open.push(chat);
    await page.goto(ORIGIN);
    await chat.ready();
  }

  const entries = () => chat.dialog.getByRole('listitem');
  const deletes = () => server.requests.filter((line) => line.startsWith('DELETE'));

  test('an archived conversation is deleted from the history, after a question', async () => {
    await begin();
    await chat.history();
    const trash = chat.dialog.getByRole('button', { name: 'Delete: Conversation 2' });
    await trash.click();
    await chat.warning.getByText('Conversation 2 with its 2 messages is deleted for good').waitFor();
    await page.keyboard.press('Enter');
    await chat.warning.waitFor({ state: 'detached' });
    expect(deletes()).toEqual([]);
    await trash.click();
    await page.keyboard.press('Escape');
    await chat.warning.waitFor({ state: 'detached' });
    expect(await entries().count()).toBe(3);
    await trash.click();
    await chat.warning.getByRole('button', { name: 'Delete for good' }).click();
    await chat.warning.waitFor({ state: 'detached' });
    expect(deletes()).toEqual(['DELETE /conversations/k2']);
    await expect.poll(() => entries().allTextContents()).toHaveLength(2);
    expect(await page.evaluate("document.activeElement.closest('[role=dialog]') !== null")).toBe(true);
  });

  test('an archived conversation is deleted from its own view', async () => {
    await begin();
    await chat.history();
    await chat.dialog.getByRole('button', { name: /^Conversation 1 / }).click();
    await page.getByText('Read-only').waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await chat.warning.getByRole('button', { name: 'Delete for good' }).click();
    await chat.composer.waitFor();
    expect(deletes()).toEqual(['DELETE /conversations/k1']);
    expect(await page.getByText('was deleted').count()).toBe(0);
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('composer');
  });

  test('what another tab deletes goes away here too, also while it is read', async () => {
    await begin();
    await chat.history();
    await chat.dialog.getByRole('button', { name: /^Conversation 1 / }).click();
    await page.getByText('Read-only').waitFor();
    server.send({ type: 'conversation_deleted', conversation_id: 'k1' });
    await page.getByRole('heading', { name: 'This conversation was deleted' }).waitFor();
    await page.getByRole('button', { name: 'Back' }).click();
    await chat.composer.waitFor();
    await chat.history();
    expect(await entries().count()).toBe(2);
  });

  test('a deletion that fails says so and changes nothing', async () => {
    await begin();
    server.faults.set('DELETE /conversations', {
      status: 500,
      code: 'internal',
      message: 'The disk is full.',
    });
    await chat.history();
    await chat.dialog.getByRole('button', { name: 'Delete: Conversation 2' }).click();
    await chat.warning.getByRole('button', { name: 'Delete for good' }).click();
    await chat.warning.getByRole('alert').getByText('Nothing was deleted. The disk is full.').waitFor();
    await chat.warning.getByRole('button', { name: 'Cancel' }).click();
    expect(await entries().count()).toBe(3);
  });

  test('a long history comes in pages, and a failed one can be tried again', async () => {
    await begin(160);
    await chat.history();
    expect(await entries().count()).toBe(50);
    server.faults.set('GET /conversations?', { status: 503, code: 'internal', message: 'Try later.' });
    await entries().last().scrollIntoViewIfNeeded();
    await chat.dialog.getByText('Older conversations could not be loaded. Try later.').waitFor();
    server.faults.clear();
    await chat.dialog.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => entries().count()).toBeGreaterThanOrEqual(100);
    for (let n = 0; n < 4; n += 1) await entries().last().scrollIntoViewIfNeeded();
    await expect.poll(() => entries().count()).toBe(160);
    expect(await chat.dialog.getByRole('button', { name: 'Show older' }).count()).toBe(0);
  });

  test('the page says how long a chat is kept, and nothing where it is kept for ever', async () => {
    await begin();
    await chat.history();
    await chat.dialog.getByText('A chat that nobody opens for 90 days deletes itself.').waitFor();
    server.retentionDays = null;
    await page.reload();
    await chat.ready();
    await chat.history();
    expect(await chat.dialog.getByText('deletes itself').count()).toBe(0);
  });

  test('"Delete everything" leaves nothing in this browser, and starts anew without alarm', async () => {
    await begin();
    await page.evaluate("localStorage.setItem('chatbox.model', 'auto')");
    await chat.composer.fill('Half a thought');
    await chat.history();
    await chat.dialog.getByRole('button', { name: 'Delete everything' }).click();
    await chat.warning.getByText('the whole history').waitFor();
    await chat.warning.getByRole('button', { name: 'Delete for good' }).click();
    await page.getByText('Everything is deleted').first().waitFor();
    await chat.ready();
    await page.getByRole('heading', { name: /What do you want to know/ }).waitFor();
    expect(deletes()).toEqual(['DELETE /sessions']);
    expect(await chat.composer.inputValue()).toBe('');
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('composer');
    expect(await page.evaluate('({ ...localStorage })')).toEqual({ 'chatbox.session': 's2' });
    expect(await page.evaluate('Object.keys(sessionStorage)')).toEqual([]);
    expect(await page.getByText('Your earlier session is gone').count()).toBe(0);
  });

  test('a link for the phone is made when it is wanted, runs out, and is made anew', async () => {
    await begin(3, { dark: true });
    await page.clock.install();
    await page.getByRole('button', { name: 'Open on another device' }).click();
    const address = chat.dialog.getByRole('textbox', { name: 'Address of the link' });
    await address.waitFor();
    expect(await address.inputValue()).toBe(`${ORIGIN}/#link=Q2xvdWRmbGFyZS1jaGF0L1`);
    expect(await chat.dialog.textContent()).not.toContain('s1');
    await chat.dialog.getByRole('img', { name: 'QR code of the link below' }).waitFor();
    await chat.dialog.getByText('Works for 10 minutes more.').waitFor();
    await page.clock.runFor(130_000);
    await chat.dialog.getByText('Works for 8 minutes more.').waitFor();
    await page.clock.runFor(480_000);
    await chat.dialog.getByText('This link has expired.').waitFor();
    expect(await address.count()).toBe(0);
    server.faults.set('POST /links', { status: 429, code: 'rate_limited', message: 'Slow down.' });
    await chat.dialog.getByRole('button', { name: 'Make a new one' }).click();
    await chat.dialog.getByText('No link could be made. Slow down.').waitFor();
    server.faults.clear();
    await chat.dialog.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => address.inputValue()).toBe(`${ORIGIN}/#link=Q2xvdWRmbGFyZS1jaGF0L2`);
    await chat.dialog.getByRole('button', { name: 'Close' }).click();
    expect(server.requests.filter((line) => line === 'POST /links')).toHaveLength(3);
  });

  test.each([
    { name: 'dark, phone', view: { dark: true, width: 390, height: 844 } },
    { name: 'light, desktop', view: { dark: false } },
  ])('all of it is accessible: $name', async ({ view }) => {
    await begin(3, view);
    const faults: Record<string, string[]> = {};
    const look = async (state: string) => {
      await settle(page);
      const found = await chat.accessibilityFaults();
      if (found.length > 0) faults[state] = found;
    };
    await look('conversation');
    await chat.history();
    await look('history');
    await chat.dialog.getByRole('button', { name: 'Delete: Conversation 2' }).click();
    await chat.warning.waitFor();
    await look('delete one');
    await page.keyboard.press('Escape');
    await chat.dialog.getByRole('button', { name: 'Delete everything' }).click();
    await chat.warning.waitFor();
    await look('delete everything');
    await page.keyboard.press('Escape');
    await chat.dialog.getByRole('button', { name: 'Open on another device' }).click();
    await chat.dialog.getByRole('img').waitFor();
    await look('phone');
    expect(faults).toEqual({});
  });
});

describe('with the real server', () => {
  let simulator: Simulator;
  let program: Program;

  beforeAll(async () => {
    simulator = await startSimulator({ port: 0, pace: 0.1 });
    program = await startProgram({
      env: { ANTHROPIC_API_KEY: 'simulated', ANTHROPIC_BASE_URL: simulator.anthropicUrl, SIMULATED: 'true' },
    });
  });
  afterAll(async () => {
    await program?.stop();
    await simulator?.close();
  });

  async function visit(
    address = program.url,
    context?: Awaited<ReturnType<typeof newProfile>>,
  ): Promise<ChatPage> {
    const chat = await ChatPage.open(context ?? (await newProfile(browser)), address);
    open.push(chat);
    return chat;
  }

  test('a conversation is deleted in every tab, and stays deleted', async () => {
    const first = await visit();
    await first.ask('[[echo]] to be forgotten');
    await first.page.getByRole('button', { name: 'New chat' }).click();
    await first.answers.first().waitFor({ state: 'detached' });
    const second = await visit(program.url, first.page.context());
    await second.history();
    expect(await second.dialog.getByRole('listitem').count()).toBe(1);
    await first.history();
    await first.dialog.getByRole('button', { name: /^Delete: / }).click();
    await first.warning.getByRole('button', { name: 'Delete for good' }).click();
    await second.dialog.getByText('No earlier conversations yet.').waitFor();
    await first.page.reload();
    await first.ready();
    await first.history();
    await first.dialog.getByText('No earlier conversations yet.').waitFor();
  });

  test('everything is deleted here and for the other tab, which says so', async () => {
    const first = await visit();
    await first.ask('[[echo]] a secret');
    const second = await visit(program.url, first.page.context());
    await second.answers.first().waitFor();
    const before = await first.page.evaluate("localStorage.getItem('chatbox.session')");
    await first.history();
    await first.dialog.getByRole('button', { name: 'Delete everything' }).click();
    await first.warning.getByRole('button', { name: 'Delete for good' }).click();
    await first.page.getByText('Everything is deleted').first().waitFor();
    await second.page.getByText('Your earlier session is gone').first().waitFor();
    for (const chat of [first, second]) {
      await chat.ready();
      await chat.answers.first().waitFor({ state: 'detached' });
    }
    const gone = await fetch(`${program.url}/conversations`, {
      headers: { authorization: `Bearer ${before}` },
    });
    expect(gone.status).toBe(404);
  });

  test('a link carries the chat to another browser, once', async () => {
    const desk = await visit();
    await desk.ask('[[echo]] begun at the desk');
    await desk.page.getByRole('button', { name: 'Open on another device' }).click();
    const address = await desk.dialog.getByRole('textbox', { name: 'Address of the link' }).inputValue();
    expect(address).toMatch(/\/#link=[\w-]{22,}$/);
    const phone = await visit(address, await newProfile(browser, { width: 390, height: 844 }));
    await phone.answers.first().waitFor();
    expect(await phone.page.getByRole('main').textContent()).toContain('begun at the desk');
    expect(phone.page.url()).not.toContain('link=');
    await desk.dialog.getByRole('button', { name: 'Close' }).click();
    await phone.ask('[[echo]] from the phone');
    await desk.finished(desk.answers.nth(1));
    expect(await desk.answers.nth(1).textContent()).toContain('from the phone');
  });
});
