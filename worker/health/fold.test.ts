import { describe, expect, it } from 'vitest';
import { healthSchema } from '../../shared/index.ts';
import { listModels } from '../models/catalogue.ts';
import { buildRegistry } from '../models/registry.ts';
import { aConfig, TODAY } from '../models/test-world.ts';
import { foldRound, toHealth } from './fold.ts';
import type { AnthropicProbe, LitellmProbe, OllamaProbe, Round } from './probes.ts';

const anthropicUp: AnthropicProbe = { isUp: true, latency_ms: 9, detail: 'Claude answers.', live_models: [] };
const litellmUp: LitellmProbe = {
  isUp: true,
  latency_ms: 9,
  detail: 'LiteLLM answers.',
  models: ['ollama-qwen2.5'],
  version: '1.104.2',
};
const ollamaUp: OllamaProbe = {
  isUp: true,
  latency_ms: 9,
  detail: 'Ollama answers.',
  hasModel: true,
  isLoaded: true,
};
const down = { isUp: false, detail: 'It is broken.' };

function fold(round: Partial<Round> = {}, settings: Record<string, string> = {}) {
  const config = aConfig(settings);
  const snapshot = foldRound(
    { anthropic: anthropicUp, litellm: litellmUp, ollama: ollamaUp, ...round },
    config,
    TODAY,
  );
  const health = toHealth(snapshot, config, buildRegistry(config), TODAY);
  expect(healthSchema.parse(health)).toEqual(health);
  return { snapshot, health, statuses: Object.values(health.services).map((service) => service.status) };
}

describe('H3: the three services', () => {
  it('all well is ok', () => {
    const { snapshot, health, statuses } = fold();
    expect(statuses).toEqual(['up', 'up', 'up']);
    expect(health).toMatchObject({ status: 'ok', warnings: [] });
    expect(health.services.litellm).toEqual({
      status: 'up',
      checked_at: '2026-11-22T12:00:00.000Z',
      latency_ms: 9,
      detail: 'LiteLLM answers.',
      version: '1.104.2',
    });
    expect(snapshot.home_model.reason).toBeNull();
  });

  it('is degraded while something that was meant to work does not, and down when nothing can answer', () => {
    expect(fold({ anthropic: { ...anthropicUp, ...down } }).health.status).toBe('degraded');
    expect(fold({ litellm: { ...litellmUp, ...down } }).health.status).toBe('degraded');
    expect(fold({ ollama: { ...ollamaUp, ...down } }).health.status).toBe('degraded');
    const both = { anthropic: { ...anthropicUp, ...down }, litellm: { ...litellmUp, ...down } };
    expect(fold(both).health.status).toBe('down');
  });

  it('has off apart from not complete', () => {
    const nothing = { litellm: null, ollama: null };
    expect(fold(nothing, { LITELLM_ENABLED: 'false' })).toMatchObject({
      statuses: ['up', 'disabled', 'disabled'],
      health: { status: 'ok' },
    });
    expect(fold(nothing, { LITELLM_ENABLED: 'false', OLLAMA_BASE_URL: '' }).statuses).toEqual([
      'up',
      'disabled',
      'unconfigured',
    ]);
    const half = fold(nothing, { LITELLM_MASTER_KEY: '' });
    expect(half.statuses).toEqual(['up', 'unconfigured', 'unconfigured']);
    expect(half.health.status).toBe('degraded');
    expect(half.health.warnings.join()).toContain('LITELLM_MASTER_KEY');
    expect(half.health.services.litellm.checked_at).toBeNull();
  });

  it('is ok at home alone', () => {
    const home = fold({ anthropic: null }, { ANTHROPIC_API_KEY: '' });
    expect(home.statuses).toEqual(['unconfigured', 'up', 'up']);
    expect(home.health.status).toBe('ok');
    expect(home.health.warnings.join()).toContain('ANTHROPIC_API_KEY');
  });

  it('lists the warnings of settings and registry', () => {
    const { warnings } = fold({}, { LOG_LEVEL: 'x', MODELS: '[{}]' }).health;
    expect(warnings.join()).toContain('LOG_LEVEL');
    expect(warnings.join()).toContain('MODELS[0]');
  });

  it('counts what is configured as up before the first probe', () => {
    const config = aConfig();
    const health = toHealth(null, config, buildRegistry(config), TODAY);
    expect(health.status).toBe('ok');
    expect(Object.values(health.services).map(({ status, checked_at }) => [status, checked_at])).toEqual([
      ['up', null],
      ['up', null],
      ['up', null],
    ]);
    expect(health.warnings).toEqual([]);
  });
});

