import type { Answer, ArchiveEntry, Message, MessageAcceptedFrame, UserMessage } from '../../shared/index.ts';
import type { Row } from './sql.ts';

/** A conversation as the archive keeps it. Times are milliseconds since 1970. */
export type ConversationRow = {
  id: string;
  model: string;
  title: string;
  startedAt: number;
  messageCount: number;
  lastSeq: number;
  archivedAt: number | null;
};

/** What an answer's row keeps beside its text; the receipt of CONTRACT S6 and the way it was reached. */
export type AnswerDetail = Pick<
  Answer,
  | 'actual_model'
  | 'requested_model'
  | 'fallback_reason'
  | 'routing_path'
  | 'reason'
  | 'reason_code'
  | 'routing'
  | 'redo_tier'
  | 'stop_reason'
  | 'error_code'
  | 'error_message'
  | 'usage'
  | 'cost_usd'
  | 'always_usd'
  | 'ttft_ms'
  | 'duration_ms'
  | 'thinking'
  | 'tools'
> & {
  /** While streaming: `text` and `thinking` hold everything up to this `seq`; later text is in the frames. */
  stored_seq: number;
  /** `seq` of its `message_accepted`. */
  accepted_seq: number;
  /** How often its question was answered before; absent where it was not. */
  attempts?: number;
  /** Messages that were left out of what went upstream (R13); absent where the question's own row says it. */
  dropped_messages?: number;
};

export type UserDetail = { seq: number; dropped_messages: number };

/** An id that says where its row is, so that no index is needed to find it. */
export function messageId(conversation: string, position: number): string {
  return `${conversation}.${position}`;
}

/** The position inside a message id of this conversation, or null when it is not one. */
export function positionOf(conversation: string, id: string): number | null {
  if (!id.startsWith(`${conversation}.`)) return null;
  const digits = id.slice(conversation.length + 1);
  return /^[1-9]\d{0,8}$/.test(digits) ? Number(digits) : null;
}

export const iso = (ms: number): string => new Date(ms).toISOString();

export function toConversation(row: Row): ConversationRow {
  return {
    id: String(row.id),
    model: String(row.model),
    title: String(row.title),
    startedAt: Number(row.started_at),
    messageCount: Number(row.message_count),
    lastSeq: Number(row.last_seq),
    archivedAt: row.archived_at === null ? null : Number(row.archived_at),
  };
}

export function toArchiveEntry(row: ConversationRow): ArchiveEntry {
  return {
    id: row.id,
    model: row.model,
    message_count: row.messageCount,
    title: row.title,
    started_at: iso(row.startedAt),
    archived_at: iso(row.archivedAt ?? row.startedAt),
  };
}

export function answerDetail(row: Row): AnswerDetail {
  return JSON.parse(String(row.detail)) as AnswerDetail;
}

export function toMessage(row: Row): Message {
  const conversation = String(row.conversation);
  const base = {
    id: messageId(conversation, Number(row.position)),
    parent_id: row.parent === null ? null : messageId(conversation, Number(row.parent)),
    text: String(row.text),
    status: String(row.status) as Message['status'],
    created_at: iso(Number(row.created_at)),
  };
  if (row.role === 'user') return { ...base, role: 'user' };
  return { ...base, role: 'assistant', ...receiptOf(answerDetail(row)) };
}

/** What of an answer's detail is for everybody. */
export function receiptOf(detail: AnswerDetail) {
  const { stored_seq: _stored, accepted_seq: _accepted, attempts: _attempts, ...rest } = detail;
  const { dropped_messages: _dropped, ...receipt } = rest;
  return receipt;
}

/**
 * The S2 frame that a row with a `client_id` stands for: sent again when that comes again (C1).
 * @param question of an answer that was asked for once more; the row itself where it is a question
 */
export function toAccepted(row: Row, question: Row): MessageAcceptedFrame {
  const isQuestion = row.role === 'user';
  const conversation = String(row.conversation);
  const asked = isQuestion ? (JSON.parse(String(row.detail)) as UserDetail) : null;
  const answer = isQuestion ? null : answerDetail(row);
  return {
    type: 'message_accepted',
    seq: asked?.seq ?? answer?.accepted_seq ?? 0,
    client_id: row.client_id === null ? null : String(row.client_id),
    message: toMessage(question) as UserMessage,
    reply_id: messageId(conversation, Number(row.position) + (isQuestion ? 1 : 0)),
    dropped_messages: asked?.dropped_messages ?? answer?.dropped_messages ?? 0,
    conversation_id: conversation,
  };
}
