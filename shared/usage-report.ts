import * as z from 'zod/mini';
import { alwaysUsdSchema } from './automatic.ts';

/** Answers of one span of time and one model, added up. Money in US dollars, tokens as the providers counted them. */
export const usageRowSchema = z.object({
  /** ISO 8601: the beginning of the hour (UTC) in which the answers were accepted. */
  hour: z.string(),
  /** The registry id of the model that answered. */
  model: z.string(),
  /** Which tier of Automatic it stands for; null where it is none. */
  tier: z.nullable(z.enum(['haiku', 'sonnet', 'opus'])),
  answers: z.number(),
  /** Answers of conversations that Automatic chose for. */
  automatic: z.number(),
  /** Answers that another model gave in the place of the one that was asked first. */
  fallbacks: z.number(),
  /** Answers that ended with an error. */
  errors: z.number(),
  cost_usd: z.number(),
  /** What the answers of Automatic's conversations did cost, to be compared with `always_usd`. */
  compared_usd: z.number(),
  always_usd: alwaysUsdSchema,
  input_tokens: z.number(),
  output_tokens: z.number(),
  cache_read_tokens: z.number(),
  cache_write_tokens: z.number(),
  /** Milliseconds to the first output: the median and the 95th percentile; null where no answer had a first word. */
  ttft_p50_ms: z.nullable(z.number()),
  ttft_p95_ms: z.nullable(z.number()),
});
export type UsageRow = z.infer<typeof usageRowSchema>;

/** Body of `GET /usage-report` (one session) and `GET /operator/usage-report` (the whole deployment), oldest first. */
export const usageReportSchema = z.object({
  scope: z.enum(['session', 'deployment']),
  /** ISO 8601 of the oldest moment that is looked at. */
  since: z.string(),
  rows: z.array(usageRowSchema),
});
export type UsageReport = z.infer<typeof usageReportSchema>;
