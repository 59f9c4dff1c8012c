import { describe, expect, it } from 'vitest';
import type { HealthSnapshot } from '../health/types.ts';
import { choose, defaultModelId, rebind } from './choose.ts';
import { buildRegistry } from './registry.ts';
import { usableTiers } from './status.ts';
import { aConfig, aService, aSnapshot, TODAY } from './test-world.ts';

type Ask = typeof choose;
function world(settings: Record<string, string> = {}, health: Parameters<typeof aSnapshot>[1] | null = {}) {
  const config = aConfig(settings);
  const registry = buildRegistry(config);
  const snapshot: HealthSnapshot | null = health === null ? null : aSnapshot(config, health);
  const ask = (how: Ask, id: string, now = TODAY) => {
    const choice = how(registry, config, snapshot, id, now);
    return 'entry' in choice ? { ...choice, entry: choice.entry.id } : choice;
  };
  return {
    config,
    registry,
    snapshot,
    choose: (id: string, now?: number) => ask(choose, id, now),
    rebind: (id: string, now?: number) => ask(rebind, id, now),
  };
}
const DOWN = aService({ status: 'down', detail: 'It sleeps.' });
const AFTER = Date.parse('2026-12-01T00:00:00Z');

describe('R6: choosing', () => {
  it('takes what is available, and what was not asked yet', () => {
    expect(world().choose('claude-opus-5-5')).toEqual({ kind: 'ok', entry: 'claude-opus-5-5' });
    expect(world({}, null).choose('ollama-qwen2.5')).toEqual({ kind: 'ok', entry: 'ollama-qwen2.5' });
  });

  it('names the allowed ids for an unknown one', () => {
    const choice = world({ LITELLM_ENABLED: '' }).choose('gpt-9');
    expect(choice).toEqual({
      kind: 'unknown',
      allowed: [
        'auto',
        'claude-haiku-5-5',
        'claude-sonnet-5-5',
        'claude-opus-5-5',
        'claude-haiku-4-5',
        'claude-sonnet-4-5',
      ],
    });
  });

  it.each(['__proto__', 'constructor', 'AUTO', ''])('knows no "%s"', (id) => {
    expect(world().choose(id).kind).toBe('unknown');
  });

  it('refuses a disabled model with the reason', () => {
    expect(world({ LITELLM_ENABLED: '' }).choose('ollama-qwen2.5')).toMatchObject({
      kind: 'unavailable',
      reason: expect.stringContaining('LITELLM_ENABLED'),
    });
  });

  it('refuses a model whose service is down with its sentence', () => {
    const claudeDown = world({}, { services: { anthropic: DOWN } });
    expect(claudeDown.choose('claude-haiku-5-5')).toEqual({ kind: 'unavailable', reason: 'It sleeps.' });
    expect(claudeDown.choose('auto')).toEqual({ kind: 'unavailable', reason: 'It sleeps.' });
    expect(claudeDown.choose('ollama-qwen2.5').kind).toBe('ok');
    const homeDown = world({}, { services: { litellm: DOWN } });
    expect(homeDown.choose('ollama-qwen2.5')).toEqual({ kind: 'unavailable', reason: 'It sleeps.' });
    expect(homeDown.choose('auto').kind).toBe('ok');
  });

  it('refuses the home model alone for want of its tag', () => {
    const MODELS = '[{"id":"llama","provider":"ollama","litellm_model":"llama"}]';
    const { choose } = world({ MODELS }, { home_model: { state: 'model_missing', reason: 'No such tag.' } });
    expect(choose('ollama-qwen2.5')).toEqual({ kind: 'unavailable', reason: 'No such tag.' });
    expect(choose('llama').kind).toBe('ok');
  });

  it('switches a retired model to its successor and says so', () => {
    expect(world().choose('claude-opus-4')).toMatchObject({
      kind: 'replaced',
      entry: 'claude-opus-5-5',
      requested: 'claude-opus-4',
      reason: expect.stringContaining('2026-06-15'),
    });
    expect(world().choose('claude-sonnet-4-5').kind).toBe('ok');
    expect(world().choose('claude-sonnet-4-5', AFTER)).toMatchObject({
      kind: 'replaced',
      entry: 'claude-sonnet-5-5',
    });
  });

  it('refuses a retired model whose successor cannot be chosen', () => {
    const MODELS = '[{"id":"claude-opus-5-5","enabled":false}]';
    expect(world({ MODELS }).choose('claude-opus-4')).toMatchObject({
      kind: 'unavailable',
      reason: expect.stringContaining('MODELS'),
    });
    expect(world({}, { services: { anthropic: DOWN } }).choose('claude-opus-4').kind).toBe('unavailable');
  });

  it('offers nothing through a LiteLLM that must not be used', () => {
    const { choose, rebind } = world({}, { litellm_refused: 'Too old.' });
    expect(choose('ollama-qwen2.5')).toEqual({ kind: 'unavailable', reason: 'Too old.' });
    expect(choose('auto').kind).toBe('ok');
    expect(rebind('ollama-qwen2.5')).toMatchObject({ kind: 'replaced', entry: 'auto' });
    const all = world({ ALLOW_ANTHROPIC_VIA_LITELLM: 'true' }, { litellm_refused: 'Too old.' });
    expect(all.choose('auto').kind).toBe('unavailable');
  });
});

