import type { Page, Route } from 'playwright-core';
import type { UsageReport, UsageRow } from '../shared/index.ts';
import type { State } from './states.ts';
import { session } from './states-world.ts';

/** The states of the page that shows what was used. They are reached from the chat, as a person does. */
const HOUR_MS = 3_600_000;

function row(ago: number, model: string, over: Partial<UsageRow> = {}): UsageRow {
  const hour = Math.floor(Date.now() / HOUR_MS - ago) * HOUR_MS;
  const tier = (['haiku', 'sonnet', 'opus'] as const).find((one) => model.includes(`${one}-5-5`)) ?? null;
  const answers = over.answers ?? 3;
  const cost = over.cost_usd ?? 0.0042 * answers;
  return {
    hour: new Date(hour).toISOString(),
    model,
    tier,
    answers,
    automatic: tier === null ? 0 : answers,
    fallbacks: 0,
    errors: 0,
    cost_usd: cost,
    compared_usd: tier === null ? 0 : cost,
    always_usd: { haiku: 0.0009 * answers, sonnet: 0.0027 * answers, opus: 0.0046 * answers },
    input_tokens: 640 * answers,
    output_tokens: 390 * answers,
    cache_read_tokens: 1_900 * answers,
    cache_write_tokens: 210 * answers,
    ttft_p50_ms: 640,
    ttft_p95_ms: 1_900,
    ...over,
  };
}

/** Looks like work: nothing at night, a model at home now and then, some trouble. `every`: hours between two. */
function busy(hours: number, every: number): UsageRow[] {
  return Array.from({ length: Math.floor(hours / every) }, (_, n) => hours - 1 - n * every).flatMap(
    (ago, n) => {
      if (n % 7 === 5) return [];
      const answers = 1 + ((n * 5) % 9);
      const haiku = row(ago, 'claude-haiku-5-5', { answers: answers + 3, cost_usd: 0.0009 * (answers + 3) });
      const sonnet = row(ago, 'claude-sonnet-5-5', {
        answers,
        fallbacks: n % 4 === 0 ? 1 : 0,
        ttft_p50_ms: 700 + 40 * (n % 6),
        ttft_p95_ms: 2_100 + 300 * (n % 5),
      });
      const opus = row(ago, 'claude-opus-5-5', {
        answers: 1 + (n % 2),
        cost_usd: 0.021,
        errors: n % 6 === 0 ? 1 : 0,
      });
      const home = row(ago, 'ollama-qwen2.5', {
        answers: 2,
        cost_usd: 0,
        ttft_p50_ms: 1_400,
        ttft_p95_ms: 5_200,
      });
      return [
        haiku,
        ...(n % 2 === 0 ? [sonnet] : []),
        ...(n % 3 === 0 ? [opus] : []),
        ...(n % 5 === 1 ? [home] : []),
      ];
    },
  );
}

const report = (rows: UsageRow[], scope: UsageReport['scope'] = 'session'): object => ({
  json: { scope, since: new Date(Date.now() - 7 * 24 * HOUR_MS).toISOString(), rows },
});
const refusal = (status: number, code: string, message: string) => ({
  status,
  json: { error: { code, message, request_id: 'r' } },
});

type Answer = Parameters<Route['fulfill']>[0] | 'silence' | 'lost';

async function answered(page: Page, path: string, answer: Answer): Promise<void> {
  await page.route(`**${path}?*`, (route) => {
    if (answer === 'silence') return;
    return answer === 'lost' ? route.abort('connectionrefused') : route.fulfill(answer);
  });
}

/** Goes to the page by the address; `own` is what the server says to the session, `all` what it says to an operator. */
async function visit(page: Page, own: Answer, all: Answer = refusal(404, 'not_found', '')): Promise<void> {
  await page.route('**/usage', (route) => route.fallback({ url: new URL('/', route.request().url()).href }));
  await answered(page, '/usage-report', own);
  await answered(page, '/operator/usage-report', all);
  await page.goto(new URL('/usage', page.url()).href);
  await page.getByRole('heading', { name: 'Usage and cost' }).waitFor();
}

const choose = (page: Page, name: string) => page.getByRole('radio', { name, exact: true }).check();
/** The pictures come in a file of their own. */
const drawn = (page: Page) => page.locator('figure canvas').first().waitFor();

