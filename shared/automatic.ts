import * as z from 'zod/mini';

/** The three Claude models that Automatic chooses from, weakest first. */
export const tierSchema = z.enum(['haiku', 'sonnet', 'opus']);

/** How much a better answer is worth to Automatic. */
export const autoModeSchema = z.enum(['economy', 'balanced', 'quality']);
export type AutoMode = z.infer<typeof autoModeSchema>;

function eachTier<T extends z.ZodMiniType>(of: T) {
  return z.object({ haiku: of, sonnet: of, opus: of });
}

/** What Automatic thought before an answer was asked for. */
export const routingSchema = z.object({
  mode: autoModeSchema,
  tier: tierSchema,
  /** 0 to 1, rising with the need for a stronger model. */
  score: z.number(),
  /** What goes into the sentence of `reason` beside its code, for pages in other languages. */
  reason_params: z.object({
    /** The tier that would have been asked if all could answer. */
    wanted: tierSchema,
    /** How many times dearer the next tier up would be; null where its price did not matter. */
    times_dearer: z.nullable(z.number()),
  }),
  /** Of each tier: the expected share of good answers (0 to 1), and US dollars for an answer of usual length. */
  tiers: eachTier(z.object({ quality: z.number(), cost_usd: z.number() })),
  /** The call to Haiku that was asked for its opinion, where one was. `tier` is null when it came too late, or failed. */
  second_opinion: z.optional(
    z.nullable(
      z.object({ tier: z.nullable(tierSchema), cost_usd: z.nullable(z.number()), duration_ms: z.number() }),
    ),
  ),
});
export type Routing = z.infer<typeof routingSchema>;

/**
 * US dollars that one answer would have cost had every turn of its conversation gone to the one tier: the same tokens, and
 * the prompt cache as it would have been. Null where it cannot be said.
 */
export const alwaysUsdSchema = eachTier(z.nullable(z.number()));
export type AlwaysUsd = z.infer<typeof alwaysUsdSchema>;
