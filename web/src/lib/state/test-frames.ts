import type { ArchiveEntry, Conversation, ErrorCode, Model, ServerFrame, StopReason } from '#lib/wire.ts';
import { type ChatState, EMPTY_STATE, emptyConversation, reduce } from './chat-state.ts';

/** Builders for tests: frames as the server sends them. */
const AT = '2026-11-22T09:00:00.000Z';

export function sessionFrame(
  over: Partial<Extract<ServerFrame, { type: 'session' }>> = {},
  conversation: Partial<Conversation> = {},
): ServerFrame {
  return {
    type: 'session',
    protocol: 1,
    session_id: 's1',
    model: 'auto',
    conversation: { ...emptyConversation('c1', 'auto'), ...conversation },
    archives: [],
    archives_next: null,
    last_seq: 0,
    resumed_after: null,
    run: null,
    ...over,
  };
}

export function accepted(seq: number, reply = 'a1', client_id: string | null = null): ServerFrame {
  return {
    type: 'message_accepted',
    seq,
    client_id,
    message: {
      id: `u-${reply}`,
      parent_id: null,
      role: 'user',
      text: 'Hello?',
      status: 'complete',
      created_at: AT,
    },
    reply_id: reply,
    dropped_messages: 0,
  };
}

export function start(seq: number, reply = 'a1', actual = 'claude-haiku-5-5'): ServerFrame {
  return {
    type: 'message_start',
    seq,
    message_id: reply,
    model: 'auto',
    actual_model: actual,
    routing_path: 'sdk_direct',
    reason: 'A short question.',
    reason_code: 'simple',
  };
}

export function delta(seq: number, text: string, reply = 'a1'): ServerFrame {
  return { type: 'text_delta', seq, message_id: reply, text };
}

/** S2 of a redo: another answer to the question of `accepted`. */
export function again(seq: number, reply: string, question = 'u-a1'): ServerFrame {
  const frame = accepted(seq, reply);
  if (frame.type !== 'message_accepted') throw new Error('not S2');
  return { ...frame, message: { ...frame.message, id: question } };
}

export function thinking(seq: number, text: string, reply = 'a1'): ServerFrame {
  return { type: 'thinking_delta', seq, message_id: reply, text };
}

export function end(
  seq: number,
  stop_reason: StopReason = 'end_turn',
  error_code: ErrorCode | null = null,
  reply = 'a1',
): ServerFrame {
  return {
    type: 'message_end',
    seq,
    message_id: reply,
    stop_reason,
    error_code,
    actual_model: 'claude-haiku-5-5',
    usage: {
      input_tokens: 3,
      output_tokens: 5,
      cache_read_tokens: 0,
      cache_write_tokens: 0,
      thinking_tokens: 0,
    },
    cost_usd: 0.000028,
    ttft_ms: 300,
    duration_ms: 900,
  };
}

export function archiveEntry(id: string): ArchiveEntry {
  return { id, model: 'auto', message_count: 2, title: 'Earlier', started_at: AT, archived_at: AT };
}

/** The state after frames that all must be applied. */
export function after(...frames: ServerFrame[]): ChatState {
  return frames.reduce<ChatState>((state, frame, index) => {
    const step = reduce(state, frame, index * 100);
    if (step.outcome !== 'applied') throw new Error(`${frame.type} was ${step.outcome}`);
    return step.state;
  }, EMPTY_STATE);
}

export function aModel(id: string, status: Model['status'] = 'available', over: Partial<Model> = {}): Model {
  return {
    id,
    name: id,
    provider: 'anthropic',
    description: '',
    context_length: 200_000,
    routing_path: 'sdk_direct',
    is_automatic: false,
    enabled: true,
    status,
    reason: null,
    is_default: false,
    recommended: false,
    capabilities: { thinking: false, tools: false, images: false },
    pricing: null,
    retires_at: null,
    replaced_by: null,
    simulated: false,
    ...over,
  };
}
