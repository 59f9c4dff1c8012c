import { LIMITS } from '../../shared/index.ts';
import { type ConversationRow, toConversation } from './rows.ts';
import type { Sql } from './sql.ts';

const COLUMNS = `id, model, title, started_at, message_count, last_seq, archived_at`;

/** What a session keeps beside its conversations: a row each, and what a version does not know it leaves alone. */
type SessionKey = 'current' | 'id' | 'retention';

export function readSession(sql: Sql, key: SessionKey): string | null {
  const [row] = sql.exec(`SELECT value FROM session WHERE key = ?`, key);
  return row === undefined ? null : String(row.value);
}

export function writeSession(sql: Sql, key: SessionKey, value: string): void {
  sql.exec(
    `INSERT INTO session (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    key,
    value,
  );
}

export function findConversation(sql: Sql, id: string): ConversationRow | null {
  const [row] = sql.exec(`SELECT ${COLUMNS} FROM conversations WHERE id = ?`, id);
  return row === undefined ? null : toConversation(row);
}

/** Starts an empty conversation and makes it the current one. */
export function startConversation(sql: Sql, id: string, model: string, now: number): ConversationRow {
  sql.exec(
    `INSERT INTO conversations (id, model, title, started_at, message_count, last_seq) VALUES (?, ?, '', ?, 0, 0)`,
    id,
    model,
    now,
  );
  writeSession(sql, 'current', id);
  return { id, model, title: '', startedAt: now, messageCount: 0, lastSeq: 0, archivedAt: null };
}

/**
 * Puts a conversation away; an empty one is not archived but forgotten (CONTRACT 3).
 * @returns the archived row, or null when there was nothing to keep
 */
export function archiveConversation(sql: Sql, id: string, now: number): ConversationRow | null {
  const conversation = findConversation(sql, id);
  if (conversation === null) return null;
  if (conversation.messageCount === 0) {
    sql.exec(`DELETE FROM conversations WHERE id = ?`, id);
    return null;
  }
  sql.exec(
    `UPDATE conversations SET archived_at = ?,
       archive_order = (SELECT coalesce(max(archive_order), 0) + 1 FROM conversations WHERE archive_order IS NOT NULL)
     WHERE id = ?`,
    now,
    id,
  );
  return { ...conversation, archivedAt: now };
}

/** Takes a conversation out of the archive and makes it the current one (C5). */
export function reopenConversation(sql: Sql, id: string): void {
  sql.exec(`UPDATE conversations SET archived_at = NULL, archive_order = NULL WHERE id = ?`, id);
  writeSession(sql, 'current', id);
}

/**
 * Deletes a conversation for good: its messages, with them the `client_id`s that it accepted, its frames, and what was
 * recorded of its tools. A row is billed as a write also when it goes.
 * @returns false when there is none of that id
 */
export function deleteConversation(sql: Sql, id: string): boolean {
  if (findConversation(sql, id) === null) return false;
  sql.atomically(() => {
    sql.exec(`DELETE FROM messages WHERE conversation = ?`, id);
    sql.exec(`DELETE FROM frames WHERE conversation = ?`, id);
    sql.exec(`DELETE FROM parked_run WHERE conversation = ?`, id);
    sql.exec(`DELETE FROM tool_grants WHERE conversation = ?`, id);
    sql.exec(`DELETE FROM tool_audit WHERE conversation = ?`, id);
    sql.exec(`DELETE FROM conversations WHERE id = ?`, id);
  });
  return true;
}

export function saveCounts(
  sql: Sql,
  id: string,
  counts: { title: string; messageCount: number; lastSeq: number },
): void {
  sql.exec(
    `UPDATE conversations SET title = ?, message_count = ?, last_seq = ? WHERE id = ?`,
    counts.title,
    counts.messageCount,
    counts.lastSeq,
    id,
  );
}

/**
 * One page of the archive, newest first.
 * @param cursor `next` of the page before; anything else starts at the newest
 */
export function listArchives(
  sql: Sql,
  cursor: string | null,
  limit: number = LIMITS.archivesPage,
): { conversations: ConversationRow[]; next: string | null } {
  const before = cursor !== null && /^\d{1,15}$/.test(cursor) ? Number(cursor) : Number.MAX_SAFE_INTEGER;
  const rows = sql.exec(
    `SELECT ${COLUMNS}, archive_order FROM conversations
     WHERE archive_order IS NOT NULL AND archive_order < ? ORDER BY archive_order DESC LIMIT ?`,
    before,
    limit + 1,
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    conversations: page.map(toConversation),
    next: rows.length > limit && last !== undefined ? String(last.archive_order) : null,
  };
}
