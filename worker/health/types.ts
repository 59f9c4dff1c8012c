import type { ServiceHealth, ServiceName } from '../../shared/index.ts';
import type { HomeModel } from './home-model.ts';

/** Lifecycle of one model as the provider's live list tells it (`GET /v1/models`). */
export type LiveModel = {
  id: string;
  lifecycle: 'active' | 'deprecated' | 'retired';
  /** ISO 8601 or null. */
  retires_at: string | null;
};

/**
 * The folded result of one round of probes: what is cached in memory and KV.
 * `config_hash` makes sure that a changed configuration never sees the health of the old one.
 */
export type HealthSnapshot = {
  config_hash: string;
  /** ISO 8601; the age is judged by whoever reads it. */
  checked_at: string;
  services: Record<ServiceName, ServiceHealth>;
  /** Empty when the live list could not be had: then the built-in table speaks. */
  live_models: LiveModel[];
  /** How the home model is, and why it cannot answer although the services may be up. */
  home_model: HomeModel;
  /**
   * Why LiteLLM's version is not used at all (too old, or malicious); null when it may be. Unlike a service
   * that is merely down it disables what goes through LiteLLM.
   */
  litellm_refused: string | null;
  /** What the proxy lists, by name; null where that could not be seen. A name may hold a wildcard. */
  proxy_models: string[] | null;
};