async function look(page: Page, rows: UsageRow[], range?: string): Promise<void> {
  await visit(page, report(rows));
  if (range) await choose(page, range);
  await drawn(page);
}

/** `refused` is a status that the state lets a request fail with; 'Failed to load' what a lost one says. */
function state(name: string, act: (page: Page) => Promise<void>, refused?: number): State {
  return { name: `usage-${name}`, frames: [session([])], act, ...(refused ? { refused } : {}) };
}

const NOT_SET =
  'Who runs this deployment is not set, so this report is closed. Set OPERATOR_TOKEN (a secret of at least 16 characters, sent as "Authorization: Bearer …") or, with ACCESS_MODE=cloudflare-access, OPERATOR_EMAILS.';

export const USAGE_STATES: State[] = [
  state('week', (page) => look(page, busy(160, 5))),
  state('day', (page) => look(page, busy(23, 1), '24 hours')),
  state('month', (page) => look(page, busy(700, 9), '30 days')),
  state('long', (page) => look(page, busy(24 * 400, 31), 'All')),
  state('one-answer', async (page) => {
    const one = { answers: 1, cost_usd: 0.0009 };
    await look(page, [row(0, 'claude-haiku-5-5', { ...one, ttft_p95_ms: 640 })], '24 hours');
  }),
  state('many-models', async (page) => {
    const others = ['claude-sonnet-4-5', 'claude-opus-4', 'ollama-qwen2.5', 'a', 'b'].map((id, n) =>
      row(30 + n, id, { cost_usd: 0.01 * (n + 1) }),
    );
    await look(page, [...others, ...busy(29, 3)]);
  }),
  state('table', async (page) => {
    await look(page, busy(160, 5));
    await page.getByText('Show as table').first().click();
    await page.getByRole('table', { name: /^Cost by model/ }).waitFor();
    await page.getByRole('slider').first().focus();
    await page.keyboard.press('ArrowLeft');
  }),
  state('loading', (page) => visit(page, 'silence')),
  state('nothing', async (page) => {
    await visit(page, report([]));
    await page.getByText('No answers in this time').waitFor();
  }),
  state('no-session', async (page) => {
    await page.evaluate('localStorage.clear()');
    await visit(page, report([]));
    await page.getByText('There is nothing to show yet').waitFor();
  }),
  state(
    'failed',
    async (page) => {
      await visit(page, refusal(500, 'internal', 'Something went wrong.'));
      await page.getByText('The figures could not be loaded').waitFor();
    },
    500,
  ),
  state(
    'stale',
    async (page) => {
      await look(page, busy(160, 5));
      await answered(page, '/usage-report', refusal(500, 'internal', 'Something went wrong.'));
      await choose(page, '30 days');
      await page.getByText('What you see was loaded before').waitFor();
    },
    500,
  ),
  state('offline', async (page) => {
    await visit(page, 'silence');
    await page.evaluate('Object.defineProperty(navigator, "onLine", { value: false })');
    await page.route('**/usage-report?*', (route) => route.fulfill(refusal(200, 'internal', '')));
    await choose(page, '30 days');
    await page.getByText('You are offline').waitFor();
  }),
  state(
    'locked',
    async (page) => {
      await visit(page, report([]), refusal(401, 'unauthorized', 'Send OPERATOR_TOKEN.'));
      await choose(page, 'Whole deployment');
      await page.getByLabel('Operator’s token').fill('not the right one');
      await page.getByLabel('Operator’s token').fill('not-the-right-one');
      await page.getByRole('button', { name: 'Open' }).click();
      await page.getByText('This token is not the right one.').waitFor();
    },
    401,
  ),
  state(
    'closed',
    async (page) => {
      await visit(page, report([]), refusal(404, 'not_found', NOT_SET));
      await choose(page, 'Whole deployment');
      await page.getByRole('heading', { name: 'This report is closed' }).waitFor();
    },
    404,
  ),
  state('deployment', async (page) => {
    await visit(page, report([]), report(busy(160, 5), 'deployment'));
    await choose(page, 'Whole deployment');
    await drawn(page);
  }),
];
