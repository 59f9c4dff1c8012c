import { withToolFrame, withToolsEnded } from '#lib/tools/fold.ts';
import type { Answer, ArchiveEntry, AutoMode, Conversation, Message, ServerFrame } from '#lib/wire.ts';
import { withAccepted } from './accepted.ts';
import { withArchived, withNewestPage, without } from './archive-entries.ts';
import { withLoadedPages } from './message-pages.ts';

/** When the parts of a live answer began, in the page's clock (ms). Only for what this page saw itself. */
export type Timing = {
  /** First words of thinking. */
  thinkingAt: number | null;
  /** First words of the answer, or its end where none came. */
  textAt: number | null;
};

/** What the page knows of its session: the current conversation and the archive's newest page. */
export type ChatState = {
  sessionId: string | null;
  conversation: Conversation | null;
  /** The highest `seq` applied; the cursor for R2. */
  lastSeq: number;
  /** The answer that is being generated. */
  runId: string | null;
  archives: ArchiveEntry[];
  archivesNext: string | null;
  /** Days after which a session that nobody opens deletes itself; null when it is kept, or nothing is known. */
  retentionDays: number | null;
  /** How Automatic weighs quality against price where nobody says; null while the server has not said. */
  autoMode: AutoMode | null;
  timings: Readonly<Record<string, Timing>>;
};

/**
 * applied: the frame is in the state. ignored: it was there before (R1). gap: frames are missing between the
 * state and this one, so the page must ask for the whole truth again (R2).
 */
export type Outcome = 'applied' | 'ignored' | 'gap';

export const EMPTY_STATE: ChatState = {
  sessionId: null,
  conversation: null,
  lastSeq: 0,
  runId: null,
  archives: [],
  archivesNext: null,
  retentionDays: null,
  autoMode: null,
  timings: {},
};

/** A fresh conversation as S7 and S8 announce it. */
export function emptyConversation(id: string, model: string): Conversation {
  return { id, model, title: '', status: 'current', messages: [], message_count: 0, has_more: false };
}

function withMessages(state: ChatState, messages: Message[]): ChatState {
  return state.conversation ? { ...state, conversation: { ...state.conversation, messages } } : state;
}

/** Changes one answer. It is nearly always the last message, so the search goes backwards. */
function updateAnswer(state: ChatState, id: string, change: (answer: Answer) => Answer): ChatState {
  const messages = state.conversation?.messages ?? [];
  const index = messages.findLastIndex((message) => message.id === id);
  const found = messages[index];
  return found?.role === 'assistant' ? withMessages(state, messages.with(index, change(found))) : state;
}

function isBetween(frame: ServerFrame): frame is ServerFrame & { seq: number } {
  return 'seq' in frame && typeof frame.seq === 'number';
}

function applySession(
  state: ChatState,
  frame: Extract<ServerFrame, { type: 'session' }>,
): { state: ChatState; outcome: Outcome } {
  const base = {
    sessionId: frame.session_id,
    archives:
      frame.session_id === state.sessionId ? withNewestPage(state.archives, frame.archives) : frame.archives,
    archivesNext: frame.archives_next,
    retentionDays: frame.retention_days ?? null,
    autoMode: frame.auto_mode ?? null,
  };
  if (frame.resumed_after === null) {
    const timings = frame.conversation.id === state.conversation?.id ? state.timings : {};
    return {
      outcome: 'applied',
      state: {
        ...base,
        conversation: withLoadedPages(frame.conversation, state.conversation),
        lastSeq: frame.last_seq,
        runId: frame.run?.message_id ?? null,
        timings,
      },
    };
  }
  if (frame.conversation.id !== state.conversation?.id || frame.resumed_after !== state.lastSeq) {
    return { state, outcome: 'gap' };
  }
  return { state: { ...state, ...base }, outcome: 'applied' };
}