describe('the home model', () => {
  it('is missing where LiteLLM does not list it', () => {
    const { snapshot, health } = fold({ litellm: { ...litellmUp, models: ['other'] } });
    expect(snapshot.home_model.reason).toContain('ollama-qwen2.5');
    expect(health.status).toBe('degraded');
    expect(health.warnings).toContain(snapshot.home_model.reason);
  });

  it.each([null, ['ollama-qwen2.5'], ['*'], ['ollama-*']])('is there by a list of %j', (models) => {
    expect(fold({ litellm: { ...litellmUp, models } }).snapshot.home_model.reason).toBeNull();
  });

  it('is missing where Ollama does not have it, or is down', () => {
    const detail = 'Ollama is reachable but does not have the model x.';
    expect(fold({ ollama: { ...ollamaUp, hasModel: false, detail } })).toMatchObject({
      snapshot: { home_model: { state: 'model_missing', reason: detail } },
      statuses: ['up', 'up', 'up'],
      health: { status: 'degraded' },
    });
    expect(fold({ ollama: { ...ollamaUp, ...down } }).snapshot.home_model.reason).toBe('It is broken.');
  });

  it('is judged through LiteLLM alone without an address of Ollama', () => {
    const { snapshot, health } = fold({ ollama: null }, { OLLAMA_BASE_URL: '' });
    expect(snapshot.home_model.reason).toBeNull();
    expect(health).toMatchObject({ status: 'ok', services: { ollama: { status: 'unconfigured' } } });
  });
});

describe('the version of LiteLLM', () => {
  const withVersion = (version: string | null, settings = {}) =>
    fold({ litellm: { ...litellmUp, version } }, settings);

  it.each(['1.83.0', '1.82.7', '1.82.8'])('%s is not used', (version) => {
    const { snapshot, health } = withVersion(version);
    expect(snapshot.litellm_refused).toContain(version);
    expect(snapshot.home_model.reason).toBe(snapshot.litellm_refused);
    expect(health).toMatchObject({ status: 'degraded', services: { litellm: { status: 'down', version } } });
    expect(health.warnings).toContain(snapshot.litellm_refused);
  });

  it('has a floor that can be set, but not for the malicious ones', () => {
    expect(withVersion('1.83.0', { LITELLM_MIN_VERSION: '1.80.0' }).snapshot.litellm_refused).toBeNull();
    expect(withVersion('1.82.7', { LITELLM_MIN_VERSION: '1.80.0' }).snapshot.litellm_refused).not.toBeNull();
  });

  it('unknown passes with a warning', () => {
    const { snapshot, health } = withVersion(null);
    expect(snapshot.litellm_refused).toBeNull();
    expect(health.status).toBe('ok');
    expect(health.warnings.join()).toContain('LITELLM_MIN_VERSION');
  });
});

describe('scenario 3: Claude is what the proxy makes of it', () => {
  const settings = { ALLOW_ANTHROPIC_VIA_LITELLM: 'true', ANTHROPIC_API_KEY: '' };
  const through = (litellm: LitellmProbe) =>
    fold({ anthropic: null, litellm }, settings).snapshot.services.anthropic.status;

  it('up where Claude is listed, by name or wildcard, or the list is closed', () => {
    expect(through({ ...litellmUp, models: ['claude-opus-5-5'] })).toBe('up');
    expect(through({ ...litellmUp, models: ['*'] })).toBe('up');
    expect(through({ ...litellmUp, models: null })).toBe('up');
  });

  it('each model by itself: one that is not listed cannot be chosen', () => {
    const config = aConfig(settings);
    const round = {
      anthropic: null,
      litellm: { ...litellmUp, models: ['claude-haiku-5-5'] },
      ollama: ollamaUp,
    };
    const models = listModels(buildRegistry(config), config, foldRound(round, config, TODAY), TODAY);
    const of = (id: string) => models.find((model) => model.id === id);
    expect(of('claude-haiku-5-5')?.status).toBe('available');
    expect(of('auto')?.status).toBe('available');
    expect(of('claude-opus-5-5')).toMatchObject({
      status: 'unavailable',
      reason: "LiteLLM does not list the model claude-opus-5-5: add it to LiteLLM's model_list.",
    });
  });

  it('down where it is not, or the proxy is down or must not be used', () => {
    expect(through(litellmUp)).toBe('down');
    expect(through({ ...litellmUp, ...down })).toBe('down');
    expect(through({ ...litellmUp, models: ['claude-opus-5-5'], version: '1.82.8' })).toBe('down');
  });
});
