import type { Page } from 'playwright-core';
import type { Access, Budget, ServerFrame } from '../shared/index.ts';
import type { State } from './states.ts';
import { run, session, TURN, text, USAGE_NONE } from './states-world.ts';

/** The states of who may come in, and of what is left to spend. */
const access = (over: Partial<Access>): Access => ({
  mode: 'password',
  signed_in: false,
  name: null,
  turnstile_site_key: null,
  message: null,
  budget: null,
  ...over,
});

const midnight = (): string => {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1)).toISOString();
};
const LITTLE: Budget = { left_usd: 0.42, limit_usd: 2, resets_at: midnight() };
const ALICE = access({ signed_in: true, name: 'alice', budget: LITTLE });
const OUT = { code: 4401, reason: 'Sign in first.' };

const error = (code: string, message: string, retry_after_ms?: number) => ({
  error: { code, message, request_id: 'r', ...(retry_after_ms ? { retry_after_ms } : {}) },
});
const tryToSignIn = async (page: Page): Promise<void> => {
  await page.getByLabel('Passphrase', { exact: true }).fill('open sesame');
  await page.getByRole('button', { name: 'Sign in' }).click();
};

/** What the server says to the one message that the person sends. */
const refusal = (over: object): ServerFrame => ({
  type: 'error',
  code: 'rate_limited',
  message: 'Too many messages in a short time.',
  retryable: true,
  ...over,
});
const SPENT =
  'Your spending limit for today leaves too little for this answer. It starts anew at 00:00 UTC on 2026-11-23; until then a cheaper model, a new conversation or the model at home may still answer.';

async function sendAndRefuse(page: Page): Promise<void> {
  await page.getByRole('textbox', { name: 'Message' }).fill('One more, please.');
  await page.keyboard.press('Enter');
  await page.getByText(/^Not sent/).waitFor();
}

export const ACCESS_STATES: State[] = [
  { name: 'sign-in', frames: [], close: OUT, access: access({}) },
  {
    name: 'sign-in-wrong',
    frames: [],
    close: OUT,
    access: access({}),
    signIn: { status: 401, json: error('unauthorized', 'This passphrase is not right.') },
    refused: 401,
    act: async (page) => {
      await tryToSignIn(page);
      await page.getByText('This passphrase is not right.', { exact: true }).first().waitFor();
    },
  },
  {
    name: 'sign-in-limited',
    frames: [],
    close: OUT,
    access: access({}),
    signIn: { status: 429, json: error('rate_limited', 'Too many attempts to sign in.', 872_000) },
    refused: 429,
    act: async (page) => {
      await tryToSignIn(page);
      await page.getByText(/^Too many attempts. Try again in 14/).waitFor();
    },
  },
  {
    name: 'sign-in-access',
    frames: [],
    close: { code: 4401, reason: 'Sign in through Cloudflare Access.' },
    access: access({ mode: 'cloudflare-access' }),
  },
  {
    name: 'sign-in-open',
    frames: [],
    close: { code: 4401, reason: 'Show first that you are no robot.' },
    access: access({ mode: 'open', turnstile_site_key: '0x4AAAAAAAsite' }),
    act: (page) => page.getByText('Verifying…').waitFor(),
  },
  {
    name: 'closed',
    frames: [],
    close: { code: 4503, reason: 'ACCESS_MODE is not set, and a paid key would be open to everybody, so…' },
    access: access({
      mode: 'closed',
      message:
        'ACCESS_MODE is not set, and a paid key would be open to everybody, so this deployment answers no chat. Set ACCESS_MODE to password, cloudflare-access or open.',
    }),
  },
  {
    name: 'signed-in',
    frames: [session(TURN)],
    extra: { budget: { ...LITTLE, left_usd: 1.31 } },
    access: { ...ALICE, budget: { ...LITTLE, left_usd: 1.31 } },
    act: async (page) => {
      await page.getByRole('button', { name: 'History' }).click();
      await page.getByText('Signed in as').waitFor();
    },
  },
  { name: 'budget-low', frames: [session(TURN)], extra: { budget: LITTLE }, access: ALICE },
  {
    name: 'budget-spent',
    frames: [session(TURN)],
    extra: { budget: { ...LITTLE, left_usd: 0.004 } },
    access: { ...ALICE, budget: { ...LITTLE, left_usd: 0.004 } },
    answers: refusal({
      code: 'budget_exhausted',
      message: SPENT,
      retryable: false,
      retry_after_ms: Date.parse(midnight()) - Date.now(),
    }),
    act: sendAndRefuse,
  },
  {
    name: 'budget-spent-midway',
    frames: [
      session([]),
      ...run(
        'Write the change plan.',
        text(13, 'Step 1. Drain the links of the first core switch. Step 2.'),
        {
          type: 'error',
          seq: 14,
          message_id: 'a9',
          code: 'budget_exhausted',
          message: SPENT,
          retryable: false,
          retry_after_ms: Date.parse(midnight()) - Date.now(),
        },
        {
          type: 'message_end',
          seq: 15,
          message_id: 'a9',
          stop_reason: 'limit',
          error_code: 'budget_exhausted',
          actual_model: 'claude-opus-5-5',
          ...USAGE_NONE,
          budget: { ...LITTLE, left_usd: 0 },
        },
      ),
    ],
    access: ALICE,
  },
  {
    name: 'rate-limited',
    frames: [session(TURN)],
    answers: refusal({ retry_after_ms: 41_000 }),
    act: sendAndRefuse,
  },
];
