import type { Sql } from './sql.ts';

/**
 * When the newest answers of a session were asked for, newest first, in milliseconds since 1970: those of the current
 * conversation and of those that were archived since. What was deleted is not counted.
 * @param since only what is newer
 * @param limit this many are enough
 */
export function recentTurns(sql: Sql, current: string, since: number, limit: number): number[] {
  const archived = sql.exec(
    `SELECT id FROM conversations WHERE archive_order IS NOT NULL AND archived_at > ?
     ORDER BY archive_order DESC LIMIT ?`,
    since,
    limit,
  );
  return [current, ...archived.map((row) => String(row.id))]
    .flatMap((id) => newestRuns(sql, id, limit))
    .filter((at) => at > since)
    .sort((a, b) => b - a)
    .slice(0, limit);
}

/** By the key alone: a question and its answer lie next to each other, and the newest are at the end. */
function newestRuns(sql: Sql, conversation: string, limit: number): number[] {
  return sql
    .exec(
      `SELECT role, created_at FROM messages WHERE conversation = ? ORDER BY position DESC LIMIT ?`,
      conversation,
      2 * limit,
    )
    .flatMap((row) => (row.role === 'user' ? [] : [Number(row.created_at)]));
}
