import type { Answer, ArchiveEntry, Conversation, Message, Model, ServerFrame } from '../shared/index.ts';
import { MARKDOWN_ANSWER } from './states-texts.ts';

/** The models, messages and frames that the states are made of. */
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

export const ask = (id: string, text: string, parent: string | null = null): Message => ({
  id,
  parent_id: parent,
  role: 'user',
  text,
  status: 'complete',
  created_at: AT,
});

export function answer(id: string, parent: string, text: string, over: Partial<Answer> = {}): Answer {
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

export const QUESTION = 'Split 10.40.0.0/22 into subnets for 5 offices of about 120 hosts each.';
export const TURN: Message[] = [
  ask('u1', QUESTION),
  answer('a1', 'u1', MARKDOWN_ANSWER, {
    thinking: 'Five offices of 120 hosts: /25 holds 126. A /22 has eight /25.',
  }),
];

export const ARCHIVES: ArchiveEntry[] = [
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

export function session(
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

export const USAGE_NONE = { usage: null, cost_usd: null, ttft_ms: null, duration_ms: 1_200 };

/** The run of a first question, from its acceptance on: seq 11, 12, ... */
export function run(question: string, ...rest: ServerFrame[]): ServerFrame[] {
  return runAfter(null, question, ...rest);
}

/** The run of a question that follows an answer. */
export function runAfter(parent: string | null, question: string, ...rest: ServerFrame[]): ServerFrame[] {
  return [
    {
      type: 'message_accepted',
      seq: 11,
      client_id: null,
      message: {
        id: 'u9',
        parent_id: parent,
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

export const text = (seq: number, words: string): ServerFrame => ({
  type: 'text_delta',
  seq,
  message_id: 'a9',
  text: words,
});
export const thought = (seq: number, words: string): ServerFrame => ({
  type: 'thinking_delta',
  seq,
  message_id: 'a9',
  text: words,
});
