import type { ServiceHealth, ServiceName, Usage } from '../../shared/index.ts';
import { type Config, readConfig } from '../config.ts';
import type { HealthSnapshot } from '../health/types.ts';

/** Tests only. The day on which the tests' world stands, before the retirement of claude-sonnet-4-5. */
export const TODAY = Date.parse('2026-11-22T12:00:00Z');

/** Claude direct and the home side, as in scenario 1; `more` overrides settings, '' unsets one. */
export function aConfig(more: Record<string, string> = {}): Config {
  return readConfig({
    ANTHROPIC_API_KEY: 'sk-ant-test',
    LITELLM_ENABLED: 'true',
    LITELLM_PROXY_URL: 'http://127.0.0.1:4000/v1',
    LITELLM_MASTER_KEY: 'sk-home-test',
    OLLAMA_BASE_URL: 'http://127.0.0.1:11434',
    ...more,
  });
}

export function aService(more: Partial<ServiceHealth> = {}): ServiceHealth {
  return {
    status: 'up',
    checked_at: new Date(TODAY).toISOString(),
    latency_ms: 5,
    detail: 'It answers.',
    ...more,
  };
}

/** Everything up; `services` replaces single ones. */
export function aSnapshot(
  config: Config,
  more: Partial<Omit<HealthSnapshot, 'services'>> & {
    services?: Partial<Record<ServiceName, ServiceHealth>>;
  } = {},
): HealthSnapshot {
  return {
    config_hash: config.hash,
    checked_at: new Date(TODAY).toISOString(),
    live_models: [],
    home_model: { state: 'ready', reason: null },
    litellm_refused: null,
    proxy_models: null,
    ...more,
    services: {
      anthropic: aService(),
      litellm: aService({ version: '1.104.2' }),
      ollama: aService(),
      ...more.services,
    },
  };
}

export function aUsage(more: Partial<Usage> = {}): Usage {
  return {
    input_tokens: 0,
    output_tokens: 0,
    cache_read_tokens: null,
    cache_write_tokens: null,
    thinking_tokens: null,
    ...more,
  };
}
