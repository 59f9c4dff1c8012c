import type { HomeState, Model } from '../../shared/index.ts';
import type { Config } from '../config.ts';
import type { HealthSnapshot } from '../health/types.ts';
import { defaultModelId, rebind } from './choose.ts';
import { pricingOf } from './prices.ts';
import type { Registry } from './registry.ts';
import { standingOf } from './status.ts';
import type { ModelEntry } from './types.ts';

/** What a person should know of a home model that can be chosen all the same. */
const HOME_NOTE: Record<HomeState, string | null> = {
  ready: null,
  cold: 'Not in memory at the moment: the first answer waits until Ollama has loaded it.',
  slow: 'The way to it is slow at the moment.',
  model_missing: null,
  ollama_down: null,
  proxy_down: null,
  tunnel_down: null,
  not_allowed: null,
};

/** Only for the model that the probes look at; another one at home has a state that nobody asked for. */
function homeStateOf(
  entry: ModelEntry,
  config: Config,
  health: HealthSnapshot | null,
): HomeState | undefined {
  const isProbed = entry.provider === 'ollama' && entry.upstream_model === config.litellm?.model;
  return isProbed && health !== null ? health.home_model.state : undefined;
}

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
    const homeState = homeStateOf(entry, config, health);
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
      reason: reason ?? (homeState === undefined ? null : HOME_NOTE[homeState]),
      is_default: entry.id === defaultId,
      recommended: entry.is_automatic,
      capabilities: entry.capabilities,
      pricing: pricingOf(entry, now),
      retires_at,
      replaced_by: successor?.id ?? null,
      simulated: config.simulated,
      ...(homeState === undefined ? {} : { home_state: homeState }),
    };
  });
}
