import type { Sql } from './sql.ts';

/** A run that waits for a person: where its answer is, and what its session needs to go on. */
export type ParkedRow = { conversation: string; position: number; state: string };

/** At most one in a session. The state has to fit a row (2 MB), like everything else. */
export function saveParked(sql: Sql, { conversation, position, state }: ParkedRow): void {
  sql.exec(
    `INSERT INTO parked_run (conversation, position, state) VALUES (?, ?, ?)
     ON CONFLICT (conversation) DO UPDATE SET position = excluded.position, state = excluded.state`,
    conversation,
    position,
    state,
  );
}

export function findParked(sql: Sql, conversation: string): ParkedRow | null {
  const [row] = sql.exec(`SELECT position, state FROM parked_run WHERE conversation = ?`, conversation);
  if (row === undefined) return null;
  return { conversation, position: Number(row.position), state: String(row.state) };
}

export function deleteParked(sql: Sql, conversation: string): void {
  sql.exec(`DELETE FROM parked_run WHERE conversation = ?`, conversation);
}

/** What a person has said about a tool for a whole conversation. */
export type Grant = 'allowed' | 'denied';

/**
 * A tool as it is remembered: another server may have one of the same name.
 * @param name as it is offered
 */
export const grantKey = (server: string, name: string): string => `${server}/${name}`;

/** @param tool see {@link grantKey} */
export function findGrant(sql: Sql, conversation: string, tool: string): Grant | null {
  const [row] = sql.exec(
    `SELECT allowed FROM tool_grants WHERE conversation = ? AND tool = ?`,
    conversation,
    tool,
  );
  if (row === undefined) return null;
  return Number(row.allowed) === 1 ? 'allowed' : 'denied';
}

/** A deny wins: an allow never takes its place. */
export function saveGrant(sql: Sql, conversation: string, tool: string, grant: Grant): void {
  sql.exec(
    `INSERT INTO tool_grants (conversation, tool, allowed) VALUES (?, ?, ?)
     ON CONFLICT (conversation, tool) DO UPDATE SET allowed = min(allowed, excluded.allowed)`,
    conversation,
    tool,
    grant === 'allowed' ? 1 : 0,
  );
}

/** Of the arguments of a call, in its row. */
export const AUDIT_CHARS = 4_000;

/** One call of a tool, made or not. */
export type AuditRow = {
  message_id: string;
  call_id: string;
  server: string | null;
  tool: string;
  /** As the model gave them, cut where they are long. */
  arguments: string;
  /** Who let it run, or why it did not (`answer_ended`: it waited, and its answer was stopped); `unknown` where the process was lost while it ran. */
  decided_by: string;
  /** Null: it was cut while it ran, and whether it took effect is not known. */
  ok: boolean | null;
  result_chars: number;
  duration_ms: number | null;
};

export function appendAudit(sql: Sql, conversation: string, at: number, row: AuditRow): void {
  sql.exec(
    `INSERT INTO tool_audit (at, conversation, detail) VALUES (?, ?, ?)`,
    at,
    conversation,
    JSON.stringify(row),
  );
}

/** The ids of the calls that one answer has in the audit. */
export function callsOf(sql: Sql, conversation: string, messageId: string): string[] {
  return sql
    .exec(
      `SELECT json_extract(detail, '$.call_id') AS id FROM tool_audit
       WHERE conversation = ? AND json_extract(detail, '$.message_id') = ?`,
      conversation,
      messageId,
    )
    .map((row) => String(row.id));
}

/** The newest calls of a session, newest first. */
export function listAudit(sql: Sql, limit: number): (AuditRow & { at: number; conversation: string })[] {
  return sql
    .exec(`SELECT at, conversation, detail FROM tool_audit ORDER BY n DESC LIMIT ?`, limit)
    .map((row) => ({
      at: Number(row.at),
      conversation: String(row.conversation),
      ...(JSON.parse(String(row.detail)) as AuditRow),
    }));
}
