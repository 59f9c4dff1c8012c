import type { UsageReport, UsageRow } from '#lib/wire.ts';

/** An hour's answers of Haiku; everything that is not named is 0. */
export function aRow(over: Partial<UsageRow> = {}): UsageRow {
  return {
    hour: '2026-11-22T09:00:00.000Z',
    model: 'claude-haiku-5-5',
    tier: 'haiku',
    answers: 1,
    automatic: 0,
    fallbacks: 0,
    errors: 0,
    cost_usd: 0,
    compared_usd: 0,
    always_usd: { haiku: null, sonnet: null, opus: null },
    input_tokens: 0,
    output_tokens: 0,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    ttft_p50_ms: null,
    ttft_p95_ms: null,
    ...over,
  };
}

export function aReport(rows: UsageRow[] = [aRow()], scope: UsageReport['scope'] = 'session'): UsageReport {
  return { scope, since: '2026-11-16T00:00:00.000Z', rows };
}
