import { readFileSync, rmSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ServerFrame } from '../shared/index.ts';
import { type Simulator, startSimulator } from '../simulator/server.ts';
import { ChatPage, launch, newProfile } from './harness/page.ts';
import { newStateDir, type Program, startProgram } from './harness/program.ts';

/** The page of what was used, behind the real Worker: its figures are those of the receipts. */
let browser: Browser;
let simulator: Simulator;
let program: Program;
let context: BrowserContext;
const stateDir = newStateDir();
type Ending = Extract<ServerFrame, { type: 'message_end' }>;

beforeAll(async () => {
  simulator = await startSimulator({ port: 0, pace: 0.3 });
  const env = {
    ANTHROPIC_API_KEY: 'simulated',
    ANTHROPIC_BASE_URL: simulator.anthropicUrl,
    SIMULATED: 'true',
  };
  [browser, program] = await Promise.all([launch(), startProgram({ stateDir, env })]);
});
afterEach(() => context?.close());
afterAll(async () => {
  await browser?.close();
  await program?.stop();
  await simulator?.close();
  rmSync(stateDir, { recursive: true, force: true });
});

/** Keeps the ends of all answers, which have what the receipts show. */
function endings(page: Page): Ending[] {
  const found: Ending[] = [];
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => {
      if (!String(payload).startsWith('{')) return;
      const frame: ServerFrame = JSON.parse(String(payload));
      if (frame.type === 'message_end') found.push(frame);
    });
  });
  return found;
}

const sum = (all: readonly Ending[], of: (one: Ending) => number | null | undefined): number =>
  all.reduce((total, one) => total + (of(one) ?? Number.NaN), 0);
const total = (page: Page, name: string) => page.locator(`[data-total="${name}"]`).textContent();

/** Whether an amount on the page is these dollars, to the digits that it shows. */
function says(text: string | null | undefined, usd: number): boolean {
  if (text === '$0') return usd === 0;
  if (text === '<$0.0001') return usd > 0 && usd < 0.0001;
  const [, digits = '', decimals = ''] = /^\$(\d+\.?(\d*))$/.exec(text ?? '') ?? [];
  return digits !== '' && Math.abs(Number(digits) - usd) <= 0.5 * 10 ** -decimals.length + 1e-12;
}

/** The lines of a CSV file without quotes, by the names of its first. */
function csv(path: string): Record<string, string>[] {
  const [names = [], ...rows] = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','));
  return rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i] ?? ''])));
}

async function ask(...questions: string[]): Promise<{ chat: ChatPage; ends: Ending[] }> {
  context = await newProfile(browser);
  const chat = new ChatPage(await context.newPage());
  const ends = endings(chat.page);
  await chat.page.goto(program.url);
  await chat.ready();
  for (const question of questions) await chat.ask(question);
  expect(ends).toHaveLength(questions.length);
  return { chat, ends };
}

describe('usage', () => {
  test('says what the receipts add up to, next to always one model, and gives it away as CSV', async () => {
    const { chat, ends } = await ask(
      'What is a VLAN?',
      '[[echo]] Which VLAN is free?',
      'Design a spine-leaf fabric with EVPN for 40 racks, and prove that no single failure splits it.',
    );
    const { page } = chat;
    await chat.history();
    await page.getByRole('link', { name: 'Usage and cost' }).click();
    await page.getByRole('heading', { name: 'Usage and cost' }).waitFor();
    await page.locator('figure canvas').first().waitFor();

    const spent = sum(ends, ({ cost_usd }) => cost_usd);
    expect(spent).toBeGreaterThan(0);
    expect(await total(page, 'answers')).toBe('3');
    const shown = await total(page, 'spent');
    expect(says(shown, spent), `${shown} for ${spent}`).toBe(true);
    const words = await page.getByText(/^What Automatic chose cost/).textContent();
    const amounts = words?.match(/<?\$\d+(\.\d+)?/g) ?? [];
    const always = (['haiku', 'sonnet', 'opus'] as const).map((tier) =>
      sum(ends, ({ always_usd }) => always_usd?.[tier]),
    );
    expect([spent, ...always].map((usd, i) => says(amounts[i], usd) || `${usd}: ${words}`)).toEqual(
      Array(4).fill(true),
    );

    // The same figures once more, for who does not see pictures.
    const cost = page.getByRole('figure', { name: /^Cost by model/ });
    await cost.getByText('Show as table').click();
    const sums = cost.getByRole('row', { name: /^All of this time/ });
    await sums.waitFor();
    const names = await cost.getByRole('columnheader').allTextContents();
    const cells = await sums.getByRole('cell').allTextContents();
    const models = [...new Set(ends.map(({ actual_model }) => actual_model))];
    expect(cells).toHaveLength(models.length);
    for (const model of models) {
      const own = ends.filter(({ actual_model }) => actual_model === model);
      const tier = model?.split('-')[1] ?? '';
      const cell = cells[names.findIndex((name) => name.toLowerCase().includes(tier)) - 1];
      expect(
        says(
          cell,
          sum(own, ({ cost_usd }) => cost_usd),
        ),
        `${model}: ${cell}`,
      ).toBe(true);
    }

    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download CSV' }).click();
    const file = await saved;
    expect(file.suggestedFilename()).toBe('usage-session-7d.csv');
    const rows = csv(await file.path());
    expect(rows.reduce((all, row) => all + Number(row.cost_usd), 0)).toBeCloseTo(spent, 11);
    expect(rows.reduce((all, row) => all + Number(row.answers), 0)).toBe(3);

    // A local Worker asks its operator for no token.
    await page.getByRole('radio', { name: 'Whole deployment' }).check();
    await page.getByText('Figures of the whole deployment').waitFor();
    expect(Number((await total(page, 'answers')) ?? '')).toBeGreaterThanOrEqual(3);

    expect(await chat.accessibilityFaults()).toEqual([]);
    await page.getByRole('link', { name: 'Back to the chat' }).click();
    await chat.ready();
    expect(await chat.answers.count()).toBe(3);
    expect(chat.complaints).toEqual([]);
  });

  test('opens at its own address, and goes through a picture by the keyboard', async () => {
    const { chat, ends } = await ask('What is a VLAN?');
    const { page } = chat;
    await page.goto(`${program.url}/usage`);
    await page.getByRole('radio', { name: '24 hours' }).check();
    const cost = page.getByRole('figure', { name: 'Cost by model, per hour' });
    await cost.locator('canvas').waitFor();
    const slider = cost.getByRole('slider');
    await slider.focus();
    const spoken = /Claude Haiku 5\.5 (\S+)$/.exec((await slider.getAttribute('aria-valuetext')) ?? '')?.[1];
    const spent = sum(ends, ({ cost_usd }) => cost_usd);
    expect(says(spoken, spent), `${spoken} for ${spent}`).toBe(true);
    await page.keyboard.press('ArrowLeft');
    expect(await slider.getAttribute('aria-valuetext')).toMatch(/: Claude Haiku 5\.5 \$0$/);
    await cost.getByText(/^\w{3} \d+ \w+, \d\d:00/).waitFor();
    expect(chat.complaints).toEqual([]);
  });

  test('of a browser without a chat leads back to it', async () => {
    context = await newProfile(browser);
    const page = await context.newPage();
    await page.goto(`${program.url}/usage`);
    await page.getByRole('link', { name: 'Go to the chat' }).click();
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
  });
});
