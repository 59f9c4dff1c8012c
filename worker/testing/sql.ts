import { DatabaseSync } from 'node:sqlite';
import type { Row, Sql } from '../archive/sql.ts';

/** The archive's storage in Node: the same SQLite, behind the same narrow interface. */
export class MemorySql implements Sql {
  readonly #db = new DatabaseSync(':memory:');
  /** Every statement that was run, for counting. */
  readonly statements: string[] = [];

  exec(query: string, ...bindings: (string | number | null)[]): Row[] {
    this.statements.push(query);
    return this.#db.prepare(query).all(...bindings) as Row[];
  }
}
