import type { Page } from 'playwright-core';
import type { Access, Conversation, Model, ServerFrame } from '../shared/index.ts';
import { ACCESS_STATES } from './states-access.ts';
import { AUTOMATIC_STATES } from './states-automatic.ts';
import { CODE_ANSWER, DECEIVING, LONG_WORD } from './states-texts.ts';
import { TOOL_STATES } from './states-tools.ts';
import { USAGE_STATES } from './states-usage.ts';
import {
  ARCHIVES,
  answer,
  ask,
  MODELS,
  run,
  runAfter,
  session,
  TURN,
  text,
  thought,
  USAGE_NONE,
} from './states-world.ts';

/** What a scripted server does, and what a person does, to bring the page into one state worth looking at. */
export type State = {
  name: string;
  models?: Model[];
  /** Body of `/models` with status 503 instead of the list. */
  notConfigured?: string;
  /** Sent as soon as the socket opens; the first is always a `session` frame. */
  frames: ServerFrame[];
  /** Extra fields of the session frame. */
  extra?: Record<string, unknown>;
  /** Closes the socket after the frames; 1006 is a lost connection, and no new one is let in. */
  close?: { code: number; reason: string };
  /** Answers every message, redo and edit of the person; the page's own `client_id` is put into it. */
  answers?: ServerFrame;
  archived?: Conversation;
  /** Answer of `/access`; not given: nobody signs in. */
  access?: Access;
  /** Answer of `/sign-in`; not given: let in. */
  signIn?: { status: number; json?: object; headers?: Record<string, string> };
  /** The status of a request that the state lets fail; the browser writes it down by itself. */
  refused?: number;
  act?: (page: Page) => Promise<void>;
};

const openSelector = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: /^Model:/ }).click();
  await page.getByRole('dialog').waitFor();
};
const openHistory = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'History' }).click();
  await page.getByRole('dialog').waitFor();
};

const ARCHIVED: Conversation = {
  id: 'c9',
  model: 'auto',
  title: ARCHIVES[0]?.title ?? '',
  status: 'archived',
  messages: TURN,
  message_count: 2,
  has_more: false,
};
const openArchived = async (page: Page): Promise<void> => {
  await openHistory(page);
  await page.getByRole('button', { name: /^Why does a BGP/ }).click();
  await page.getByText('Read-only').waitFor();
};

/** Ten turns, enough to scroll. */
const TALK = Array.from({ length: 10 }, (_, n) =>
  TURN.map((message) => {
    const parent_id = message.role === 'assistant' ? `u1-${n}` : n === 0 ? 'a1' : `a1-${n - 1}`;
    return { ...message, id: `${message.id}-${n}`, parent_id };
  }),
).flat();
const toTop = async (page: Page): Promise<void> => {
  await page
    .getByRole('main')
    .locator('section')
    .evaluate((list) => list.scrollTo(0, 0));
  await page.getByText(/begins here|could not be loaded/).waitFor();
};

const SIMULATED = MODELS.map((entry) => ({
  ...entry,
  simulated: true,
  ...(entry.provider === 'ollama' ? { status: 'available' as const, reason: null } : {}),
}));

