import type { Env } from '../env.ts';
import { servicesOf } from '../services.ts';
import { createUsageLine, type UsageLine } from './usage-line.ts';

/**
 * Where answers of this deployment are counted: in its ledger, whether it has a budget or not, and in the dataset
 * `USAGE_ANALYTICS` where one is bound.
 * @param keepAlive keeps whoever records alive until the promise settles
 */
export function deploymentUsage(env: Env, keepAlive: (work: Promise<unknown>) => void): UsageLine {
  return createUsageLine({
    // A stub for each call: one that has broken once stays broken.
    ledger: { recordAnswer: async (one) => env.LEDGER.getByName('ledger').recordAnswer(one) },
    dataset: env.USAGE_ANALYTICS ?? null,
    telemetry: servicesOf(env).telemetry,
    keepAlive,
  });
}
