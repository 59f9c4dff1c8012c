export type SqlValue = string | number | null;
export type Row = Record<string, SqlValue>;

/**
 * The little of SQLite that the archive needs: a Durable Object's `storage.sql` and Node's `node:sqlite`
 * both fit behind it, so that one contract suite runs on both.
 */
export interface Sql {
  /** Runs one statement and reads all its rows at once (a cursor across an `await` has no snapshot). */
  exec(query: string, ...bindings: SqlValue[]): Row[];
  /** All of it or, when `run` throws, nothing of it. Synchronous, not nested. */
  atomically<T>(run: () => T): T;
}
