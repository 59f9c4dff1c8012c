import type { Model, Usage } from '../../shared/index.ts';
import type { ModelEntry, Rates } from './types.ts';

/** What one model costs from a day on. Thinking is billed as output and is part of it. */
type PriceRow = {
  /** The upstream's id. */
  model: string;
  /** ISO date: the first day of these rates. A later row of the same model overrules it from its day on. */
  from: string;
  rates: Rates;
  /** Rates of the whole request once its prompt, cached parts included, is longer than `above` tokens. */
  long?: { above: number; rates: Rates };
};

function rates(input: number, output: number, cache_write: number, cache_read: number): Rates {
  return { input, output, cache_write, cache_read };
}

/**
 * US dollars per million tokens; cache writes are those of the five-minute cache. From Anthropic's pricing page and
 * model overviews, October and November 2026 (Fable 5.2: release notes of 2026-11-09; its cache prices from three
 * agreeing price lists of others). `from` is the release where the price never changed.
 */
const PRICES: readonly PriceRow[] = [
  {
    model: 'claude-haiku-5-5',
    from: '2026-10-07',
    rates: rates(0.1, 0.5, 0.125, 0.01),
    long: { above: 100_000, rates: rates(0.5, 2.5, 0.625, 0.05) },
  },
  { model: 'claude-sonnet-5-5', from: '2026-09-28', rates: rates(2, 10, 2.5, 0.1) },
  { model: 'claude-opus-5-5', from: '2026-09-22', rates: rates(4, 20, 5, 0.2) },
  { model: 'claude-haiku-4-5-20251001', from: '2025-10-01', rates: rates(1, 5, 1.25, 0.1) },
  { model: 'claude-sonnet-4-5-20250929', from: '2025-09-29', rates: rates(3, 15, 3.75, 0.3) },
  { model: 'claude-fable-5-2', from: '2026-11-09', rates: rates(8, 40, 10, 0.2) },
  { model: 'claude-fable-5-1', from: '2026-09-01', rates: rates(10, 50, 12.5, 0.25) },
  { model: 'claude-opus-5', from: '2026-07-24', rates: rates(5, 25, 6.25, 0.5) },
  { model: 'claude-opus-4-8', from: '2026-05-28', rates: rates(5, 25, 6.25, 0.5) },
  { model: 'claude-opus-4-7', from: '2026-04-16', rates: rates(5, 25, 6.25, 0.5) },
  { model: 'claude-opus-4-6', from: '2026-02-05', rates: rates(5, 25, 6.25, 0.5) },
  { model: 'claude-opus-4-5-20251101', from: '2025-11-01', rates: rates(5, 25, 6.25, 0.5) },
  { model: 'claude-sonnet-5', from: '2026-06-30', rates: rates(2, 10, 2.5, 0.2) },
  { model: 'claude-sonnet-4-6', from: '2026-02-17', rates: rates(3, 15, 3.75, 0.3) },
];

const FREE = rates(0, 0, 0, 0);

/**
 * The row in force. Before a model's first day its first row holds: a wrong clock must not make an answer free.
 */
function rowAt(model: string | null, at: number, table: readonly PriceRow[]): PriceRow | null {
  const rows = table
    .filter((row) => row.model === model)
    .sort((a, b) => Date.parse(a.from) - Date.parse(b.from));
  return rows.findLast((row) => Date.parse(row.from) <= at) ?? rows[0] ?? null;
}

function ratesFor(
  entry: ModelEntry,
  promptTokens: number,
  at: number,
  table: readonly PriceRow[],
): Rates | null {
  if (entry.rates !== null) return entry.rates;
  if (entry.provider === 'ollama') return FREE;
  const row = rowAt(entry.upstream_model, at, table);
  if (row?.long !== undefined && promptTokens > row.long.above) return row.long.rates;
  return row?.rates ?? null;
}

/**
 * What one answer cost, in US dollars, not rounded (CONTRACT S6). 0 for a model at home; null where the provider did
 * not say how many tokens it took, or the model's price is not known. Counts of the cache that are missing are 0.
 * @param entry the model that answered, never Automatic
 * @param at when it answered, milliseconds since the epoch
 */
export function costUsd(
  entry: ModelEntry,
  usage: Usage,
  at: number,
  table: readonly PriceRow[] = PRICES,
): number | null {
  if (entry.provider === 'ollama' && entry.rates === null) return 0;
  const { input_tokens, output_tokens } = usage;
  if (input_tokens === null || output_tokens === null) return null;
  const cacheRead = usage.cache_read_tokens ?? 0;
  const cacheWrite = usage.cache_write_tokens ?? 0;
  const price = ratesFor(entry, input_tokens + cacheRead + cacheWrite, at, table);
  if (price === null) return null;
  const perMillion =
    input_tokens * price.input +
    output_tokens * price.output +
    cacheRead * price.cache_read +
    cacheWrite * price.cache_write;
  return perMillion / 1_000_000;
}

/**
 * The highest rates that a prompt of up to `promptTokens` tokens can be charged at: of a model with a higher price for
 * long prompts the dearer one, as soon as the prompt may be that long. Null where the price is not known.
 */
export function worstRates(
  entry: ModelEntry,
  promptTokens: number,
  at: number,
  table: readonly PriceRow[] = PRICES,
): Rates | null {
  const short = ratesFor(entry, 0, at, table);
  const long = ratesFor(entry, promptTokens, at, table);
  if (short === null || long === null) return null;
  return {
    input: Math.max(short.input, long.input),
    output: Math.max(short.output, long.output),
    cache_read: Math.max(short.cache_read, long.cache_read),
    cache_write: Math.max(short.cache_write, long.cache_write),
  };
}

/** The two prices of `/models`, for prompts of ordinary length; null for Automatic and where no price is known. */
export function pricingOf(entry: ModelEntry, at: number): Model['pricing'] {
  if (entry.is_automatic) return null;
  const price = ratesFor(entry, 0, at, PRICES);
  return price === null ? null : { input_per_mtok: price.input, output_per_mtok: price.output };
}
