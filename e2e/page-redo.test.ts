import { rmSync } from 'node:fs';
import type { Browser, Locator, WebSocketRoute } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../simulator/server.ts';
import { openState } from './gallery.ts';
import { ChatPage, launch, newProfile } from './harness/page.ts';
import { newStateDir, type Program, startProgram } from './harness/program.ts';
import { STATES } from './states.ts';

/** Another answer, another question, and how Automatic chooses: page, Worker and the embedded upstreams together. */
let browser: Browser;
let simulator: Simulator;
let program: Program;
let chat: ChatPage;
const stateDir = newStateDir();

beforeAll(async () => {
  simulator = await startSimulator({ port: 0, pace: 0.3 });
  const env = {
    ANTHROPIC_API_KEY: 'simulated',
    ANTHROPIC_BASE_URL: simulator.anthropicUrl,
    SIMULATED: 'true',
  };
  [browser, program] = await Promise.all([launch(), startProgram({ stateDir, env })]);
});
beforeEach(async () => {
  chat = await ChatPage.open(await newProfile(browser), program.url);
});
afterEach(async () => {
  await chat.page.context().close();
  expect(chat.complaints, 'the console is free of errors').toEqual([]);
});
afterAll(async () => {
  await browser?.close();
  await program?.stop();
  await simulator?.close();
  rmSync(stateDir, { recursive: true, force: true });
});

const button = (name: string, within: Locator | ChatPage['page'] = chat.page) =>
  within.getByRole('button', { name, exact: true });
const questions = () => chat.page.getByRole('main').getByRole('article', { name: 'You' });
const paidCalls = () => simulator.control.requests.filter(({ path }) => path.endsWith('/v1/messages')).length;

/** The answer that takes the place of another one. */
async function replaced(version: string): Promise<Locator> {
  const answer = chat.answers.filter({ hasText: version });
  await answer.waitFor();
  await chat.finished(answer);
  return answer;
}

async function why(answer: Locator): Promise<string> {
  await answer.getByText('Why this model?').click();
  await answer.getByRole('table').waitFor();
  return (await answer.locator('details').filter({ hasText: 'Why this model?' }).textContent()) ?? '';
}

describe('C8: another answer', () => {
  test('by a model that a person picks: kept beside the first, explained, and there after a reload', async () => {
    const first = await chat.ask('[[echo]] hello');
    const tier = /Claude (Haiku|Sonnet|Opus) 5\.5/.exec((await first.textContent()) ?? '')?.[1] ?? '';
    await button('Redo with another model', first).click();
    const menu = chat.page.getByRole('menu');
    await menu.waitFor();
    const items = await menu.getByRole('menuitem').allTextContents();
    expect(items.map((text) => /Redo with (\w+)/.exec(text)?.[1])).toEqual(['Haiku', 'Sonnet', 'Opus']);
    expect(items.filter((text) => text.includes('This answer'))).toEqual([expect.stringContaining(tier)]);
    expect(await chat.accessibilityFaults()).toEqual([]);
    // By keyboard: down to the last, and in.
    await chat.page.keyboard.press('End');
    await chat.page.keyboard.press('Enter');

    const second = await replaced('2 of 2');
    expect(await second.textContent()).toMatch(/Claude Opus 5\.5/);
    expect(await questions().count()).toBe(1);
    const words = await why(second);
    expect(words).toContain('You asked for Opus yourself.');
    expect(words).toMatch(/Haiku\s*\d+\s%\s*\$0\.\d+\s*<?\$0\.\d+/);
    await second.locator('summary', { hasText: 'Receipt:' }).click();
    expect(await second.textContent()).toMatch(
      /Always one model\s*Haiku\s<?\$0\.\d+ · Sonnet\s<?\$0\.\d+ · Opus\s<?\$0\.\d+/,
    );

    await chat.page.reload();
    await chat.ready();
    const again = await replaced('2 of 2');
    expect(await again.textContent()).toMatch(/Claude Opus 5\.5/);
    await button('Previous version of the answer', again).click();
    expect(await (await replaced('1 of 2')).textContent()).toContain(`Claude ${tier} 5.5`);
    await chat.history();
    expect(await chat.dialog.textContent()).toMatch(/This conversation cost \$0\.\d+/);
  });

  test('by the same choice, in one click; the next message goes on from whichever version is looked at', async () => {
    await chat.ask('[[echo]] first');
    await button('Try again', chat.answers.first()).click();
    const second = await replaced('2 of 2');
    await button('Previous version of the answer', second).click();
    await chat.page.getByText('You are looking at an earlier version').waitFor();
    await chat.ask('[[echo]] and on');
    expect(await chat.answers.first().textContent()).toContain('1 of 2');
    expect(await chat.answers.count()).toBe(2);
    await button('Next version of the answer').click();
    await expect.poll(() => chat.answers.count()).toBe(1);
  });

  test('of a fixed model: no other model to pick', async () => {
    await chat.pick(/Claude Sonnet 5\.5/);
    await chat.page.getByRole('button', { name: /^Model: Claude Sonnet 5\.5/ }).waitFor();
    const first = await chat.ask('[[echo]] fixed');
    expect(await button('Redo with another model').count()).toBe(0);
    await button('Try again', first).click();
    expect(await (await replaced('2 of 2')).textContent()).toMatch(/Claude Sonnet 5\.5/);
  });

  test('to a broken one takes its place in the line', async () => {
    const broken = await chat.ask('[[error-after 12]] [[long 60]]');
    await button('Try again', broken).click();
    await replaced('2 of 2');
    expect(await questions().count()).toBe(1);
  });

  test('is paid once, whatever the line loses', async () => {
    const context = await newProfile(browser);
    const lossy = new ChatPage(await context.newPage());
    const sockets: WebSocketRoute[] = [];
    let deaf = false;
    await lossy.page.routeWebSocket(/\/ws/, (socket) => {
      const server = socket.connectToServer();
      sockets.push(socket);
      server.onMessage((message) => {
        if (!deaf) socket.send(message);
      });
    });
    await lossy.page.goto(program.url);
    await lossy.ready();
    const first = await lossy.ask('[[echo]] only once');
    const before = paidCalls();
    deaf = true;
    await button('Try again', first).click();
    await expect.poll(paidCalls).toBe(before + 1);
    deaf = false;
    await sockets.at(-1)?.close({ code: 1011, reason: 'lost' });
    const second = lossy.answers.filter({ hasText: '2 of 2' });
    await second.waitFor();
    await lossy.finished(second);
    await lossy.ask('[[echo]] and on');
    expect(paidCalls()).toBe(before + 2);
    await context.close();
  });

  test('R10: where nobody chooses a model, only the plain way is there', async () => {
    const state = STATES.find(({ name }) => name === 'no-selection');
    if (!state) throw new Error('no such state');
    const { page } = await openState(browser, state, { width: 1280, height: 860, dark: false });
    expect(await button('Try again', page).count()).toBe(1);
    expect(await button('Redo with another model', page).count()).toBe(0);
    await page.context().close();
  });
});

