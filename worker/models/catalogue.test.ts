import { describe, expect, it } from 'vitest';
import { isChoosable, modelSchema } from '../../shared/index.ts';
import { listModels } from './catalogue.ts';
import { buildRegistry } from './registry.ts';
import { aConfig, aService, aSnapshot, TODAY } from './test-world.ts';

function list(
  settings: Record<string, string> = {},
  health: Parameters<typeof aSnapshot>[1] | null = {},
  now = TODAY,
) {
  const config = aConfig(settings);
  return listModels(buildRegistry(config), config, health === null ? null : aSnapshot(config, health), now);
}
const byId = (models: ReturnType<typeof list>, id: string) => models.find((model) => model.id === id);
const DOWN = aService({ status: 'down', detail: 'It sleeps.' });

describe('H1: what can be chosen', () => {
  it('begins with Automatic, marked as default and recommended', () => {
    const choosable = list().filter(isChoosable);
    expect(choosable.map((model) => model.id)).toEqual([
      'auto',
      'claude-haiku-5-5',
      'claude-sonnet-5-5',
      'claude-opus-5-5',
      'claude-haiku-4-5',
      'claude-sonnet-4-5',
      'ollama-qwen2.5',
    ]);
    expect(choosable.filter((model) => model.is_default).map((model) => model.id)).toEqual(['auto']);
    expect(choosable.filter((model) => model.recommended).map((model) => model.id)).toEqual(['auto']);
  });

  it('is what the wire says it is, before the first probe too', () => {
    for (const model of [...list(), ...list({}, null)]) expect(modelSchema.parse(model)).toEqual(model);
  });

  it('has prices, and none for Automatic', () => {
    expect(byId(list(), 'auto')?.pricing).toBeNull();
    expect(byId(list(), 'claude-sonnet-5-5')?.pricing).toEqual({ input_per_mtok: 2, output_per_mtok: 10 });
    expect(byId(list(), 'ollama-qwen2.5')?.pricing).toEqual({ input_per_mtok: 0, output_per_mtok: 0 });
  });

  it('marks what the embedded upstreams answer (CMD5)', () => {
    expect(list({ SIMULATED: 'true' }).every((model) => model.simulated)).toBe(true);
    expect(list().some((model) => model.simulated)).toBe(false);
  });

  it('holds no key, address or host of the configuration', () => {
    const settings = {
      ANTHROPIC_BASE_URL: 'https://upstream.example',
      LITELLM_PROXY_URL: 'https://home.example',
    };
    for (const health of [null, {}, { services: { litellm: DOWN } }]) {
      expect(JSON.stringify(list(settings, health))).not.toMatch(
        /sk-ant-test|sk-home-test|:\/\/|example|127\.0/,
      );
    }
  });
});

describe('H2: what cannot be chosen, and why', () => {
  it('a retired model with its successor', () => {
    expect(byId(list(), 'claude-opus-4')).toMatchObject({
      status: 'retired',
      retires_at: '2026-06-15T00:00:00Z',
      replaced_by: 'claude-opus-5-5',
      reason: expect.stringContaining('claude-opus-5-5'),
    });
  });

  it('a deprecated one with its date, and from that day on retired', () => {
    expect(byId(list(), 'claude-sonnet-4-5')).toMatchObject({
      status: 'deprecated',
      reason: expect.stringContaining('2026-11-30'),
      replaced_by: 'claude-sonnet-5-5',
    });
    expect(byId(list({}, {}, Date.parse('2026-11-30T00:00:00Z')), 'claude-sonnet-4-5')?.status).toBe(
      'retired',
    );
  });

  it('what the live list deprecates', () => {
    const live_models = [
      {
        id: 'claude-haiku-4-5-20251001',
        lifecycle: 'deprecated' as const,
        retires_at: '2027-02-01T00:00:00Z',
      },
    ];
    expect(byId(list({}, { live_models }), 'claude-haiku-4-5')).toMatchObject({
      status: 'deprecated',
      retires_at: '2027-02-01T00:00:00Z',
      replaced_by: 'claude-haiku-5-5',
    });
  });

  it('the home model without its tag', () => {
    const reason = 'Ollama is reachable but does not have the model x.';
    const home_model = { state: 'model_missing', reason } as const;
    expect(byId(list({}, { home_model }), 'ollama-qwen2.5')).toMatchObject({
      status: 'unavailable',
      enabled: true,
      reason,
      home_state: 'model_missing',
    });
  });

  it('Automatic only while a Claude model can answer', () => {
    expect(byId(list({}, { services: { anthropic: DOWN } }), 'auto')).toMatchObject({
      status: 'unavailable',
      reason: 'It sleeps.',
    });
    const MODELS = JSON.stringify(
      ['haiku', 'sonnet', 'opus'].map((tier) => ({ id: `claude-${tier}-5-5`, enabled: false })),
    );
    expect(byId(list({ MODELS }), 'auto')).toMatchObject({ status: 'disabled', enabled: false });
  });

  it('what the configuration has off, and then another default', () => {
    const models = list({ ANTHROPIC_API_KEY: '' });
    expect(byId(models, 'auto')).toMatchObject({ status: 'disabled', enabled: false, is_default: false });
    expect(byId(models, 'ollama-qwen2.5')).toMatchObject({ status: 'available', is_default: true });
  });

  it('marks the effective default where the one that was set is gone', () => {
    const isDefault = (DEFAULT_MODEL: string) =>
      list({ DEFAULT_MODEL }).find((model) => model.is_default)?.id;
    expect(isDefault('claude-haiku-4-5')).toBe('claude-haiku-4-5');
    expect(isDefault('claude-opus-4')).toBe('claude-opus-5-5');
    expect(isDefault('nobody')).toBe('auto');
  });
});
