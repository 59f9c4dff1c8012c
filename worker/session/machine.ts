import {
  type ErrorCode,
  type ErrorFrame,
  LIMITS,
  type MessageAcceptedFrame,
  RETRYABLE,
  type ServerFrame,
  type UserMessage,
} from '../../shared/index.ts';
import type { Turn } from '../agents/agent.ts';
import type { ConversationRow } from '../archive/rows.ts';
import type { Choice, ModelEntry } from '../models/types.ts';
import type { Wish } from './automatic.ts';
import type { Fit } from './context.ts';
import type { RunError } from './run-types.ts';

/**
 * The session's rules as a pure function: state and event in, state and effects out. It knows no clock,
 * no socket and no SQL; whoever calls it has looked up what the event needs and carries out the effects
 * in their order.
 */
export type SessionState =
  | { phase: 'idle'; conversation: ConversationRow }
  | { phase: 'running'; conversation: ConversationRow };

/** What is to be answered: a question after the message at `parent`, a new one or once more one that is there. */
export type Asked = { text: string; parent: number | null } & (
  | { kind: 'new' }
  | { kind: 'again'; question: UserMessage; position: number }
);

export type SessionEvent =
  | {
      type: 'ask';
      asked: Asked;
      clientId: string | null;
      /** The first S2 of this `client_id`, when it was accepted before. */
      duplicate: MessageAcceptedFrame | null;
      /** The bound model as it stands now. */
      bound: Choice;
      fit: Fit;
      /** What it asks for cannot be had, or a limit leaves no room for it: too many turns, surely no money. */
      refused: RunError | null;
      wish: Wish;
    }
  | { type: 'model_change'; choice: Choice; selection: boolean; newId: string; now: number }
  | { type: 'reset'; newId: string; now: number }
  | { type: 'open'; target: ConversationRow | null; choice: Choice; selectionAllows: boolean; now: number }
  | { type: 'stop' }
  /** A returning session, or a default, whose model is gone (R6). */
  | { type: 'rebind'; choice: Extract<Choice, { kind: 'replaced' }>; newId: string; now: number }
  | { type: 'run_ended' };

export type Effect =
  /** To the socket that asked. */
  | { do: 'reply'; frame: ServerFrame }
  | {
      do: 'accept';
      asked: Asked;
      clientId: string | null;
      /** Of the question, and of its answer. */
      position: number;
      reply: number;
      dropped: number;
      wish: Wish;
    }
  | { do: 'start_run'; entry: ModelEntry; turns: Turn[]; wish: Wish }
  /** Ends the running answer at once, keeping what was received. */
  | { do: 'end_run'; stop_reason: 'stopped' }
  | {
      do: 'begin';
      id: string;
      oldModel: string;
      model: string;
      now: number;
      announce: 'model_changed' | 'conversation_reset';
      replaced: { requested: string; reason: string } | null;
    }
  | { do: 'reopen'; id: string; now: number };

export type Step = { state: SessionState; effects: Effect[] };

/** An `error` frame that belongs to no run. */
export function errorFrame(
  code: ErrorCode,
  message: string,
  clientId: string | null = null,
  retryAfterMs: number | null = null,
): ErrorFrame {
  return {
    type: 'error',
    code,
    message,
    retryable: RETRYABLE[code],
    ...(clientId === null ? {} : { client_id: clientId }),
    ...(retryAfterMs === null ? {} : { retry_after_ms: retryAfterMs }),
  };
}

/** The beginning of the first message, on one line. */
export function titleOf(message: string): string {
  const line = message.trim().replace(/\s+/g, ' ');
  if (line.length <= LIMITS.titleChars) return line;
  return `${line
    .slice(0, LIMITS.titleChars - 1)
    .replace(/[\uD800-\uDBFF]$/, '')
    .trimEnd()}…`;
}

const tokens = (n: number): string => n.toLocaleString('en-US');

function tooLong(fit: Extract<Fit, { ok: false }>): string {
  const figures = fit.byServer
    ? `about ${tokens(fit.needed)} tokens, and this chat sends at most ${tokens(fit.allowed)} with a question`
    : `about ${tokens(fit.needed)} tokens, and the model takes ${tokens(fit.allowed)} beside its answer`;
  if (fit.byServer && !fit.canTrim) return `This message alone is too long: ${figures}. Shorten it.`;
  if (fit.byServer) {
    return `This conversation has become too long: ${figures}. Start a new conversation, or leave out the oldest turns.`;
  }
  return fit.canTrim
    ? `This conversation no longer fits the model: ${figures}. Start a new conversation, or leave out the oldest turns.`
    : `This message alone does not fit the model: ${figures}. Shorten it, or choose a model with a larger context.`;
}

function onlyReply(state: SessionState, frame: ServerFrame): Step {
  return { state, effects: [{ do: 'reply', frame }] };
}

