import { DatabaseSync } from 'node:sqlite';
import type { Row, Sql } from '../archive/sql.ts';

/** The archive's storage in Node: the same SQLite, behind the same narrow interface. */
export class MemorySql implements Sql {
  readonly #db = new DatabaseSync(':memory:');
  /** Every statement that was run, for counting. */
  readonly statements: string[] = [];

  /** Makes the next statement that begins so fail, as a full disk would. */
  failOn: RegExp | null = null;

  atomically<T>(run: () => T): T {
    this.#db.exec('BEGIN');
    try {
      const result = run();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  exec(query: string, ...bindings: (string | number | null)[]): Row[] {
    this.statements.push(query);
    if (this.failOn?.test(query)) throw new Error('database or disk is full');
    return this.#db.prepare(query).all(...bindings) as Row[];
  }
}
