import * as z from 'zod/mini';
import { type ErrorCode, errorCodeSchema } from '#lib/wire.ts';

const itemSchema = z.object({
  client_id: z.string(),
  text: z.string(),
  trim: z.boolean(),
  /** The conversation that it was written for; null when none was known yet. */
  conversation_id: z.nullable(z.string()),
  /** waiting: never sent, or to be sent again. sent: no answer yet. failed: refused, for a person to decide. */
  state: z.enum(['waiting', 'sent', 'failed']),
  /** Sent at least once without any answer: the server may have it. */
  unconfirmed: z.boolean(),
  busy_count: z.number(),
  error: z.nullable(
    z.object({
      code: errorCodeSchema,
      message: z.string(),
      /** When it may be sent again: wall clock, ms. Null where waiting is not what helps. */
      retry_at: z._default(z.nullable(z.number()), null),
    }),
  ),
});
export type OutboxItem = z.infer<typeof itemSchema>;
export type Outbox = readonly OutboxItem[];

/** A message refused as `busy` waits for the end of the other answer, or at most so long. Milliseconds. */
const BUSY_WAIT_MS = 1_000;
const LONGEST_BUSY_WAIT_MS = 15_000;

export const MOVED: { code: ErrorCode; message: string } = {
  code: 'not_found',
  message: 'The conversation that you wrote this for is no longer the current one.',
};

/** What the connection looks like to the outbox. */
export type Line = {
  open: boolean;
  /** An answer is being generated (R7: the next message would be `busy`). */
  running: boolean;
  conversationId: string | null;
  /** The server was busy a moment ago with something that the page has not heard of. */
  held?: boolean;
};

export function enqueue(
  outbox: Outbox,
  item: Pick<OutboxItem, 'client_id' | 'text' | 'trim' | 'conversation_id'>,
): Outbox {
  return [...outbox, { ...item, state: 'waiting', unconfirmed: false, busy_count: 0, error: null }];
}

function replace(outbox: Outbox, clientId: string, change: (item: OutboxItem) => OutboxItem): Outbox {
  return outbox.map((item) => (item.client_id === clientId ? change(item) : item));
}

/**
 * What to send now. One message is under way at a time; a message that was sent before and never confirmed goes out
 * again even while an answer runs, because that answer may be its own (C1: a known `client_id` never runs twice).
 * A message written for another conversation fails instead of landing in this one.
 */
export function pump(outbox: Outbox, line: Line): { outbox: Outbox; send: OutboxItem | null } {
  const { open, conversationId, held = false } = line;
  if (!open || held || conversationId === null || outbox.some((item) => item.state === 'sent')) {
    return { outbox, send: null };
  }
  const next = outbox.find((item) => item.state === 'waiting');
  if (!next) return { outbox, send: null };
  if (next.conversation_id !== null && next.conversation_id !== conversationId) {
    return pump(fail(outbox, next.client_id, { ...MOVED, retry_at: null }), line);
  }
  if (line.running && !next.unconfirmed) return { outbox, send: null };
  const sent: OutboxItem = { ...next, state: 'sent', unconfirmed: true };
  return { outbox: replace(outbox, next.client_id, () => sent), send: sent };
}

/** After a lost connection nobody knows what arrived: everything unconfirmed is to be sent again. */
export function disconnected(outbox: Outbox): Outbox {
  return outbox.map((item) => (item.state === 'sent' ? { ...item, state: 'waiting' } : item));
}

/** S2 names the `client_id`: the message is in the conversation now. */
export function confirm(outbox: Outbox, clientId: string | null): Outbox {
  return clientId === null ? outbox : outbox.filter((item) => item.client_id !== clientId);
}

export function fail(outbox: Outbox, clientId: string, error: NonNullable<OutboxItem['error']>): Outbox {
  return replace(outbox, clientId, (item) => ({ ...item, state: 'failed', error }));
}

/** S11 for a message of ours. `busy` waits for its turn (R7); anything else is for a person. */
export function refused(outbox: Outbox, clientId: string, error: NonNullable<OutboxItem['error']>): Outbox {
  return replace(outbox, clientId, (item) =>
    error.code === 'busy'
      ? { ...item, state: 'waiting', unconfirmed: false, busy_count: item.busy_count + 1 }
      : { ...item, state: 'failed', error },
  );
}

/** How long a message holds back after `busy`, ms: twice as long each time. */
export function busyWaitMs({ busy_count }: OutboxItem): number {
  return Math.min(LONGEST_BUSY_WAIT_MS, BUSY_WAIT_MS * 2 ** Math.max(0, busy_count - 1));
}

/**
 * The message that the server most likely has although nobody confirmed it: sent before, and its words are the
 * newest question of a snapshot. Only for what is shown until S2 is repeated (C1).
 */
export function probablyThere(outbox: Outbox, newestQuestion: string | null): string | null {
  const first = outbox.find((item) => item.state !== 'failed');
  return first?.unconfirmed && first.text === newestQuestion ? first.client_id : null;
}

/**
 * A person tries a failed message again, here, maybe with the oldest turns left out (R13). In another conversation
 * it is another message: under its old id the server would only repeat what became of it there (C1).
 * @param newId for a message that moves
 */
export function retry(
  outbox: Outbox,
  clientId: string,
  conversationId: string | null,
  trim: boolean,
  newId: string,
): Outbox {
  return replace(outbox, clientId, (item) => ({
    ...item,
    client_id: item.conversation_id === conversationId ? item.client_id : newId,
    state: 'waiting',
    unconfirmed: false,
    busy_count: 0,
    error: null,
    conversation_id: conversationId,
    trim: item.trim || trim,
  }));
}

export function discard(outbox: Outbox, clientId: string): Outbox {
  return outbox.filter((item) => item.client_id !== clientId);
}

/** What a reload keeps. Storage is not trusted: anything that is not an outbox is an empty one. */
export function readOutbox(stored: string | null): Outbox {
  if (!stored) return [];
  try {
    const parsed = z.safeParse(z.array(itemSchema), JSON.parse(stored));
    return parsed.success ? disconnected(parsed.data) : [];
  } catch {
    return [];
  }
}
