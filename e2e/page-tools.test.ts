import { readFileSync, rmSync } from 'node:fs';
import type { Browser, BrowserContext, Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../simulator/server.ts';
import { openState } from './gallery.ts';
import { ChatPage, launch, newProfile, type View } from './harness/page.ts';
import { newStateDir, type Program, startProgram } from './harness/program.ts';
import { STATES } from './states.ts';

/** Tools in a real browser, against the real Worker, a simulated model and a simulated NetBox that can be written to. */
let browser: Browser;
let simulator: Simulator;
let program: Program;
const stateDir = newStateDir();
const profiles: BrowserContext[] = [];
const pages: ChatPage[] = [];

const start = (port?: number): Promise<Program> =>
  startProgram({
    ...(port === undefined ? {} : { port }),
    stateDir,
    env: {
      ANTHROPIC_API_KEY: 'simulated',
      ANTHROPIC_BASE_URL: simulator.anthropicUrl,
      NETBOX_MCP_URL: simulator.netboxMcpUrl,
      NETBOX_ALLOWED_TOOLS: 'get_objects, get_object_by_id, get_changelogs, search_objects, update_object',
      SIMULATED: 'true',
    },
  });

beforeAll(async () => {
  simulator = await startSimulator({ pace: 0.1 });
  simulator.control.netboxWritable = true;
  [browser, program] = await Promise.all([launch(), start()]);
});
afterEach(async () => {
  for (const profile of profiles.splice(0)) await profile.close();
  const complaints = pages.splice(0).flatMap((chat) => chat.complaints);
  expect(complaints, 'the console is free of errors').toEqual([]);
});
afterAll(async () => {
  await browser?.close();
  await program?.stop();
  await simulator?.close();
  rmSync(stateDir, { recursive: true, force: true });
});

async function open(view: View = {}, context?: BrowserContext): Promise<ChatPage> {
  const profile = context ?? (await newProfile(browser, view));
  if (!context) profiles.push(profile);
  const chat = await ChatPage.open(profile, program.url);
  pages.push(chat);
  return chat;
}

const rows = (chat: ChatPage): Locator => chat.answers.last().getByRole('group', { name: /NetBox/ });
const button = (chat: ChatPage, name: string): Locator =>
  chat.page.getByRole('button', { name, exact: true });
const write = (status: string, id = 7): string =>
  `[[call update_object {"object_type": "dcim.device", "object_id": ${id}, "data": {"status": "${status}"}}]]`;

/** A question whose answer waits for a person. */
async function waiting(chat: ChatPage, text: string): Promise<void> {
  await chat.send(text);
  await button(chat, 'Allow once').first().waitFor();
}

describe('S5: an answer that asks NetBox', () => {
  test('a starter question is answered, with what was asked and found in folded rows, also after a reload', async () => {
    const chat = await open();
    await chat.page.getByRole('button', { name: /Which devices are in DC14\?/ }).click();
    await chat.finished(chat.answers.first());
    const first = rows(chat).first();
    await first.locator('summary').waitFor();
    expect(await first.textContent()).toMatch(
      /Asked NetBox for devices.*site dc14.*\d+ of \d+ objects.*done/,
    );
    const before = await rows(chat).allTextContents();
    await chat.page.reload();
    await chat.ready();
    await rows(chat).first().locator('summary').waitFor();
    expect(await rows(chat).allTextContents()).toEqual(before);
  });

  test('a row unfolds to a table that sorts, copies as CSV, is saved, and leads to NetBox', async () => {
    const chat = await open();
    const { page } = chat;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await chat.ask('List the devices in DC14');
    const summary = rows(chat).first().locator('summary').first();
    await summary.click();
    const table = rows(chat).first().getByRole('table');
    const names = async () =>
      (await table.locator('tbody tr td:first-child').allTextContents()).map((name) => name.trim());
    await table.waitFor();
    // What unfolds does not push its own first line out of view.
    const list = await page.getByRole('region', { name: 'Conversation' }).boundingBox();
    await expect
      .poll(async () => (await summary.boundingBox())?.y)
      .toBeGreaterThanOrEqual(list?.y ?? Infinity);
    const found = await names();
    expect(found.length).toBe(20);
    await table.getByRole('button', { name: 'Name' }).click();
    await table.getByRole('button', { name: 'Name' }).click();
    expect(await table.getByRole('columnheader', { name: 'Name' }).getAttribute('aria-sort')).toBe(
      'descending',
    );
    const sorted = await names();
    expect(sorted).not.toEqual(found);
    expect(sorted.toSorted()).toEqual(found.toSorted());

    const link = table.getByRole('link').first();
    expect(await link.getAttribute('href')).toMatch(
      /^http:\/\/127\.0\.0\.1:\d+\/netbox\/dcim\/devices\/\d+\/$/,
    );
    expect(await link.getAttribute('rel')).toBe('noopener noreferrer');
    await button(chat, 'Copy as CSV').click();
    const csv: string = await page.evaluate('navigator.clipboard.readText()');
    const lines = csv.trimEnd().split(/\r?\n/);
    expect(lines[0]).toMatch(/^name,status,/);
    expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(sorted);
    const saving = page.waitForEvent('download');
    await button(chat, 'Download').click();
    const file = await saving;
    expect(file.suggestedFilename()).toBe('objects.csv');
    expect(
      readFileSync(await file.path(), 'utf8')
        .replace('\ufeff', '')
        .split(/\r?\n/),
    ).toEqual(csv.split(/\r?\n/));
  });

  test('several calls of a round stand together where they were made, and in the archive as well', async () => {
    const chat = await open();
    await chat.ask('[[parallel 3]] Look around.');
    const group = chat.answers.last().getByRole('list', { name: '3 tool calls' });
    await group.waitFor();
    const order = (await chat.answers.last().textContent()) ?? '';
    expect(order.indexOf('I look that up.')).toBeLessThan(order.indexOf('Asked NetBox'));
    await button(chat, 'New chat').click();
    await chat.answers.first().waitFor({ state: 'detached' });
    await chat.history();
    await chat.dialog.getByRole('listitem').first().getByRole('button').first().click();
    await chat.page.getByText('Read-only').waitFor();
    await group.waitFor();
    expect(await rows(chat).count()).toBe(3);
  });

  test('what goes wrong says so in its row', async () => {
    const chat = await open();
    await chat.ask('[[call get_objects {"object_type": "dcim.nothing", "filters": {}}]]');
    expect(await rows(chat).first().textContent()).toMatch(/failed/);
    await rows(chat).first().locator('summary').click();
    await chat.page.getByText('What went wrong').waitFor();
    expect(await rows(chat).first().locator('pre').last().textContent()).toMatch(
      /^There is no object type 'dcim\.nothing'\. There are: [\w., ]+\.$/,
    );
    await chat.ask('[[unknown-tool]]');
    const refused = chat.answers.last().getByRole('group', { name: /netbox_delete_everything/ });
    expect(await refused.textContent()).toMatch(/not made/);
  });
});

describe('C6: a call that waits for a person', () => {
  test('is shown with all that it would do, takes the focus, and is allowed by keyboard', async () => {
    const chat = await open();
    await waiting(chat, write('offline'));
    const card = chat.answers
      .last()
      .getByRole('group', { name: 'Wants to use netbox_update_object of NetBox' });
    expect(await card.textContent()).toMatch(/It changes status of device 7/);
    expect(await card.textContent()).toMatch(/object_id\s*7/);
    expect(await card.textContent()).toMatch(/data\.status\s*offline/);
    await expect.poll(() => focusOf(chat)).toBe('Wants to use netbox_update_object of NetBox');
    await expect.poll(() => chat.page.title()).toMatch(/^Waits for you/);
    expect(await chat.page.getByRole('status').first().textContent()).toMatch(/waits for your decision/);
    await chat.page.locator('form').getByText('The answer waits for your decision.').waitFor();
    expect(await chat.accessibilityFaults()).toEqual([]);
    for (let step = 0; step < 6 && (await focusOf(chat)) !== 'Allow once'; step += 1)
      await chat.page.keyboard.press('Tab');
    await chat.page.keyboard.press('Enter');
    await chat.finished(chat.answers.last());
    expect(await rows(chat).first().textContent()).toMatch(
      /Changed device 7 in NetBox.*status offline.*allowed once/,
    );
    expect(await chat.page.title()).not.toMatch(/Waits for you/);
    // The card became a row, and the focus stayed with it.
    expect(await focusOf(chat)).toBe('Changed device 7 in NetBox');
  });

  test('denied: nothing is changed, the row says so, also after a reload', async () => {
    const chat = await open();
    await waiting(chat, write('failed', 8));
    await button(chat, 'Deny').click();
    await chat.finished(chat.answers.last());
    const said = /Wanted to change device 8 in NetBox.*not allowed/;
    expect(await rows(chat).first().textContent()).toMatch(said);
    await chat.page.reload();
    await chat.ready();
    await rows(chat).first().locator('summary').waitFor();
    expect(await rows(chat).first().textContent()).toMatch(said);
  });

  test('allowed for the conversation: the same tool asks no more', async () => {
    const chat = await open();
    await waiting(chat, write('planned', 9));
    await button(chat, 'Allow for this conversation').click();
    await chat.finished(chat.answers.last());
    expect(await rows(chat).first().textContent()).toMatch(/allowed for this conversation/);
    await chat.ask(write('active', 9));
    expect(await rows(chat).first().textContent()).toMatch(/Changed device 9/);
  });

  test('waits through a reload and the end of the process, and is decided in another tab; the other one is quiet', async () => {
    const chat = await open();
    await waiting(chat, `${write('staged', 10)}${write('staged', 11)}`);
    const { port } = program;
    await program.stop();
    program = await start(port);
    await chat.page.reload();
    await chat.ready();
    const other = await open({}, chat.page.context());
    await button(other, 'Allow once').first().waitFor();
    expect(await button(chat, 'Allow once').count()).toBe(2);

    // Both press the same button; one of them is the second.
    await button(chat, 'Allow once').first().click();
    await chat.page.getByText('It goes on when the other call is decided.').waitFor();
    await button(other, 'Allow once').first().click();
    await other.page.getByText('This was decided already').waitFor();
    expect(await other.page.getByText('That is not there any more').count()).toBe(0);
    await button(other, 'Deny').click();
    await chat.finished(chat.answers.last());
    await other.finished(other.answers.last());
    for (const tab of [chat, other]) {
      const [first, second] = await rows(tab).allTextContents();
      expect(first).toMatch(/Changed device 10 in NetBox/);
      expect(second).toMatch(/Wanted to change device 11 in NetBox.*not allowed/);
    }
    chat.complaints.splice(0);
  });

  test('C4: Stop ends what waits, and leaves a row without a result', async () => {
    const chat = await open({ width: 390, height: 844, dark: true });
    await waiting(chat, write('failed', 12));
    expect(await chat.accessibilityFaults()).toEqual([]);
    await button(chat, 'Stop the answer').click();
    await chat.finished(chat.answers.last());
    expect(await rows(chat).first().textContent()).toMatch(
      /Wanted to change device 12 in NetBox.*not finished/,
    );
    expect(await button(chat, 'Allow once').count()).toBe(0);
  });

  test('a half-written message keeps the focus', async () => {
    const chat = await open();
    await chat.send(`[[slow]] ${write('failed', 13)}`);
    await chat.composer.fill('And then');
    await button(chat, 'Allow once').waitFor();
    await chat.page.keyboard.type(' what?');
    expect(await chat.composer.inputValue()).toBe('And then what?');
    await button(chat, 'Deny').click();
    await chat.finished(chat.answers.last());
  });
});

/** What a screen reader would call the element that has the focus. */
async function focusOf(chat: ChatPage): Promise<string> {
  return chat.page.evaluate(
    `(({ ariaLabel, textContent }) => ariaLabel ?? textContent.trim())(document.activeElement)`,
  );
}

test('the selector says that NetBox is connected, and which models use tools', async () => {
  const chat = await open();
  await chat.chip.click();
  await chat.dialog.getByText('NetBox connected (simulated)').waitFor();
  expect(await chat.dialog.getByRole('radio', { name: /Claude Opus 5\.5/ }).count()).toBe(1);
  expect(await chat.dialog.locator('.facts').first().textContent()).toMatch(/Tools/);
});

test('nothing that a tool, its server or a model says becomes part of the page, or leads where it does not say', async () => {
  const state = STATES.find(({ name }) => name === 'tools-hostile');
  if (!state) throw new Error('no such state');
  const { page, complaints } = await openState(browser, state, { width: 1280, height: 860, dark: false });
  const row = page.locator('fieldset').first();
  expect(await row.locator('img, script, b').count()).toBe(0);
  const links = await row.getByRole('link').all();
  const hrefs = await Promise.all(links.map((link) => link.getAttribute('href')));
  expect(hrefs.map((href) => new URL(href ?? '').protocol)).toEqual(['https:', 'https:']);
  expect(await row.locator('.host').allTextContents()).toEqual(['(evil.example)', '(evil.example)']);
  await row.getByText('Links lead to evil.example.').waitFor();
  expect(await row.locator('.hidden-char').count()).toBeGreaterThan(3);
  expect(complaints).toEqual([]);
  await page.context().close();
});