function unknownModel(choice: Extract<Choice, { kind: 'unknown' }>): string {
  return `There is no such model. Allowed: ${choice.allowed.join(', ')}.`;
}

function fresh(id: string, model: string, now: number): ConversationRow {
  return { id, model, title: '', startedAt: now, messageCount: 0, lastSeq: 0, archivedAt: null };
}

function begin(
  state: SessionState,
  model: string,
  event: { newId: string; now: number },
  announce: 'model_changed' | 'conversation_reset',
  replaced: { requested: string; reason: string } | null,
): Step {
  const effects: Effect[] = state.phase === 'running' ? [{ do: 'end_run', stop_reason: 'stopped' }] : [];
  const oldModel = state.conversation.model;
  effects.push({ do: 'begin', id: event.newId, oldModel, model, now: event.now, announce, replaced });
  return { state: { phase: 'idle', conversation: fresh(event.newId, model, event.now) }, effects };
}

export function step(state: SessionState, event: SessionEvent): Step {
  switch (event.type) {
    case 'ask':
      return ask(state, event);
    case 'model_change': {
      if (!event.selection) {
        return onlyReply(
          state,
          errorFrame('model_selection_disabled', 'Choosing a model is switched off here.'),
        );
      }
      const { choice } = event;
      if (choice.kind === 'unknown')
        return onlyReply(state, errorFrame('unknown_model', unknownModel(choice)));
      if (choice.kind === 'unavailable')
        return onlyReply(state, errorFrame('model_unavailable', choice.reason));
      const replaced =
        choice.kind === 'replaced' ? { requested: choice.requested, reason: choice.reason } : null;
      return begin(state, choice.entry.id, event, 'model_changed', replaced);
    }
    case 'reset':
      return begin(state, state.conversation.model, event, 'conversation_reset', null);
    case 'rebind': {
      const { choice } = event;
      return begin(state, choice.entry.id, event, 'model_changed', {
        requested: choice.requested,
        reason: choice.reason,
      });
    }
    case 'open':
      return open(state, event);
    case 'stop':
      if (state.phase === 'idle') return { state, effects: [] };
      return {
        state: { phase: 'idle', conversation: state.conversation },
        effects: [{ do: 'end_run', stop_reason: 'stopped' }],
      };
    case 'run_ended':
      return { state: { phase: 'idle', conversation: state.conversation }, effects: [] };
  }
}

function ask(state: SessionState, event: Extract<SessionEvent, { type: 'ask' }>): Step {
  const refuse = (code: ErrorCode, message: string) =>
    onlyReply(state, errorFrame(code, message, event.clientId));
  if (event.duplicate !== null) return onlyReply(state, event.duplicate);
  if (state.phase === 'running')
    return refuse('busy', 'An answer is being written. Wait for it, or stop it.');
  const { asked, bound, fit, wish, clientId } = event;
  if (event.refused !== null) {
    const { code, message, retry_after_ms } = event.refused;
    return onlyReply(state, errorFrame(code, message, clientId, retry_after_ms));
  }
  if (bound.kind !== 'ok') {
    // Never answered by another model than the one the person sees (R14): the session is rebound first.
    return refuse('model_unavailable', bound.kind === 'unknown' ? unknownModel(bound) : bound.reason);
  }
  if (!fit.ok) return refuse('context_too_long', tooLong(fit));

  const { conversation } = state;
  const position = asked.kind === 'new' ? conversation.messageCount + 1 : asked.position;
  const reply = asked.kind === 'new' ? position + 1 : conversation.messageCount + 1;
  const isFirst = asked.kind === 'new' && asked.parent === null;
  const title = isFirst ? titleOf(asked.text) : conversation.title;
  return {
    state: { phase: 'running', conversation: { ...conversation, title, messageCount: reply } },
    effects: [
      { do: 'accept', asked, clientId, position, reply, dropped: fit.dropped, wish },
      { do: 'start_run', entry: bound.entry, turns: fit.turns, wish },
    ],
  };
}

function open(state: SessionState, event: Extract<SessionEvent, { type: 'open' }>): Step {
  const { target, choice } = event;
  if (target === null) return onlyReply(state, errorFrame('not_found', 'There is no such conversation.'));
  if (target.id === state.conversation.id)
    return { state, effects: [{ do: 'reopen', id: target.id, now: event.now }] };
  if (!event.selectionAllows) {
    return onlyReply(state, errorFrame('model_selection_disabled', 'Choosing a model is switched off here.'));
  }
  if (choice.kind !== 'ok') {
    const reason = choice.kind === 'unknown' ? 'Its model is no longer offered here.' : choice.reason;
    return onlyReply(state, errorFrame('model_unavailable', reason));
  }
  const effects: Effect[] = state.phase === 'running' ? [{ do: 'end_run', stop_reason: 'stopped' }] : [];
  effects.push({ do: 'reopen', id: target.id, now: event.now });
  return { state: { phase: 'idle', conversation: { ...target, archivedAt: null } }, effects };
}