describe('C9: another question', () => {
  test('in the place of one, by Enter; the first line stays, also in the archive, where nothing can be changed', async () => {
    await chat.ask('[[echo]] one');
    await chat.ask('[[echo]] two');
    await button('Edit the question').first().click();
    const field = chat.page.getByRole('textbox', { name: 'Edit the question' });
    await field.fill('[[echo]] three');
    await field.press('Enter');
    await expect.poll(() => chat.answers.count()).toBe(1);
    await chat.finished(chat.answers.first());
    expect(await chat.answers.first().textContent()).toContain('three');
    expect(await questions().first().textContent()).toContain('2 of 2');
    await expect.poll(() => chat.page.title()).toContain('three');

    await chat.page.reload();
    await chat.ready();
    await button('Previous version of the question').click();
    await expect.poll(() => chat.answers.count()).toBe(2);
    expect(await chat.answers.last().textContent()).toContain('two');

    await button('New chat').click();
    await chat.answers.first().waitFor({ state: 'detached' });
    await chat.history();
    await chat.dialog.getByRole('listitem').first().getByRole('button').first().click();
    await chat.page.getByText('Read-only').waitFor();
    expect(await chat.answers.first().textContent()).toContain('three');
    expect(await button('Try again').count()).toBe(0);
    expect(await button('Edit the question').count()).toBe(0);
    await button('Previous version of the question').click();
    await expect.poll(() => chat.answers.count()).toBe(2);
  });
});

describe('how Automatic chooses', () => {
  test('is the server’s way until a person picks another, which is kept', async () => {
    expect(await why(await chat.ask('[[echo]] hello'))).toContain('Balanced.');
    await chat.chip.click();
    expect(await chat.dialog.getByRole('radio', { name: /^Balanced/ }).isChecked()).toBe(true);
    await chat.dialog.getByRole('radio', { name: /^Economy/ }).check();
    await chat.dialog.getByRole('button', { name: 'Apply' }).click();
    expect(await why(await chat.ask('[[echo]] hello again'))).toContain('Economy.');

    await chat.page.reload();
    await chat.ready();
    await chat.chip.click();
    expect(await chat.dialog.getByRole('radio', { name: /^Economy/ }).isChecked()).toBe(true);
    // Left without Apply, it stays as it was.
    await chat.dialog.getByRole('radio', { name: /^Quality/ }).check();
    await chat.dialog.getByRole('button', { name: 'Cancel' }).click();
    await chat.chip.click();
    expect(await chat.dialog.getByRole('radio', { name: /^Economy/ }).isChecked()).toBe(true);
  });
});
