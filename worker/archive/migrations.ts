import type { Sql } from './sql.ts';

/**
 * Append only: a released entry is never edited, and a new one only adds (tables, columns with a default,
 * indexes), so that the version before still runs on the storage of the version after.
 *
 * Row writes are what runs out first on the free plan (each index entry counts as one), hence:
 * messages are clustered by (conversation, position) and found without a second index; frames live in a
 * ring of slots that is overwritten in place, because a delete is billed like a write.
 */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE session (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`,
    `CREATE TABLE conversations (
       id TEXT PRIMARY KEY,
       model TEXT NOT NULL,
       title TEXT NOT NULL,
       started_at INTEGER NOT NULL,
       message_count INTEGER NOT NULL,
       last_seq INTEGER NOT NULL,
       archived_at INTEGER,
       archive_order INTEGER
     ) WITHOUT ROWID`,
    `CREATE INDEX conversations_archived ON conversations (archive_order) WHERE archive_order IS NOT NULL`,
    `CREATE TABLE messages (
       conversation TEXT NOT NULL,
       position INTEGER NOT NULL,
       parent INTEGER,
       role TEXT NOT NULL,
       text TEXT NOT NULL,
       status TEXT NOT NULL,
       created_at INTEGER NOT NULL,
       client_id TEXT,
       detail TEXT NOT NULL,
       PRIMARY KEY (conversation, position)
     ) WITHOUT ROWID`,
    `CREATE INDEX messages_client_id ON messages (client_id) WHERE client_id IS NOT NULL`,
    `CREATE TABLE frames (
       slot INTEGER PRIMARY KEY,
       n INTEGER NOT NULL,
       conversation TEXT NOT NULL,
       first_seq INTEGER NOT NULL,
       last_seq INTEGER NOT NULL,
       wire TEXT NOT NULL
     )`,
  ],
  [
    `CREATE TABLE parked_run (
       conversation TEXT PRIMARY KEY,
       position INTEGER NOT NULL,
       state TEXT NOT NULL
     ) WITHOUT ROWID`,
    `CREATE TABLE tool_grants (
       conversation TEXT NOT NULL,
       tool TEXT NOT NULL,
       allowed INTEGER NOT NULL,
       PRIMARY KEY (conversation, tool)
     ) WITHOUT ROWID`,
    `CREATE TABLE tool_audit (
       n INTEGER PRIMARY KEY,
       at INTEGER NOT NULL,
       conversation TEXT NOT NULL,
       detail TEXT NOT NULL
     )`,
  ],
];

/** True when this storage has ever been a session; asked without writing anything. */
export function isInitialised(sql: Sql): boolean {
  return sql.exec(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'session'`).length > 0;
}

/** Brings the storage to the newest version; safe to call at every start. */
export function migrate(sql: Sql): void {
  sql.exec(`CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY)`);
  const [row] = sql.exec(`SELECT coalesce(max(version), 0) AS version FROM migrations`);
  const done = Number(row?.version ?? 0);
  MIGRATIONS.forEach((statements, index) => {
    const version = index + 1;
    if (version <= done) return;
    for (const statement of statements) sql.exec(statement);
    sql.exec(`INSERT INTO migrations (version) VALUES (?)`, version);
  });
}
