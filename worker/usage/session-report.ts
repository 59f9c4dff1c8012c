import * as z from 'zod/mini';
import { alwaysUsdSchema, type UsageReport, usageSchema } from '../../shared/index.ts';
import type { Row, Sql } from '../archive/sql.ts';
import { answeredOnce, type CountedDetail } from './answered.ts';
import { type AnsweredOnce, countRows, hourOf } from './report.ts';
import { type Models, withTier } from './with-tier.ts';

/** Null where there is nothing, or what another version wrote. */
function known<T extends z.ZodMiniType>(schema: T) {
  return z.catch(z.nullable(schema), null);
}

/** What of an answer's `detail` is counted; its thinking and its tools, which may be long, stay where they are. */
const FIELDS = {
  actual_model: known(z.string()),
  fallback_reason: known(z.string()),
  stop_reason: known(z.string()),
  cost_usd: known(z.number()),
  always_usd: known(alwaysUsdSchema),
  usage: known(usageSchema),
  ttft_ms: known(z.number()),
};
const NAMES = Object.keys(FIELDS);
const fieldsSchema: z.ZodMiniType<CountedDetail> = z.object(FIELDS);

/**
 * The answers of a whole session by hour and model; what was deleted is not among them, nor what is still written.
 * Every message of the conversations that were open since then is read once.
 * @param since milliseconds since 1970; the whole hour that it lies in is looked at
 */
export function sessionReport(sql: Sql, since: number, models: Models): UsageReport {
  const from = hourOf(since);
  // With several paths it answers with one JSON array, so that a row is taken apart once.
  const rows = sql.exec(
    `SELECT m.created_at AS at, c.model AS bound,
       json_extract(m.detail, ${NAMES.map((name) => `'$.${name}'`).join(', ')}) AS fields
     FROM conversations c CROSS JOIN messages m ON m.conversation = c.id
     WHERE (c.archived_at IS NULL OR c.archived_at >= ?)
       AND m.role = 'assistant' AND m.created_at >= ? AND m.status <> 'streaming'`,
    from,
    from,
  );
  return {
    scope: 'session',
    since: new Date(from).toISOString(),
    rows: countRows(rows.map((row) => toAnswered(row, models))).map((row) => withTier(row, models)),
  };
}

function toAnswered(row: Row, { entries }: Models): AnsweredOnce {
  const values: unknown[] = JSON.parse(String(row.fields));
  const detail = z.parse(fieldsSchema, Object.fromEntries(NAMES.map((name, i) => [name, values[i]])));
  const bound = String(row.bound);
  const automatic = entries.get(bound)?.is_automatic ?? false;
  return answeredOnce({ acceptedAt: Number(row.at), bound, automatic, detail });
}
