import type { Page } from 'playwright-core';
import type { Answer, ArchiveEntry, Conversation, Message, Model, ServerFrame } from '../shared/index.ts';
import { CODE_ANSWER, LONG_WORD, MARKDOWN_ANSWER } from './states-texts.ts';

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
  archived?: Conversation;
  act?: (page: Page) => Promise<void>;
};

const AT = '2026-11-22T09:00:00.000Z';

function model(id: string, over: Partial<Model>): Model {
  return {
    id,
    name: id,
    provider: 'anthropic',
    description: '',
    context_length: 200_000,
    routing_path: 'sdk_direct',
    is_automatic: false,
    enabled: true,
    status: 'available',
    reason: null,
    is_default: false,
    recommended: false,
    capabilities: { thinking: true, tools: true, images: true },
    pricing: null,
    retires_at: null,
    replaced_by: null,
    simulated: false,
    ...over,
  };
}

export const MODELS: Model[] = [
  model('auto', {
    name: 'Automatic',
    description: 'Chooses the Claude model that fits each message, and says which one and why.',
    is_automatic: true,
    is_default: true,
    recommended: true,
    context_length: 1_000_000,
  }),
  model('claude-haiku-5-5', {
    name: 'Claude Haiku 5.5',
    description: 'Fast and inexpensive: short questions, look-ups, rewording.',
    pricing: { input_per_mtok: 1, output_per_mtok: 5 },
  }),
  model('claude-sonnet-5-5', {
    name: 'Claude Sonnet 5.5',
    description: 'The all-rounder: explanations, scripts, most network questions.',
    context_length: 1_000_000,
    pricing: { input_per_mtok: 3, output_per_mtok: 15 },
  }),
  model('claude-opus-5-5', {
    name: 'Claude Opus 5.5',
    description: 'The strongest: hard faults, long designs, careful reviews.',
    context_length: 1_000_000,
    pricing: { input_per_mtok: 5, output_per_mtok: 25 },
  }),
  model('claude-sonnet-4-5', {
    name: 'Claude Sonnet 4.5',
    description: 'An earlier all-rounder, kept for comparison.',
    status: 'deprecated',
    reason: 'Retires on 2026-11-30; Claude Sonnet 5.5 takes over.',
    retires_at: '2026-11-30T00:00:00.000Z',
    replaced_by: 'claude-sonnet-5-5',
    pricing: { input_per_mtok: 3, output_per_mtok: 15 },
  }),
  model('claude-opus-4', {
    name: 'Claude Opus 4',
    description: 'Ended by its provider.',
    status: 'retired',
    reason: 'Retired on 2026-06-15. Claude Opus 5.5 is its successor.',
    retires_at: '2026-06-15T00:00:00.000Z',
    replaced_by: 'claude-opus-5-5',
  }),
  model('ollama-qwen2.5', {
    name: 'Qwen 2.5 14B at home',
    provider: 'ollama',
    description: 'Runs on your own machine: what you write stays at home.',
    context_length: 8_192,
    routing_path: 'litellm_proxy',
    status: 'unavailable',
    reason:
      'Ollama is reachable but does not have the model qwen2.5:14b-instruct-8k. Run: ollama pull qwen2.5:14b-instruct.',
    pricing: { input_per_mtok: 0, output_per_mtok: 0 },
    capabilities: { thinking: false, tools: true, images: false },
  }),
];

const ask = (id: string, text: string): Message => ({
  id,
  parent_id: null,
  role: 'user',
  text,
  status: 'complete',
  created_at: AT,
});

function answer(id: string, parent: string, text: string, over: Partial<Answer> = {}): Answer {
  return {
    id,
    parent_id: parent,
    role: 'assistant',
    text,
    status: 'complete',
    created_at: AT,
    actual_model: 'claude-sonnet-5-5',
    requested_model: 'auto',
    fallback_reason: null,
    routing_path: 'sdk_direct',
    reason: 'A question that needs an explanation and a table.',
    stop_reason: 'end_turn',
    error_code: null,
    usage: {
      input_tokens: 412,
      output_tokens: 386,
      cache_read_tokens: 1_024,
      cache_write_tokens: 0,
      thinking_tokens: 120,
    },
    cost_usd: 0.007337,
    ttft_ms: 642,
    duration_ms: 6_410,
    ...over,
  };
}

