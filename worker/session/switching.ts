import type { ServerFrame } from '../../shared/index.ts';
import { archiveConversation, reopenConversation, startConversation } from '../archive/conversations.ts';
import { type ConversationRow, toArchiveEntry } from '../archive/rows.ts';
import type { Sql } from '../archive/sql.ts';
import type { Effect } from './machine.ts';

/**
 * Puts the current conversation away and starts an empty one (R5), all of it or nothing.
 * @returns the new conversation, and the S7 or S8 that announces it
 */
export function beginAnother(
  sql: Sql,
  current: string,
  effect: Extract<Effect, { do: 'begin' }>,
): { conversation: ConversationRow; frame: ServerFrame } {
  const { archived, conversation } = sql.atomically(() => ({
    archived: archiveConversation(sql, current, effect.now),
    conversation: startConversation(sql, effect.id, effect.model, effect.now),
  }));
  const fields = {
    conversation_id: effect.id,
    archived_message_count: archived?.messageCount ?? 0,
    archived: archived === null ? null : toArchiveEntry(archived),
  };
  if (effect.announce === 'conversation_reset') {
    return { conversation, frame: { type: effect.announce, model: effect.model, ...fields } };
  }
  const { oldModel: old_model, model: new_model, replaced } = effect;
  return {
    conversation,
    frame: { type: effect.announce, old_model, new_model, context_reset: true, replaced, ...fields },
  };
}

/**
 * Makes an archived conversation current in place of the one that was (C5).
 * @returns what went into the archive for it; null when that was empty
 */
export function changeTo(sql: Sql, current: string, id: string, now: number): ConversationRow | null {
  return sql.atomically(() => {
    reopenConversation(sql, id);
    return archiveConversation(sql, current, now);
  });
}
