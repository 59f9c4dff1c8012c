import * as z from 'zod/mini';

/** What is left today of the spending limit that is tightest for this person. US dollars, not rounded. */
export const budgetSchema = z.object({
  /** What was neither spent nor is set aside for answers that are being written. */
  left_usd: z.number(),
  limit_usd: z.number(),
  /** ISO 8601: the end of the day in UTC. */
  resets_at: z.string(),
});
export type Budget = z.infer<typeof budgetSchema>;
