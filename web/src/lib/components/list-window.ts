import type { Conversation } from '#lib/wire.ts';

/**
 * Up to so many rows all of them are in the page, so that finding text, selecting it and reading aloud reach
 * everything; a longer list keeps only those near the view. Some pages of a conversation.
 */
export const WHOLE_UP_TO = 200;

/** Where a message stands in its conversation, counted from 1, as a screen reader tells it. */
export type Place = { index: number; posinset: number; setsize: number };

/** `index` is the place among the loaded messages, which are the newest ones. */
export function placeOf(index: number, { messages, message_count }: Conversation): Place {
  const setsize = Math.max(message_count, messages.length);
  return { index, posinset: setsize - messages.length + index + 1, setsize };
}

export function isWindowed(rows: number): boolean {
  return rows > WHOLE_UP_TO;
}

/** Indexes that stay in the page wherever the view is; `focused` is the row with the focus, or -1. */
export function mountedAlways(rows: number, focused: number): number[] {
  if (!isWindowed(rows)) return Array.from({ length: rows }, (_, index) => index);
  return focused >= 0 ? [focused] : [];
}

/**
 * Whether rows came before the one that was the first until now.
 * @param before its key; undefined when there was no row
 */
export function isPrepended<T>(
  rows: readonly T[],
  before: string | undefined,
  keyOf: (row: T) => string,
): boolean {
  const first = rows[0];
  if (before === undefined || first === undefined || keyOf(first) === before) return false;
  return rows.some((row) => keyOf(row) === before);
}
