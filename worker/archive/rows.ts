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
  | 'stop_reason'
  | 'error_code'
  | 'error_message'
  | 'usage'
  | 'cost_usd'
  | 'ttft_ms'
  | 'duration_ms'
  | 'thinking'
> & {
  /** While streaming: `text` and `thinking` hold everything up to this `seq`; later text is in the frames. */
  stored_seq: number;
  /** `seq` of its `message_accepted`. */
  accepted_seq: number;
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
  const { stored_seq: _stored, accepted_seq: _accepted, ...receipt } = answerDetail(row);
  return { ...base, role: 'assistant', ...receipt };
}

/** The S2 frame that a user's row stands for: sent again when its `client_id` comes again (C1). */
export function toAccepted(row: Row): MessageAcceptedFrame {
  const detail = JSON.parse(String(row.detail)) as UserDetail;
  return {
    type: 'message_accepted',
    seq: detail.seq,
    client_id: row.client_id === null ? null : String(row.client_id),
    message: toMessage(row) as UserMessage,
    reply_id: messageId(String(row.conversation), Number(row.position) + 1),
    dropped_messages: detail.dropped_messages,
    conversation_id: String(row.conversation),
  };
}
