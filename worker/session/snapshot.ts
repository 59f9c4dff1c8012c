import {
  type AutoMode,
  type Budget,
  type Conversation,
  type ConversationOpenedFrame,
  type Message,
  PROTOCOL_VERSION,
  type SessionFrame,
} from '../../shared/index.ts';
import { listArchives } from '../archive/conversations.ts';
import { framesAfter } from '../archive/frames.ts';
import { listMessages } from '../archive/messages.ts';
import { type ConversationRow, toArchiveEntry } from '../archive/rows.ts';
import type { Sql } from '../archive/sql.ts';
import type { LiveRun } from './live-run.ts';
import type { StreamBuffer } from './stream-buffer.ts';

/** Where a returning client stopped: the conversation and the last `seq` that it has seen. */
export type Cursor = { conversation: string; after: number };

/** The running answer on disk is up to a second behind: what has been sent is in memory. */
export function withLive(messages: Message[], run: LiveRun | null): Message[] {
  if (run === null) return messages;
  return messages.map((message) => (message.id === run.messageId ? run.message() : message));
}

export function conversationView(
  sql: Sql,
  row: ConversationRow,
  run: LiveRun | null,
  page: { before: string | null; limit?: number } = { before: null },
): Conversation | null {
  const found = listMessages(sql, row.id, page.before, page.limit);
  if (found === null) return null;
  return {
    id: row.id,
    model: row.model,
    title: row.title,
    status: row.archivedAt === null ? 'current' : 'archived',
    messages: withLive(found.messages, run),
    message_count: row.messageCount,
    has_more: found.hasMore,
  };
}

function wholeView(sql: Sql, row: ConversationRow, run: LiveRun | null): Conversation {
  return conversationView(sql, row, run) ?? { ...emptyView(row), has_more: false };
}

function emptyView(row: ConversationRow): Conversation {
  return {
    id: row.id,
    model: row.model,
    title: row.title,
    status: 'current',
    messages: [],
    message_count: row.messageCount,
    has_more: row.messageCount > 0,
  };
}

/** The frames after a cursor, as JSON texts; null when they are not all there (R2's second case). */
export function replay(sql: Sql, buffer: StreamBuffer, cursor: Cursor | null): string[] | null {
  if (cursor === null || cursor.conversation !== buffer.conversation) return null;
  const { after } = cursor;
  if (!Number.isSafeInteger(after) || after < 0 || after > buffer.lastSeq) return null;
  const stored = framesAfter(sql, buffer.conversation, after);
  if (stored === null) return null;
  const frames = [...stored, ...buffer.unstoredAfter(after + stored.length)];
  return after + frames.length === buffer.lastSeq ? frames : null;
}

/** S1 and what follows it for a socket that has just come, as JSON texts. */
export function greeting(
  sql: Sql,
  session: {
    id: string;
    conversation: ConversationRow;
    buffer: StreamBuffer;
    run: LiveRun | null;
    modelSelection: boolean;
    retentionDays: number | null;
    autoMode: AutoMode;
    /** What is left of the tightest spending limit of whoever comes. */
    budget: Budget | null;
  },
  cursor: Cursor | null,
): string[] {
  const { conversation, buffer, run } = session;
  const replayed = replay(sql, buffer, cursor);
  const archives = listArchives(sql, null);
  const frame: SessionFrame = {
    type: 'session',
    protocol: PROTOCOL_VERSION,
    session_id: session.id,
    model: conversation.model,
    conversation: replayed === null ? wholeView(sql, conversation, run) : emptyView(conversation),
    archives: archives.conversations.map(toArchiveEntry),
    archives_next: archives.next,
    last_seq: buffer.lastSeq,
    resumed_after: replayed === null || cursor === null ? null : cursor.after,
    run: run === null ? null : { message_id: run.messageId, seq: run.acceptedSeq },
    model_selection: session.modelSelection,
    retention_days: session.retentionDays,
    auto_mode: session.autoMode,
    budget: session.budget,
  };
  return [JSON.stringify(frame), ...(replayed ?? [])];
}

export function openedFrame(
  sql: Sql,
  conversation: ConversationRow,
  buffer: StreamBuffer,
  run: LiveRun | null,
  archived: ConversationRow | null,
): ConversationOpenedFrame {
  return {
    type: 'conversation_opened',
    conversation: wholeView(sql, conversation, run),
    last_seq: buffer.lastSeq,
    archived: archived === null ? null : toArchiveEntry(archived),
  };
}
