import * as z from 'zod/mini';
import type { Row, Sql } from '../archive/sql.ts';
import { bucketOf, percentileOf } from './histogram.ts';
import { type AnsweredOnce, type CountedRow, hourOf, SUMS, type Sums, sumsOf } from './report.ts';

/** Three months: as long as Analytics Engine keeps its points. */
export const KEPT_MS = 92 * 86_400_000;

/** `always_usd` in columns; null once one of its answers could not be compared. */
const ALWAYS = ['always_haiku', 'always_sonnet', 'always_opus'] as const;
const COLUMNS = [...SUMS, ...ALWAYS];

/** Of the histogram's buckets: `b` and the number, because a bare number would need quotes in a path of SQLite's JSON. */
const countsSchema = z.record(z.string(), z.number());

/**
 * What a whole deployment has answered, by hour and model: sums and a histogram, so that nothing in it belongs to a
 * person, a session or a word that was said. One row written an answer.
 */
export class UsageBook {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Safe to call at every start. Writes rows only the first time. */
  migrate(): void {
    this.#sql.exec(`CREATE TABLE IF NOT EXISTS answered (
      hour INTEGER NOT NULL, model TEXT NOT NULL,
      ${SUMS.map((name) => `${name} REAL NOT NULL`).join(', ')},
      ${ALWAYS.map((name) => `${name} REAL`).join(', ')},
      ttft TEXT NOT NULL, PRIMARY KEY (hour, model)
    ) WITHOUT ROWID`);
  }

  record(one: AnsweredOnce): void {
    const sums = sumsOf(one);
    const { haiku, sonnet, opus } = sums.always_usd;
    const bucket = one.ttftMs === null ? null : `b${bucketOf(one.ttftMs)}`;
    const counted = `ttft = json_set(ttft, '$.' || ?, coalesce(json_extract(ttft, '$.' || ?), 0) + 1)`;
    this.#sql.exec(
      `INSERT INTO answered (hour, model, ${COLUMNS.join(', ')}, ttft)
       VALUES (?, ?, ${COLUMNS.map(() => '?').join(', ')}, ?)
       ON CONFLICT (hour, model) DO UPDATE SET
         ${COLUMNS.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}
         ${bucket === null ? '' : `, ${counted}`}`,
      hourOf(one.at),
      one.model,
      ...SUMS.map((name) => sums[name]),
      haiku,
      sonnet,
      opus,
      ...(bucket === null ? ['{}'] : [JSON.stringify({ [bucket]: 1 }), bucket, bucket]),
    );
  }

  /** Rows of the hours from that of `since` on, oldest first, then by model. */
  since(since: number): CountedRow[] {
    return this.#sql
      .exec(`SELECT * FROM answered WHERE hour >= ? ORDER BY hour, model`, hourOf(since))
      .map(toRow);
  }

  /** @returns whether anything is left */
  forget(now: number): boolean {
    this.#sql.exec(`DELETE FROM answered WHERE hour < ?`, hourOf(now - KEPT_MS));
    return this.#sql.exec(`SELECT 1 FROM answered LIMIT 1`).length > 0;
  }
}

function toRow(row: Row): CountedRow {
  const counts = z.parse(countsSchema, JSON.parse(String(row.ttft)));
  const histogram = new Map(Object.entries(counts).map(([name, n]) => [Number(name.slice(1)), n]));
  const always = (name: (typeof ALWAYS)[number]) => (row[name] == null ? null : Number(row[name]));
  const sum = (name: (typeof SUMS)[number]) => Number(row[name]);
  const sums: Sums = {
    answers: sum('answers'),
    automatic: sum('automatic'),
    fallbacks: sum('fallbacks'),
    errors: sum('errors'),
    cost_usd: sum('cost_usd'),
    compared_usd: sum('compared_usd'),
    always_usd: {
      haiku: always('always_haiku'),
      sonnet: always('always_sonnet'),
      opus: always('always_opus'),
    },
    input_tokens: sum('input_tokens'),
    output_tokens: sum('output_tokens'),
    cache_read_tokens: sum('cache_read_tokens'),
    cache_write_tokens: sum('cache_write_tokens'),
  };
  return {
    hour: new Date(Number(row.hour)).toISOString(),
    model: String(row.model),
    ...sums,
    ttft_p50_ms: percentileOf(histogram, 0.5),
    ttft_p95_ms: percentileOf(histogram, 0.95),
  };
}
