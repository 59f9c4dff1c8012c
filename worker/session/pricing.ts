import { lastAnswers } from '../archive/messages.ts';
import type { Sql } from '../archive/sql.ts';
import { costUsd } from '../models/prices.ts';
import type { Registry } from '../models/registry.ts';
import { alwaysUsd, previousOf, tierPrice } from '../usage/always.ts';
import type { Pricing } from './live-run.ts';

/** Whether the provider's cache was warm is seen from so many answers before, of which one may not have been given. */
const LOOK_BACK = 3;

/** What an answer cost, and in conversations of Automatic what each tier would have cost. */
export function createPricing(sql: Sql, registry: Registry, now: () => number): Pricing {
  return {
    cost: (entry, usage) => costUsd(entry, usage, now()),
    always: (run, actual, calls) => {
      if (registry.entries.get(run.requested)?.is_automatic !== true) return null;
      return alwaysUsd({
        model: actual.id,
        calls,
        startedAt: run.acceptedAt,
        previous: previousOf(lastAnswers(sql, run.conversation, run.wish.after, LOOK_BACK)),
        price: tierPrice(registry, now()),
      });
    },
  };
}