function applyNumbered(state: ChatState, frame: ServerFrame & { seq: number }, now: number): ChatState {
  switch (frame.type) {
    case 'message_accepted':
      return {
        ...state,
        conversation: state.conversation && withAccepted(state.conversation, frame),
        runId: frame.reply_id,
        timings: { ...state.timings, [frame.reply_id]: { thinkingAt: null, textAt: null } },
      };
    case 'message_start':
      return updateAnswer(state, frame.message_id, (answer) => ({
        ...answer,
        requested_model: answer.requested_model ?? frame.model,
        actual_model: frame.actual_model,
        routing_path: frame.routing_path,
        reason: frame.reason,
        reason_code: frame.reason_code,
        routing: frame.routing ?? null,
      }));
    case 'fallback':
      return updateAnswer(state, frame.message_id, (answer) => ({
        ...answer,
        requested_model: frame.requested_model,
        actual_model: frame.actual_model,
        fallback_reason: frame.reason,
      }));
    case 'text_delta':
      return updateAnswer(withTiming(state, frame.message_id, 'textAt', now), frame.message_id, (answer) => ({
        ...answer,
        text: answer.text + frame.text,
      }));
    case 'thinking_delta':
      return updateAnswer(
        withTiming(state, frame.message_id, 'thinkingAt', now),
        frame.message_id,
        (answer) => ({
          ...answer,
          thinking: (answer.thinking ?? '') + frame.text,
        }),
      );
    case 'tool_request':
    case 'tool_call':
    case 'tool_result':
      return updateAnswer(state, frame.message_id, (answer) => withToolFrame(answer, frame));
    case 'error':
      return updateAnswer(state, frame.message_id ?? '', (answer) => ({
        ...answer,
        error_code: frame.code,
        error_message: frame.message,
      }));
    case 'message_end': {
      const { stop_reason, actual_model, usage, cost_usd, always_usd, ttft_ms, duration_ms } = frame;
      const ended = updateAnswer(
        withTiming(state, frame.message_id, 'textAt', now),
        frame.message_id,
        (answer) => ({
          ...withToolsEnded(answer),
          status: stop_reason === 'end_turn' ? 'complete' : stop_reason,
          stop_reason,
          error_code: frame.error_code ?? answer.error_code,
          actual_model: actual_model ?? answer.actual_model,
          usage,
          cost_usd,
          always_usd: always_usd ?? null,
          ttft_ms,
          duration_ms,
        }),
      );
      return { ...ended, runId: state.runId === frame.message_id ? null : state.runId };
    }
    default:
      return state;
  }
}

function withTiming(state: ChatState, id: string, part: 'thinkingAt' | 'textAt', now: number): ChatState {
  // A run that began before this page came has no times: they would be those of the page.
  const timing = state.timings[id];
  if (!timing || timing[part] !== null) return state;
  return { ...state, timings: { ...state.timings, [id]: { ...timing, [part]: now } } };
}

/** A repeated S2 (C1) can be of a conversation that was put away meanwhile: its numbers mean nothing here. */
function isElsewhere(state: ChatState, frame: ServerFrame): boolean {
  if (frame.type !== 'message_accepted' || frame.conversation_id === undefined) return false;
  return frame.conversation_id !== state.conversation?.id;
}

function runningAnswer(conversation: Conversation): string | null {
  const last = conversation.messages.at(-1);
  return last?.status === 'streaming' ? last.id : null;
}

/**
 * The whole of the page's protocol: one server frame into the state (S1 to S9, R1, R2).
 * Pure: `now` is the page's clock in ms.
 */
export function reduce(
  state: ChatState,
  frame: ServerFrame,
  now: number,
): { state: ChatState; outcome: Outcome } {
  if (frame.type === 'session') return applySession(state, frame);
  if (isBetween(frame)) {
    if (!state.conversation) return { state, outcome: 'gap' };
    if (isElsewhere(state, frame)) return { state, outcome: 'ignored' };
    if (frame.seq <= state.lastSeq) return { state, outcome: 'ignored' };
    if (frame.seq > state.lastSeq + 1) return { state, outcome: 'gap' };
    return { state: { ...applyNumbered(state, frame, now), lastSeq: frame.seq }, outcome: 'applied' };
  }
  switch (frame.type) {
    case 'model_changed':
    case 'conversation_reset': {
      const model = frame.type === 'model_changed' ? frame.new_model : frame.model;
      return {
        outcome: 'applied',
        state: {
          ...state,
          conversation: emptyConversation(frame.conversation_id, model),
          lastSeq: 0,
          runId: null,
          timings: {},
          archives: withArchived(state.archives, frame.archived),
        },
      };
    }
    case 'conversation_opened':
      return {
        outcome: 'applied',
        state: {
          ...state,
          conversation: frame.conversation,
          lastSeq: frame.last_seq,
          runId: runningAnswer(frame.conversation),
          timings: {},
          archives: without(withArchived(state.archives, frame.archived), frame.conversation.id),
        },
      };
    case 'conversation_deleted':
      return {
        outcome: 'applied',
        state: { ...state, archives: without(state.archives, frame.conversation_id) },
      };
    default:
      return { state, outcome: 'ignored' };
  }
}

/** How long an answer thought, in ms; null when this page did not see it, or it still thinks. */
export function thoughtFor(timing: Timing | undefined): number | null {
  if (!timing || timing.thinkingAt === null || timing.textAt === null) return null;
  return timing.textAt - timing.thinkingAt;
}