export const STATES: State[] = [
  { name: 'empty', frames: [session([])] },
  { name: 'conversation', frames: [session(TURN)] },
  { name: 'waiting', frames: [session(TURN), ...runAfter('a1', 'And what about growth?')] },
  {
    name: 'thinking',
    frames: [
      session([]),
      ...run(
        'Why does a BGP session flap every 180 seconds?',
        thought(
          13,
          '180 seconds is the default hold time of many vendors, so keepalives stop arriving while TCP stays up. ',
        ),
      ),
    ],
    act: (page) => page.locator('details summary').first().click(),
  },
  {
    name: 'streaming',
    frames: [
      session([]),
      ...run(
        'Why does a BGP session flap every 180 seconds?',
        thought(13, 'Hold time.'),
        text(
          14,
          'A flap **every 180 seconds** points at the hold timer: three missed keepalives of 60 s each.\n\n1. An MTU problem on the path: small packets pass, full UPDATEs do not.\n2. A firewall that drops the session',
        ),
      ),
    ],
  },
  {
    name: 'stopped',
    frames: [
      session([]),
      ...run(
        'Write a long story about routers.',
        text(13, 'Once upon a time, in a rack at the end of the row,'),
        {
          type: 'message_end',
          seq: 14,
          message_id: 'a9',
          stop_reason: 'stopped',
          actual_model: 'claude-opus-5-5',
          usage: {
            input_tokens: 20,
            output_tokens: 14,
            cache_read_tokens: 0,
            cache_write_tokens: 0,
            thinking_tokens: 0,
          },
          cost_usd: 0.00045,
          ttft_ms: 510,
          duration_ms: 1_240,
        },
      ),
    ],
  },
  {
    name: 'interrupted',
    frames: [
      session(TURN),
      ...runAfter(
        'a1',
        'Write the change plan.',
        text(13, 'Step 1. Drain the links of the first core switch. Step 2.'),
        {
          type: 'message_end',
          seq: 14,
          message_id: 'a9',
          stop_reason: 'interrupted',
          actual_model: 'claude-opus-5-5',
          ...USAGE_NONE,
        },
      ),
    ],
  },
  {
    name: 'limit',
    frames: [
      session([]),
      ...run(
        'Write the change plan.',
        text(13, 'Step 1. Drain the links of the first core switch. Step 2.'),
        {
          type: 'message_end',
          seq: 14,
          message_id: 'a9',
          stop_reason: 'max_tokens',
          actual_model: 'claude-opus-5-5',
          ...USAGE_NONE,
        },
      ),
    ],
  },
  {
    name: 'error',
    frames: [
      session(TURN),
      ...runAfter(
        'a1',
        'Compare OSPF and IS-IS.',
        text(13, 'Both are link-state protocols, but'),
        {
          type: 'error',
          seq: 14,
          message_id: 'a9',
          code: 'upstream_timeout',
          message: 'Anthropic sent nothing for 60 seconds.',
          retryable: true,
        },
        {
          type: 'message_end',
          seq: 15,
          message_id: 'a9',
          stop_reason: 'error',
          error_code: 'upstream_timeout',
          actual_model: 'claude-opus-5-5',
          ...USAGE_NONE,
        },
      ),
    ],
  },
  {
    name: 'context-too-long',
    frames: [
      session(TURN),
      ...runAfter(
        'a1',
        'Go on.',
        {
          type: 'error',
          seq: 13,
          message_id: 'a9',
          code: 'context_too_long',
          message: 'The conversation has about 8,900 tokens; the model takes 8,192.',
          retryable: false,
        },
        {
          type: 'message_end',
          seq: 14,
          message_id: 'a9',
          stop_reason: 'error',
          error_code: 'context_too_long',
          actual_model: null,
          ...USAGE_NONE,
        },
      ),
    ],
  },
  {
    name: 'fallback',
    frames: [
      session([], { model: 'claude-opus-5-5' }),
      ...run(
        'Which VLANs does switch sw-03 carry?',
        {
          type: 'fallback',
          seq: 13,
          message_id: 'a9',
          requested_model: 'claude-opus-5-5',
          actual_model: 'claude-haiku-5-5',
          reason: 'Claude Opus 5.5 is overloaded.',
          reason_code: 'overloaded',
        },
        text(14, 'I cannot see your NetBox from here, but this is how you find out:'),
      ),
    ],
  },
  { name: 'selector', frames: [session(TURN)], act: openSelector },
  {
    name: 'warning',
    frames: [session(TURN)],
    act: async (page) => {
      await openSelector(page);
      await page.getByRole('radio', { name: /^Claude Opus 5.5/ }).check({ force: true });
      await page.getByRole('button', { name: 'Apply' }).click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
  { name: 'history', frames: [session(TURN)], act: openHistory },
  {
    name: 'archived',
    frames: [session([])],
    archived: ARCHIVED,
    act: openArchived,
  },
  {
    name: 'archived-deleted',
    frames: [session(TURN)],
    archived: ARCHIVED,
    act: async (page) => {
      await openArchived(page);
      await page.getByRole('main').getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: 'delete-everything',
    frames: [session(TURN)],
    act: async (page) => {
      await openHistory(page);
      await page.getByRole('button', { name: 'Delete everything' }).click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: 'other-device',
    frames: [session(TURN)],
    act: async (page) => {
      await openHistory(page);
      await page.getByRole('dialog').getByRole('button', { name: 'Open on another device' }).click();
      await page.getByRole('img', { name: 'QR code' }).waitFor();
    },
  },
  {
    name: 'earlier',
    frames: [session(TALK, { has_more: true, message_count: 22 })],
    archived: { ...ARCHIVED, id: 'c10' },
    act: toTop,
  },
  {
    name: 'earlier-failed',
    frames: [session(TALK, { has_more: true, message_count: 400 })],
    refused: 500,
    act: toTop,
  },
  {
    name: 'reconnecting',
    frames: [session(TURN)],
    close: { code: 1006, reason: '' },
    act: async (page) => {
      await page.getByRole('textbox', { name: 'Message' }).fill('Typed while the line was down.');
      await page.keyboard.press('Enter');
      await page.waitForTimeout(1_300);
    },
  },
  {
    name: 'not-configured',
    refused: 503,
    frames: [],
    close: { code: 4503, reason: 'not configured' },
    notConfigured:
      'No model can be offered. Set ANTHROPIC_API_KEY (a key from console.anthropic.com), or LITELLM_ENABLED=true together with LITELLM_PROXY_URL and LITELLM_MASTER_KEY.',
  },
  ...ACCESS_STATES,
  ...AUTOMATIC_STATES,
  ...TOOL_STATES,
  ...USAGE_STATES,
  { name: 'simulated', models: SIMULATED, frames: [session([])] },
  { name: 'no-selection', frames: [session(TURN)], extra: { model_selection: false } },
  { name: 'model-down', frames: [session([], { model: 'ollama-qwen2.5' })] },
  { name: 'long-code', frames: [session([ask('u1', 'A script, please.'), answer('a1', 'u1', CODE_ANSWER)])] },
  {
    name: 'long-words',
    frames: [
      session([
        ask('u1', LONG_WORD),
        answer(
          'a1',
          'u1',
          `It is \`${LONG_WORD}\`, also ${LONG_WORD} and https://example.com/${LONG_WORD}\n\n| ${LONG_WORD} | b |\n|---|---|\n| 1 | ${LONG_WORD} |`,
        ),
      ]),
    ],
  },
  {
    name: 'deceiving',
    frames: [session([ask('u1', 'Where do I sign in?'), answer('a1', 'u1', DECEIVING)])],
    act: (page) => page.locator('pre .hidden-char').first().waitFor(),
  },
  {
    name: 'refused-message',
    frames: [session(TURN)],
    act: async (page) => {
      await page.getByRole('textbox', { name: 'Message' }).fill('a'.repeat(32_004));
      await page.getByText('characters too many').waitFor();
    },
  },
];
