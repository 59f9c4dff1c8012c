import {
  type Health,
  isChoosable,
  SERVICES,
  type ServiceHealth,
  type ToolServer,
} from '../../shared/index.ts';
import type { Config } from '../config.ts';
import type { Registry } from '../models/registry.ts';
import { standingOf } from '../models/status.ts';
import { homeModel } from './home-model.ts';
import type { LitellmProbe, Round } from './probes.ts';
import type { HealthSnapshot } from './types.ts';
import { parseVersion, versionRefusal } from './version.ts';

function notAsked(status: 'disabled' | 'unconfigured', detail: string): ServiceHealth {
  return { status, checked_at: null, latency_ms: null, detail };
}

function asked(
  found: { isUp: boolean; latency_ms: number | null; detail: string },
  checkedAt: string,
  version?: string | null,
): ServiceHealth {
  const { isUp, latency_ms, detail } = found;
  const health: ServiceHealth = { status: isUp ? 'up' : 'down', checked_at: checkedAt, latency_ms, detail };
  return version == null ? health : { ...health, version };
}

/** A wildcard of LiteLLM (`anthropic/*`) offers every Claude model without naming one. */
function offersClaude(models: readonly string[]): boolean {
  return models.some((id) => /claude|\*/i.test(id));
}

/** Scenario 3: Claude is what the proxy makes of it. */
function claudeThroughProxy(litellm: LitellmProbe, refused: string | null, checkedAt: string): ServiceHealth {
  if (refused !== null || !litellm.isUp) {
    return asked({ ...litellm, isUp: false, detail: refused ?? litellm.detail }, checkedAt);
  }
  if (litellm.models !== null && !offersClaude(litellm.models)) {
    const detail = 'LiteLLM answers but lists no Claude model: add the Claude models to its configuration.';
    return asked({ ...litellm, isUp: false, detail }, checkedAt);
  }
  return asked({ ...litellm, detail: 'Claude is offered by LiteLLM.' }, checkedAt);
}

function anthropicHealth(
  round: Round,
  config: Config,
  refused: string | null,
  checkedAt: string,
): ServiceHealth {
  if (round.anthropic !== null) return asked(round.anthropic, checkedAt);
  const { anthropic } = config;
  if (anthropic?.routingPath === 'litellm_proxy' && round.litellm !== null) {
    return claudeThroughProxy(round.litellm, refused, checkedAt);
  }
  return notAsked('unconfigured', config.anthropicOffReason ?? 'Claude was not asked.');
}

function litellmHealth(
  round: Round,
  config: Config,
  refused: string | null,
  checkedAt: string,
): ServiceHealth {
  const { litellm } = round;
  if (litellm !== null) {
    // A proxy that must not be used is no better than none, whatever it answers.
    const found = refused === null ? litellm : { ...litellm, isUp: false, detail: refused };
    return asked(found, checkedAt, litellm.version);
  }
  return config.litellmEnabled
    ? notAsked('unconfigured', config.litellmOffReason ?? 'LiteLLM was not asked.')
    : notAsked('disabled', 'LiteLLM is switched off (LITELLM_ENABLED).');
}

function ollamaHealth(round: Round, config: Config, checkedAt: string): ServiceHealth {
  if (round.ollama !== null) return asked(round.ollama, checkedAt);
  if (config.ollama.baseUrl === null) {
    return notAsked(
      'unconfigured',
      config.litellmEnabled
        ? 'OLLAMA_BASE_URL is not set: the home model is judged through LiteLLM alone.'
        : 'OLLAMA_BASE_URL is not set.',
    );
  }
  return config.litellmEnabled
    ? notAsked('unconfigured', config.litellmOffReason ?? 'Ollama was not asked.')
    : notAsked('disabled', 'The home side is switched off (LITELLM_ENABLED).');
}

/**
 * What a round of probes comes to. Pure.
 * @param now milliseconds since the epoch: when the round ended
 */
