import type { UsageReport, UsageRow } from '../../shared/index.ts';

/** The columns, in this order, under the names of the report's JSON; `always_usd` in three. */
const COLUMNS: readonly [string, (row: UsageRow) => string | number | null][] = [
  ['hour', (row) => row.hour],
  ['model', (row) => row.model],
  ['tier', (row) => row.tier],
  ['answers', (row) => row.answers],
  ['automatic', (row) => row.automatic],
  ['fallbacks', (row) => row.fallbacks],
  ['errors', (row) => row.errors],
  ['cost_usd', (row) => row.cost_usd],
  ['compared_usd', (row) => row.compared_usd],
  ['always_haiku_usd', (row) => row.always_usd.haiku],
  ['always_sonnet_usd', (row) => row.always_usd.sonnet],
  ['always_opus_usd', (row) => row.always_usd.opus],
  ['input_tokens', (row) => row.input_tokens],
  ['output_tokens', (row) => row.output_tokens],
  ['cache_read_tokens', (row) => row.cache_read_tokens],
  ['cache_write_tokens', (row) => row.cache_write_tokens],
  ['ttft_p50_ms', (row) => row.ttft_p50_ms],
  ['ttft_p95_ms', (row) => row.ttft_p95_ms],
];

/** The report's rows as RFC 4180: a line with the names, then one a row, ended by CRLF; null is an empty field. */
export function toCsv({ rows }: Pick<UsageReport, 'rows'>): string {
  const lines = [
    COLUMNS.map(([name]) => name),
    ...rows.map((row) => COLUMNS.map(([, of]) => field(of(row)))),
  ];
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}

function field(value: string | number | null): string {
  if (value === null) return '';
  return typeof value === 'number' ? decimal(value) : text(value);
}

/** A trillionth of a dollar is less than any token costs. Without an exponent, which not every program reads. */
function decimal(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(12).replace(/\.?0+$/, '');
}

/** A spreadsheet takes what begins with one of these signs for a formula (OWASP, CSV injection); `'` makes it text. */
function text(value: string): string {
  const harmless = /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
