import type { Env } from '../env.ts';
import { costUsd } from '../models/prices.ts';
import { servicesOf } from '../services.ts';
import type { Timers } from '../session/ticker.ts';
import { createTill, type LedgerLine, type Till } from './till.ts';

const timers: Timers = {
  set: (run, ms) => setTimeout(run, ms),
  clear: (handle) => clearTimeout(handle as number),
};

/** The one ledger of a deployment. A stub for each call: one that has broken once stays broken. */
function ledgerLine(env: Env): LedgerLine {
  const ledger = () => env.LEDGER.getByName('ledger');
  return {
    reserve: async (id, call, limits, ttlMs) => ledger().reserve(id, call, limits, ttlMs),
    settle: async (id, nanos) => ledger().settle(id, nanos),
    look: async (limits) => ledger().look(limits),
  };
}

/**
 * The till of this deployment, with the limits of its settings.
 * @param keepAlive keeps whoever asks alive until the promise settles
 */
export function deploymentTill(env: Env, keepAlive: (work: Promise<unknown>) => void): Till {
  const { config, telemetry, now } = servicesOf(env);
  return createTill({
    ledger: ledgerLine(env),
    budgets: config.budgets,
    runMs: config.limits.runMs,
    cost: (entry, usage) => costUsd(entry, usage, now()),
    telemetry,
    now,
    newId: () => crypto.randomUUID(),
    timers,
    keepAlive,
  });
}
