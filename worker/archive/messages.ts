import {
  type ErrorCode,
  LIMITS,
  type Message,
  type MessageAcceptedFrame,
  type StopReason,
} from '../../shared/index.ts';
import {
  type AnswerDetail,
  answerDetail,
  positionOf,
  toAccepted,
  toMessage,
  type UserDetail,
} from './rows.ts';
import type { Row, Sql } from './sql.ts';

export function insertUserMessage(
  sql: Sql,
  message: {
    conversation: string;
    position: number;
    parent: number | null;
    text: string;
    createdAt: number;
    clientId: string | null;
    detail: UserDetail;
  },
): void {
  insert(sql, { ...message, role: 'user', status: 'complete' });
}

/** The place that the answer will fill: on disk before anything is asked upstream. */
export function insertStreamingAnswer(
  sql: Sql,
  answer: { conversation: string; position: number; parent: number; createdAt: number; detail: AnswerDetail },
): void {
  insert(sql, { ...answer, role: 'assistant', status: 'streaming', text: '', clientId: null });
}

function insert(
  sql: Sql,
  row: {
    conversation: string;
    position: number;
    parent: number | null;
    role: string;
    text: string;
    status: string;
    createdAt: number;
    clientId: string | null;
    detail: UserDetail | AnswerDetail;
  },
): void {
  sql.exec(
    `INSERT INTO messages (conversation, position, parent, role, text, status, created_at, client_id, detail)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    row.conversation,
    row.position,
    row.parent,
    row.role,
    row.text,
    row.status,
    row.createdAt,
    row.clientId,
    JSON.stringify(row.detail),
  );
}

/** Text so far of a running answer, or the whole one with its receipt. */
export function saveAnswer(
  sql: Sql,
  conversation: string,
  position: number,
  answer: { text: string; status: StopReason | 'complete' | 'streaming'; detail: AnswerDetail },
): void {
  sql.exec(
    `UPDATE messages SET text = ?, status = ?, detail = ? WHERE conversation = ? AND position = ?`,
    answer.text,
    answer.status,
    JSON.stringify(answer.detail),
    conversation,
    position,
  );
}

export type StreamingAnswer = { position: number; text: string; createdAt: number; detail: AnswerDetail };

/** An answer whose run is gone from memory: it was cut by the loss of the process (R11). */
export function findStreamingAnswer(sql: Sql, conversation: string): StreamingAnswer | null {
  const [row] = sql.exec(
    `SELECT * FROM messages WHERE conversation = ? ORDER BY position DESC LIMIT 1`,
    conversation,
  );
  if (row === undefined || row.status !== 'streaming') return null;
  return {
    position: Number(row.position),
    text: String(row.text),
    createdAt: Number(row.created_at),
    detail: answerDetail(row),
  };
}

/** The first S2 of an accepted `client_id`, whatever conversation it went to (C1). */
export function findAccepted(sql: Sql, clientId: string): MessageAcceptedFrame | null {
  const [row] = sql.exec(`SELECT * FROM messages WHERE client_id = ? ORDER BY created_at LIMIT 1`, clientId);
  return row === undefined ? null : toAccepted(row);
}

/**
 * One page of a conversation, oldest first.
 * @param before id of the oldest message that the reader has; null for the newest page
 * @returns null when `before` is not a message id of this conversation
 */
export function listMessages(
  sql: Sql,
  conversation: string,
  before: string | null = null,
  limit: number = LIMITS.messagesPage,
): { messages: Message[]; hasMore: boolean } | null {
  const end = before === null ? Number.MAX_SAFE_INTEGER : positionOf(conversation, before);
  if (end === null) return null;
  const rows: Row[] = sql.exec(
    `SELECT * FROM messages WHERE conversation = ? AND position < ? ORDER BY position DESC LIMIT ?`,
    conversation,
    end,
    limit + 1,
  );
  return { messages: rows.slice(0, limit).reverse().map(toMessage), hasMore: rows.length > limit };
}

/** Every message of a conversation, oldest first: for a download. */
export function allMessages(sql: Sql, conversation: string): Message[] {
  return sql
    .exec(`SELECT * FROM messages WHERE conversation = ? ORDER BY position`, conversation)
    .map(toMessage);
}

/** What of a message decides whether, and how, it goes upstream. */
export type SaidMessage = Pick<Message, 'role' | 'text' | 'status'> & { error_code: ErrorCode | null };

/** Every message of a conversation, oldest first, without its receipt: ten thousand are read at every question. */
export function saidMessages(sql: Sql, conversation: string): SaidMessage[] {
  const rows = sql.exec(
    `SELECT role, text, status, CASE status WHEN 'error' THEN json_extract(detail, '$.error_code') END AS error_code
     FROM messages WHERE conversation = ? ORDER BY position`,
    conversation,
  );
  return rows.map((row) => ({
    role: row.role === 'user' ? 'user' : 'assistant',
    text: String(row.text),
    status: String(row.status) as Message['status'],
    error_code: row.error_code as ErrorCode | null,
  }));
}
