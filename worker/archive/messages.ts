import {
  type ErrorCode,
  LIMITS,
  type Message,
  type MessageAcceptedFrame,
  type StopReason,
  type ToolCall,
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
  answer: {
    conversation: string;
    position: number;
    parent: number;
    createdAt: number;
    /** Of the frame that asked for another answer; the question's own row has that of a new question. */
    clientId?: string | null;
    detail: AnswerDetail;
  },
): void {
  insert(sql, { clientId: null, ...answer, role: 'assistant', status: 'streaming', text: '' });
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

export type StreamingAnswer = {
  position: number;
  /** Of its question. */
  parent: number;
  text: string;
  createdAt: number;
  detail: AnswerDetail;
};

/** An answer whose run is gone from memory: it was cut by the loss of the process (R11). */
export function findStreamingAnswer(sql: Sql, conversation: string): StreamingAnswer | null {
  const [row] = sql.exec(
    `SELECT * FROM messages WHERE conversation = ? ORDER BY position DESC LIMIT 1`,
    conversation,
  );
  if (row === undefined || row.status !== 'streaming') return null;
  return {
    position: Number(row.position),
    parent: Number(row.parent),
    text: String(row.text),
    createdAt: Number(row.created_at),
    detail: answerDetail(row),
  };
}

/** The first S2 of an accepted `client_id`, whatever conversation it went to (C1). */
export function findAccepted(sql: Sql, clientId: string): MessageAcceptedFrame | null {
  const [row] = sql.exec(`SELECT * FROM messages WHERE client_id = ? ORDER BY created_at LIMIT 1`, clientId);
  if (row === undefined) return null;
  const question = row.role === 'user' ? row : rowAt(sql, String(row.conversation), Number(row.parent));
  return question === null ? null : toAccepted(row, question);
}

function rowAt(sql: Sql, conversation: string, position: number): Row | null {
  const [row] = sql.exec(
    `SELECT * FROM messages WHERE conversation = ? AND position = ?`,
    conversation,
    position,
  );
  return row ?? null;
}

/** One message of a conversation with its place, or null when the id is none of it. */
export function findMessage(
  sql: Sql,
  conversation: string,
  id: string,
): { message: Message; position: number; parent: number | null } | null {
  const position = positionOf(conversation, id);
  const row = position === null ? null : rowAt(sql, conversation, position);
  if (row === null || position === null) return null;
  return { message: toMessage(row), position, parent: row.parent === null ? null : Number(row.parent) };
}

/** How many messages follow the same one, and the newest of them: other answers, or other questions in one place. */
export function siblings(
  sql: Sql,
  conversation: string,
  parent: number | null,
): { count: number; newest: number | null } {
  const [row] = sql.exec(
    `SELECT count(*) AS count, max(position) AS newest FROM messages
     WHERE conversation = ? AND position > ? AND parent IS ?`,
    conversation,
    parent ?? 0,
    parent,
  );
  return { count: Number(row?.count ?? 0), newest: row?.newest == null ? null : Number(row.newest) };
}

export type PastAnswer = { position: number; createdAt: number; text: string; detail: AnswerDetail };

/**
 * The last answers of a branch, newest first.
 * @param leaf where the branch ends; null where it is empty
 */
export function lastAnswers(
  sql: Sql,
  conversation: string,
  leaf: number | null,
  count: number,
): PastAnswer[] {
  const answers: PastAnswer[] = [];
  let position = leaf;
  while (position !== null && answers.length < count) {
    const row = rowAt(sql, conversation, position);
    if (row === null) break;
    if (row.role !== 'user') {
      const detail = answerDetail(row);
      answers.push({ position, createdAt: Number(row.created_at), text: String(row.text), detail });
    }
    position = row.parent === null ? null : Number(row.parent);
  }
  return answers;
}

/**
 * Of one page, in UTF-8: an answer may have a megabyte with what its tools found, and fifty such would be more than an
 * object has memory for.
 */
const PAGE_BYTES = 1_000_000;

/** How many of the newest messages before `end` make a page: two at least, a question and its answer. */
function pageLength(sql: Sql, conversation: string, end: number, limit: number): number {
  const sizes = sql.exec(
    `SELECT octet_length(text) + octet_length(detail) AS bytes FROM messages
     WHERE conversation = ? AND position < ? ORDER BY position DESC LIMIT ?`,
    conversation,
    end,
    limit,
  );
  let bytes = 0;
  const tooMany = sizes.findIndex((row, i) => {
    bytes += Number(row.bytes);
    return i >= 2 && bytes > PAGE_BYTES;
  });
  return tooMany === -1 ? limit : tooMany;
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
  const length = pageLength(sql, conversation, end, limit);
  const rows: Row[] = sql.exec(
    `SELECT * FROM messages WHERE conversation = ? AND position < ? ORDER BY position DESC LIMIT ?`,
    conversation,
    end,
    length + 1,
  );
  return { messages: rows.slice(0, length).reverse().map(toMessage), hasMore: rows.length > length };
}

/** Every message of a conversation, oldest first: for a download. */
export function allMessages(sql: Sql, conversation: string): Message[] {
  return sql
    .exec(`SELECT * FROM messages WHERE conversation = ? ORDER BY position`, conversation)
    .map(toMessage);
}

/** What of a message decides whether, and how, it goes upstream. */
export type SaidMessage = Pick<Message, 'role' | 'text' | 'status'> & {
  error_code: ErrorCode | null;
  tools?: ToolCall[];
};

/**
 * Every message of one branch, oldest first, without its receipt: ten thousand are read at every question, so that what
 * few of them have (another parent than the one before, an error, tools) is asked for apart.
 * @param leaf where the branch ends; null for none at all
 */
export function saidMessages(sql: Sql, conversation: string, leaf: number | null): SaidMessage[] {
  if (leaf === null) return [];
  const said = sql
    .exec(
      `SELECT role, text, status FROM messages WHERE conversation = ? AND position <= ? ORDER BY position`,
      conversation,
      leaf,
    )
    .map(
      (row): SaidMessage => ({
        role: row.role === 'user' ? 'user' : 'assistant',
        text: String(row.text),
        status: String(row.status) as Message['status'],
        error_code: null,
      }),
    );
  const more = sql.exec(
    `SELECT position, json_extract(detail, '$.error_code') AS error_code, json_extract(detail, '$.tools') AS tools
     FROM messages WHERE conversation = ? AND position <= ? AND role <> 'user'
       AND (status = 'error' OR instr(detail, '"tools":[') > 0)`,
    conversation,
    leaf,
  );
  for (const { position, error_code, tools } of more) {
    const message = said[Number(position) - 1];
    if (message === undefined) continue;
    if (message.status === 'error') message.error_code = error_code as ErrorCode | null;
    if (tools !== null) message.tools = JSON.parse(String(tools)) as ToolCall[];
  }
  return branchOf(sql, conversation, leaf)
    .map((position) => said[position - 1])
    .filter((one) => one !== undefined);
}

/** The positions that lead to one, oldest first. Positions are given out without a gap, from 1. */
function branchOf(sql: Sql, conversation: string, leaf: number): number[] {
  const turns = sql.exec(
    `SELECT position, parent FROM messages WHERE conversation = ? AND position <= ? AND parent IS NOT position - 1`,
    conversation,
    leaf,
  );
  const parents = new Map(turns.map(({ position, parent }) => [Number(position), parent]));
  const branch: number[] = [];
  for (let position = leaf; position > 0; ) {
    branch.push(position);
    const parent = parents.get(position);
    position = parent === undefined ? position - 1 : Number(parent ?? 0);
  }
  return branch.reverse();
}
