import * as z from 'zod/mini';
import { budgetSchema } from './budget.ts';

/** `local`: nobody signs in, on this machine. `closed`: nobody can, until the deployment is set up. */
export const accessModeSchema = z.enum(['local', 'password', 'cloudflare-access', 'open', 'closed']);

/** Answer of `GET /access`: how one comes in, and whether who asks is in. */
export const accessSchema = z.object({
  mode: accessModeSchema,
  signed_in: z.boolean(),
  /** Of the person who is signed in, as the deployment knows them; null where there is none. */
  name: z.nullable(z.string()),
  /** For the widget, in mode `open`. Public by its nature. */
  turnstile_site_key: z.nullable(z.string()),
  /** Why it is closed, in words that name what to set. */
  message: z.nullable(z.string()),
  /** What is left today; null where there is no limit, and for who is not signed in. */
  budget: z.nullable(budgetSchema),
});
export type Access = z.infer<typeof accessSchema>;