const QUESTION = 'Split 10.40.0.0/22 into subnets for 5 offices of about 120 hosts each.';
const TURN: Message[] = [
  ask('u1', QUESTION),
  answer('a1', 'u1', MARKDOWN_ANSWER, {
    thinking: 'Five offices of 120 hosts: /25 holds 126. A /22 has eight /25.',
  }),
];

const ARCHIVES: ArchiveEntry[] = [
  ['c9', 'auto', 4, 'Why does a BGP session flap every 180 seconds?', '2026-11-22T08:31:00Z'],
  [
    'c8',
    'claude-opus-5-5',
    12,
    'Review of the change plan for the core firmware upgrade in both data centres',
    '2026-11-21T16:12:00Z',
  ],
  ['c7', 'ollama-qwen2.5', 2, 'Hostnames for the lab', '2026-11-03T10:00:00Z'],
].map(([id, m, n, title, at]) => ({
  id: String(id),
  model: String(m),
  message_count: Number(n),
  title: String(title),
  started_at: String(at),
  archived_at: String(at),
}));

function session(
  messages: Message[],
  over: Partial<Conversation> = {},
  run: { message_id: string; seq: number } | null = null,
): ServerFrame {
  const conversation: Conversation = {
    id: 'c10',
    model: 'auto',
    title: messages[0]?.text.slice(0, 80) ?? '',
    status: 'current',
    messages,
    message_count: messages.length,
    has_more: false,
    ...over,
  };
  return {
    type: 'session',
    protocol: 1,
    session_id: 's1',
    model: conversation.model,
    conversation,
    archives: ARCHIVES,
    archives_next: 'cursor-2',
    last_seq: 10,
    resumed_after: null,
    run,
  };
}

const USAGE_NONE = { usage: null, cost_usd: null, ttft_ms: null, duration_ms: 1_200 };

/** A run from its acceptance on: seq 11, 12, ... */
function run(question: string, ...rest: ServerFrame[]): ServerFrame[] {
  return [
    {
      type: 'message_accepted',
      seq: 11,
      client_id: null,
      message: {
        id: 'u9',
        parent_id: null,
        role: 'user',
        text: question,
        status: 'complete',
        created_at: AT,
      },
      reply_id: 'a9',
      dropped_messages: 0,
    },
    {
      type: 'message_start',
      seq: 12,
      message_id: 'a9',
      model: 'auto',
      actual_model: 'claude-opus-5-5',
      routing_path: 'sdk_direct',
      reason: 'A fault with several possible causes.',
      reason_code: 'complex',
    },
    ...rest,
  ];
}

const text = (seq: number, words: string): ServerFrame => ({
  type: 'text_delta',
  seq,
  message_id: 'a9',
  text: words,
});
const thought = (seq: number, words: string): ServerFrame => ({
  type: 'thinking_delta',
  seq,
  message_id: 'a9',
  text: words,
});

const openSelector = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: /^Model:/ }).click();
  await page.getByRole('dialog').waitFor();
};
const openHistory = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'History' }).click();
  await page.getByRole('dialog').waitFor();
};

const SIMULATED = MODELS.map((entry) => ({
  ...entry,
  simulated: true,
  ...(entry.provider === 'ollama' ? { status: 'available' as const, reason: null } : {}),
}));

export const STATES: State[] = [
  { name: 'empty', frames: [session([])] },
  { name: 'conversation', frames: [session(TURN)] },
  { name: 'waiting', frames: [session(TURN), ...run('And what about growth?')] },
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
    name: 'error',
    frames: [
      session(TURN),
      ...run(
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
      ...run(
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
    archived: {
      id: 'c9',
      model: 'auto',
      title: ARCHIVES[0]?.title ?? '',
      status: 'archived',
      messages: TURN,
      message_count: 2,
      has_more: true,
    },
    act: async (page) => {
      await openHistory(page);
      await page.getByRole('button', { name: /Why does a BGP/ }).click();
      await page.getByText('Read-only').waitFor();
    },
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
    frames: [],
    close: { code: 4503, reason: 'not configured' },
    notConfigured:
      'No model can be offered. Set ANTHROPIC_API_KEY (a key from console.anthropic.com), or LITELLM_ENABLED=true together with LITELLM_PROXY_URL and LITELLM_MASTER_KEY.',
  },
  { name: 'sign-in', frames: [], close: { code: 4401, reason: 'Sign in to use this chat.' } },
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
    name: 'refused-message',
    frames: [session(TURN)],
    act: async (page) => {
      await page.getByRole('textbox', { name: 'Message' }).fill('a'.repeat(32_004));
      await page.getByText('characters too many').waitFor();
    },
  },
];
