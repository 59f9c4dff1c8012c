import { describe, expect, it } from 'vitest';
import { buildRegistry } from './registry.ts';
import { aConfig } from './test-world.ts';
import { TIERS, tierEntry } from './tiers.ts';

const ALL = [
  'auto',
  'claude-haiku-5-5',
  'claude-sonnet-5-5',
  'claude-opus-5-5',
  'claude-haiku-4-5',
  'claude-sonnet-4-5',
  'claude-opus-4',
  'ollama-qwen2.5',
];

describe('the registry', () => {
  it('knows its eight models, Automatic first', () => {
    const { entries, warnings, fatal } = buildRegistry(aConfig());
    expect([...entries.keys()]).toEqual(ALL);
    expect(warnings).toEqual([]);
    expect(fatal).toEqual([]);
    expect([...entries.values()].every((entry) => entry.enabled)).toBe(true);
  });

  it('sends the ids that the upstreams know', () => {
    const { entries } = buildRegistry(aConfig({ LITELLM_MODEL: 'home-qwen' }));
    expect(Object.fromEntries([...entries].map(([id, entry]) => [id, entry.upstream_model]))).toEqual({
      auto: null,
      'claude-haiku-5-5': 'claude-haiku-5-5',
      'claude-sonnet-5-5': 'claude-sonnet-5-5',
      'claude-opus-5-5': 'claude-opus-5-5',
      'claude-haiku-4-5': 'claude-haiku-4-5-20251001',
      'claude-sonnet-4-5': 'claude-sonnet-4-5-20250929',
      'claude-opus-4': 'claude-opus-4-20250514',
      'ollama-qwen2.5': 'home-qwen',
    });
  });

  it('asks only the models for thinking that take it', () => {
    const { entries } = buildRegistry(aConfig());
    const adaptive = [...entries.values()]
      .filter((entry) => entry.thinking === 'adaptive')
      .map(({ id }) => id);
    expect(adaptive).toEqual(['auto', 'claude-haiku-5-5', 'claude-sonnet-5-5', 'claude-opus-5-5']);
  });

  it('sends Claude direct, and through the proxy in scenario 3', () => {
    const path = (more: Record<string, string>) =>
      buildRegistry(aConfig(more)).entries.get('claude-opus-5-5')?.routing_path;
    expect(path({})).toBe('sdk_direct');
    expect(path({ ALLOW_ANTHROPIC_VIA_LITELLM: 'true' })).toBe('litellm_proxy');
  });

  it('H7: a missing key disables the Claude models, and only those', () => {
    const { entries } = buildRegistry(aConfig({ ANTHROPIC_API_KEY: '' }));
    expect([...entries.values()].filter((entry) => entry.enabled).map(({ id }) => id)).toEqual([
      'ollama-qwen2.5',
    ]);
    expect(entries.get('auto')?.disabled_reason).toContain('ANTHROPIC_API_KEY');
  });

  it('H7: without the home side only the home model is disabled', () => {
    const { entries } = buildRegistry(aConfig({ LITELLM_ENABLED: '' }));
    expect([...entries.values()].filter((entry) => !entry.enabled).map(({ id }) => id)).toEqual([
      'ollama-qwen2.5',
    ]);
  });

  it('warns of defaults and fallbacks that nobody knows', () => {
    const { warnings } = buildRegistry(aConfig({ DEFAULT_MODEL: 'gpt', FALLBACK_MODEL: 'auto' }));
    expect(warnings.map((text) => text.split(' ')[0])).toEqual(['DEFAULT_MODEL', 'FALLBACK_MODEL']);
  });

  it('H7: says so when MODELS leaves nothing to offer', () => {
    const MODELS = JSON.stringify(ALL.map((id) => ({ id, enabled: false })));
    expect(buildRegistry(aConfig({ MODELS })).fatal.join()).toContain('MODELS');
  });

  it('has an entry for each tier, unless it was taken away', () => {
    const all = buildRegistry(aConfig());
    expect(TIERS.map((tier) => tierEntry(all, tier)?.tier)).toEqual(['haiku', 'sonnet', 'opus']);
    const less = buildRegistry(aConfig({ MODELS: '[{"id":"claude-opus-5-5","enabled":false}]' }));
    expect(tierEntry(less, 'opus')).toBeNull();
  });
});