describe('R6: a returning session or a default', () => {
  it('keeps what is merely down', () => {
    expect(world({}, { services: { litellm: DOWN } }).rebind('ollama-qwen2.5').kind).toBe('ok');
    expect(world({}, { services: { anthropic: DOWN } }).rebind('auto').kind).toBe('ok');
  });

  it('moves from a retired model to its successor, even if that is down', () => {
    expect(world({}, { services: { anthropic: DOWN } }).rebind('claude-opus-4')).toMatchObject({
      kind: 'replaced',
      entry: 'claude-opus-5-5',
    });
  });

  it('moves from an unknown or disabled model to Automatic', () => {
    expect(world().rebind('gone')).toMatchObject({ kind: 'replaced', entry: 'auto', requested: 'gone' });
    expect(world({ LITELLM_ENABLED: '' }).rebind('ollama-qwen2.5')).toMatchObject({
      kind: 'replaced',
      entry: 'auto',
    });
  });

  it('moves to the first model that is left where Automatic is not', () => {
    expect(world({ ANTHROPIC_API_KEY: '' }).rebind('auto')).toMatchObject({
      kind: 'replaced',
      entry: 'ollama-qwen2.5',
    });
    const MODELS = '[{"id":"auto","enabled":false}]';
    expect(world({ MODELS }).rebind('gone')).toMatchObject({ kind: 'replaced', entry: 'claude-haiku-5-5' });
  });

  it('says what is missing where nothing is left', () => {
    const nothing = world({ ANTHROPIC_API_KEY: '', LITELLM_ENABLED: '' });
    expect(nothing.rebind('auto')).toMatchObject({
      kind: 'unavailable',
      reason: expect.stringContaining('ANTHROPIC_API_KEY'),
    });
  });
});

describe('the default', () => {
  const of = (settings: Record<string, string>) => {
    const { registry, config } = world(settings);
    return defaultModelId(registry, config);
  };
  it('is what was set, else Automatic, else the home model', () => {
    expect(of({ DEFAULT_MODEL: 'claude-haiku-4-5' })).toBe('claude-haiku-4-5');
    expect(of({ DEFAULT_MODEL: 'auto' })).toBe('auto');
    expect(of({})).toBe('auto');
    expect(of({ ANTHROPIC_API_KEY: '' })).toBe('ollama-qwen2.5');
  });
});

describe('the tiers of Automatic', () => {
  const tiers = (settings: Record<string, string>, health: Parameters<typeof aSnapshot>[1]) => {
    const { registry, config, snapshot } = world(settings, health);
    return usableTiers(registry, config, snapshot, TODAY).map(({ tier, entry }) => `${tier}=${entry.id}`);
  };
  const retired = (id: string) => ({ id, lifecycle: 'retired' as const, retires_at: null });

  it('leave out what was taken away or retired, and take a successor in', () => {
    expect(tiers({}, {})).toEqual([
      'haiku=claude-haiku-5-5',
      'sonnet=claude-sonnet-5-5',
      'opus=claude-opus-5-5',
    ]);
    expect(tiers({}, { live_models: [retired('claude-haiku-5-5')] })).toEqual([
      'sonnet=claude-sonnet-5-5',
      'opus=claude-opus-5-5',
    ]);
    const MODELS =
      '[{"id":"h6","provider":"anthropic","upstream_model":"claude-haiku-6"},{"id":"claude-haiku-5-5","replaced_by":"h6"}]';
    expect(tiers({ MODELS }, { live_models: [retired('claude-haiku-5-5')] })[0]).toBe('haiku=h6');
  });

  it('never lead to Automatic itself, nor home', () => {
    const MODELS =
      '[{"id":"claude-haiku-5-5","replaced_by":"auto"},{"id":"claude-opus-5-5","replaced_by":"ollama-qwen2.5"}]';
    const live_models = ['claude-haiku-5-5', 'claude-opus-5-5'].map(retired);
    expect(tiers({ MODELS }, { live_models })).toEqual(['sonnet=claude-sonnet-5-5']);
  });
});
