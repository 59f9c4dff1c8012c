import * as z from 'zod/mini';
import { LIMITS } from '../shared/index.ts';

/** US dollars a day, as a person writes them: `5`, `0.50`. */
const dollars = z.coerce
  .number({ error: 'must be an amount of US dollars such as 5 or 0.5' })
  .check(z.gte(0, 'must not be negative'), z.lte(1_000_000, 'must be at most 1000000'));

const count = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.coerce
    .number({ error })
    .check(z.refine((n) => Number.isInteger(n) && n >= min && n <= max, error));
};

/**
 * Settings that bound what a person, or everybody together, may cost. None has a default here: a deployment has those
 * of {@link readLimits}, a local Worker is free of them unless they are set (CONTRACT CMD6).
 */
export const limitSettings = {
  /** Of everybody together. The only figure that bounds the bill, so `open` does not work without it. */
  DAILY_BUDGET_USD: z.optional(dollars),
  PERSON_DAILY_BUDGET_USD: z.optional(dollars),
  ADDRESS_DAILY_BUDGET_USD: z.optional(dollars),
  /** Accepted messages of one session in any minute. */
  TURNS_PER_MINUTE: z.optional(count(1, 1_000)),
  /** At most what every client of the protocol knows as the limit (CONTRACT R8). */
  MAX_MESSAGE_CHARS: z.optional(count(1, LIMITS.messageChars)),
  /** Estimated tokens of everything that goes upstream with a question: the biggest multiplier of cost. */
  MAX_HISTORY_TOKENS: z.optional(count(1_000, 10_000_000)),
  /** Of one answer, thinking included; caps each model's own. */
  MAX_OUTPUT_TOKENS: z.optional(count(256, 1_000_000)),
  /** Seconds of one answer in all. */
  RUN_LIMIT_S: z.optional(
    z.coerce
      .number({ error: 'must be a number of seconds' })
      .check(z.gt(0, 'must be more than 0 seconds'), z.lte(3600, 'must be at most 3600 seconds')),
  ),
};

export const BUDGET_SETTINGS = [
  'DAILY_BUDGET_USD',
  'PERSON_DAILY_BUDGET_USD',
  'ADDRESS_DAILY_BUDGET_USD',
] as const;

type LimitSettings = { [Name in keyof typeof limitSettings]?: number | undefined };

/** US dollars a day (UTC); null: no such limit. */
export type DailyBudgets = {
  deployment: number | null;
  person: number | null;
  address: number | null;
};

export type SessionLimits = {
  messageChars: number;
  /** Null: only the model's own context counts. */
  historyTokens: number | null;
  /** Null: each model's own. */
  outputTokens: number | null;
  turnsPerMinute: number | null;
  /** Milliseconds. */
  runMs: number;
};

/**
 * An amount that cannot be read is no amount: 0, so that nothing is spent until it is mended. A typing error must not
 * lift a limit.
 */
export function readBudgets(values: LimitSettings, faulty: ReadonlyMap<string, string>): DailyBudgets {
  const amount = (name: (typeof BUDGET_SETTINGS)[number]) => (faulty.has(name) ? 0 : (values[name] ?? null));
  return {
    deployment: amount('DAILY_BUDGET_USD'),
    person: amount('PERSON_DAILY_BUDGET_USD'),
    address: amount('ADDRESS_DAILY_BUDGET_USD'),
  };
}

export function readLimits(values: LimitSettings & { LOCAL: boolean }): SessionLimits {
  const deployed = (set: number | undefined, otherwise: number) => set ?? (values.LOCAL ? null : otherwise);
  return {
    messageChars: values.MAX_MESSAGE_CHARS ?? LIMITS.messageChars,
    // A fifth of what today's models take: a question at the end of it costs about half a dollar with the strongest.
    historyTokens: deployed(values.MAX_HISTORY_TOKENS, 200_000),
    // As every built-in Claude; it matters where MODELS says more.
    outputTokens: deployed(values.MAX_OUTPUT_TOKENS, 16_000),
    // Nobody reads answers faster than one in three seconds.
    turnsPerMinute: deployed(values.TURNS_PER_MINUTE, 20),
    // The platform holds an object for 15 minutes while a request of it is pending.
    runMs: (values.RUN_LIMIT_S ?? 900) * 1000,
  };
}
