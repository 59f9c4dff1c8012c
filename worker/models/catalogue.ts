import type { Model } from '../../shared/index.ts';
import type { Config } from '../config.ts';
import type { HealthSnapshot } from '../health/types.ts';
import { defaultModelId, rebind } from './choose.ts';
import { pricingOf } from './prices.ts';
import type { Registry } from './registry.ts';
import { standingOf } from './status.ts';

/**
 * Every registered model as the wire tells it (CONTRACT H2; H1 and S10's choosable ones are its `isChoosable`
 * part), Automatic first. Nothing in it comes from an upstream's text, and no address or key can get into it.
 * @param health null: nothing was asked yet; what is configured counts as up
 * @param now milliseconds since the epoch
 */
export function listModels(
  registry: Registry,
  config: Config,
  health: HealthSnapshot | null,
  now: number,
): Model[] {
  const effective = rebind(registry, config, health, defaultModelId(registry, config), now);
  const defaultId = 'entry' in effective ? effective.entry.id : null;
  return [...registry.entries.values()].map((entry) => {
    const { status, reason, retires_at, successor } = standingOf(registry, config, health, entry, now);
    return {
      id: entry.id,
      name: entry.name,
      provider: entry.provider,
      description: entry.description,
      context_length: entry.context_length,
      routing_path: entry.routing_path,
      is_automatic: entry.is_automatic,
      enabled: status !== 'disabled',
      status,
      reason,
      is_default: entry.id === defaultId,
      recommended: entry.is_automatic,
      capabilities: entry.capabilities,
      pricing: pricingOf(entry, now),
      retires_at,
      replaced_by: successor?.id ?? null,
      simulated: config.simulated,
    };
  });
}
