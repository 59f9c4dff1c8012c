import type { Message } from '#lib/wire.ts';
import { ANEW, isIn, type Letter, MOVED, type Outbox, type OutboxItem, readItems } from './outbox-item.ts';

/** A message refused as `busy` waits for the end of the other answer, or at most so long. Milliseconds. */
const BUSY_WAIT_MS = 1_000;
const LONGEST_BUSY_WAIT_MS = 15_000;

/** What the connection looks like to the outbox. */
export type Line = {
  open: boolean;
  /** An answer is being generated (R7: the next message would be `busy`). */
  running: boolean;
  conversationId: string | null;
  /** The server was busy a moment ago with something that the page has not heard of. */
  held?: boolean;
};

export function enqueue(outbox: Outbox, client_id: string, letter: Letter): Outbox {
  return [
    ...outbox,
    { ...letter, client_id, state: 'waiting', unconfirmed: false, busy_count: 0, error: null },
  ];
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
 * The message that the server most likely has although nobody confirmed it: sent before, and a snapshot looks like it.
 * Only for what is shown until S2 is repeated (C1).
 */
export function probablyThere(outbox: Outbox, messages: readonly Message[]): string | null {
  const first = outbox.find((item) => item.state !== 'failed');
  return first?.unconfirmed && isIn(messages, first) ? first.client_id : null;
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
    ...(item.conversation_id === conversationId ? {} : { client_id: newId, asking: ANEW }),
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

/** What a reload keeps. */
export function readOutbox(stored: string | null): Outbox {
  return disconnected(readItems(stored));
}
