import type { AlwaysUsd, Usage, UsageRow } from '../../shared/index.ts';

/** One answer as the reports count it: no word of it, and nobody's name. */
export type AnsweredOnce = {
  /** When its question was accepted, milliseconds since 1970. */
  at: number;
  /** Registry id of the model that answered; where none did, of the one that was asked. */
  model: string;
  /** In a conversation of Automatic. */
  automatic: boolean;
  /** Another model than the first one that was asked. */
  fallback: boolean;
  /** It ended with an error. */
  error: boolean;
  costUsd: number | null;
  alwaysUsd: AlwaysUsd | null;
  usage: Usage | null;
  ttftMs: number | null;
};

/** What is simply added up. */
export const SUMS = [
  'answers',
  'automatic',
  'fallbacks',
  'errors',
  'cost_usd',
  'compared_usd',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
] as const satisfies readonly (keyof UsageRow)[];

/** What one answer, or many, add up to. A null of `always_usd` makes every sum with it null. */
export type Sums = Record<(typeof SUMS)[number], number> & { always_usd: AlwaysUsd };

/** A row without its model's tier, which is the registry's to say. */
export type CountedRow = Omit<UsageRow, 'tier'>;

const HOUR_MS = 3_600_000;

/** The beginning of the hour (UTC), milliseconds since 1970. */
export const hourOf = (at: number): number => Math.floor(at / HOUR_MS) * HOUR_MS;

/** Whatever came from an upstream: a sum with less than nothing, or with no number at all, would be none. */
function amount(value: number | null | undefined): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}

/**
 * An answer is compared with always-X only where both its cost and the comparison are known; otherwise it adds to
 * neither, so that `compared_usd` and `always_usd` always speak of the same answers.
 */
export function sumsOf(one: AnsweredOnce): Sums {
  const { usage, costUsd, alwaysUsd } = one;
  const compared = costUsd === null ? null : alwaysUsd;
  const always = (usd: number | null | undefined) => (usd === null ? null : amount(usd));
  return {
    answers: 1,
    automatic: one.automatic ? 1 : 0,
    fallbacks: one.fallback ? 1 : 0,
    errors: one.error ? 1 : 0,
    cost_usd: amount(costUsd),
    compared_usd: compared === null ? 0 : amount(costUsd),
    always_usd: {
      haiku: always(compared?.haiku),
      sonnet: always(compared?.sonnet),
      opus: always(compared?.opus),
    },
    input_tokens: amount(usage?.input_tokens),
    output_tokens: amount(usage?.output_tokens),
    cache_read_tokens: amount(usage?.cache_read_tokens),
    cache_write_tokens: amount(usage?.cache_write_tokens),
  };
}

function add(to: Sums, more: Sums): void {
  for (const name of SUMS) to[name] += more[name];
  for (const tier of ['haiku', 'sonnet', 'opus'] as const) {
    const [a, b] = [to.always_usd[tier], more.always_usd[tier]];
    to.always_usd[tier] = a === null || b === null ? null : a + b;
  }
}

/**
 * The smallest of the values that at least this share of all do not pass (nearest rank); null where there are none.
 * @param sorted ascending
 */
export function percentile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? null;
}

type Counting = { hour: number; model: string; sums: Sums; ttft: number[] };

/** One row for each hour and model, oldest first, then by model. */
export function countRows(answers: Iterable<AnsweredOnce>): CountedRow[] {
  const found = new Map<string, Counting>();
  for (const one of answers) {
    const hour = hourOf(one.at);
    const key = `${hour} ${one.model}`;
    const counting = found.get(key);
    const ttft = counting?.ttft ?? [];
    if (counting === undefined) found.set(key, { hour, model: one.model, sums: sumsOf(one), ttft });
    else add(counting.sums, sumsOf(one));
    if (one.ttftMs !== null) ttft.push(amount(one.ttftMs));
  }
  return [...found.values()]
    .sort((a, b) => a.hour - b.hour || (a.model < b.model ? -1 : 1))
    .map(({ hour, model, sums, ttft }) => {
      ttft.sort((a, b) => a - b);
      return {
        hour: new Date(hour).toISOString(),
        model,
        ...sums,
        ttft_p50_ms: percentile(ttft, 0.5),
        ttft_p95_ms: percentile(ttft, 0.95),
      };
    });
}