export function foldRound(round: Round, config: Config, now: number): HealthSnapshot {
  const checkedAt = new Date(now).toISOString();
  const version = round.litellm?.version == null ? null : parseVersion(round.litellm.version);
  const refused = config.litellm === null ? null : versionRefusal(version, config.litellm.minVersion);
  return {
    config_hash: config.hash,
    checked_at: checkedAt,
    services: {
      anthropic: anthropicHealth(round, config, refused, checkedAt),
      litellm: litellmHealth(round, config, refused, checkedAt),
      ollama: ollamaHealth(round, config, checkedAt),
    },
    live_models: round.anthropic?.live_models ?? [],
    home_model: homeModel(round, refused, config),
    litellm_refused: refused,
    proxy_models: round.litellm?.models ?? null,
  };
}

/** The snapshot of a configuration of which nothing was asked yet: what is configured counts as up. */
function unasked(config: Config, now: number): HealthSnapshot {
  const detail = 'Not asked yet.';
  const snapshot = foldRound({ anthropic: null, litellm: null, ollama: null }, config, now);
  const services = { ...snapshot.services };
  const pending: ServiceHealth = { status: 'up', checked_at: null, latency_ms: null, detail };
  if (config.anthropic !== null) services.anthropic = pending;
  if (config.litellm !== null) services.litellm = pending;
  if (config.litellm !== null && config.ollama.baseUrl !== null) services.ollama = pending;
  return { ...snapshot, services };
}

/** What the services tell beyond what the settings tell. */
function liveWarnings(snapshot: HealthSnapshot, config: Config): string[] {
  if (config.litellm === null) return [];
  const { litellm } = snapshot.services;
  const warnings: string[] = [];
  if (snapshot.home_model.reason !== null) warnings.push(snapshot.home_model.reason);
  if (litellm.status === 'up' && litellm.checked_at !== null && litellm.version === undefined) {
    warnings.push(
      `The version of LiteLLM is not known, so it could not be compared with ${config.litellm.minVersion} (LITELLM_MIN_VERSION).`,
    );
  }
  return warnings;
}

/** Settings that name a model which cannot be asked any more: another one stands in for it. */
function goneModels(
  snapshot: HealthSnapshot | null,
  config: Config,
  registry: Registry,
  now: number,
): string[] {
  const named = { DEFAULT_MODEL: config.defaultModel, FALLBACK_MODEL: config.fallbackModel };
  return Object.entries(named).flatMap(([setting, id]) => {
    const entry = id === null ? undefined : registry.entries.get(id);
    if (entry === undefined) return [];
    const { status, reason } = standingOf(registry, config, snapshot, entry, now);
    const isGone =
      status === 'retired' ||
      (status === 'disabled' && (entry.provider !== 'anthropic' || config.anthropic !== null));
    return isGone
      ? [`${setting} names a model that cannot be used: ${reason ?? entry.name} Another one stands in.`]
      : [];
  });
}

/**
 * The body of `GET /health` (CONTRACT H3). `down` (HTTP 503): no model can answer. `degraded`: something that was
 * meant to work does not. A home side that is switched off, or a chat without Claude, is `ok`.
 * @param snapshot null: nothing was asked yet
 * @param now milliseconds since the epoch
 * @param toolServers what is known of those that are set
 */
export function toHealth(
  snapshot: HealthSnapshot | null,
  config: Config,
  registry: Registry,
  now: number,
  toolServers: ToolServer[] = [],
): Health {
  const known = snapshot ?? unasked(config, now);
  const canAnswer = [...registry.entries.values()].some((entry) =>
    isChoosable(standingOf(registry, config, snapshot, entry, now)),
  );
  const isImpaired =
    SERVICES.some((name) => known.services[name].status === 'down') ||
    known.services.litellm.status === 'unconfigured' ||
    toolServers.some(({ status }) => status === 'down') ||
    (config.litellm !== null && known.home_model.reason !== null);
  const warnings = [
    ...config.warnings,
    ...registry.warnings,
    ...goneModels(snapshot, config, registry, now),
    ...liveWarnings(known, config),
  ];
  return {
    status: canAnswer ? (isImpaired ? 'degraded' : 'ok') : 'down',
    services: known.services,
    warnings: [...new Set(warnings)],
    ...(toolServers.length === 0 ? {} : { tool_servers: toolServers }),
  };
}
