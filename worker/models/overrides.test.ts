import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildRegistry } from './registry.ts';
import { aConfig } from './test-world.ts';

function build(models: unknown, more: Record<string, string> = {}) {
  return buildRegistry(
    aConfig({ ...more, MODELS: typeof models === 'string' ? models : JSON.stringify(models) }),
  );
}

describe('MODELS', () => {
  it('overrides a known id field by field', () => {
    const { entries, warnings } = build([
      { id: 'claude-haiku-4-5', name: 'Old Haiku', max_output_tokens: 500, capabilities: { images: false } },
    ]);
    expect(warnings).toEqual([]);
    expect(entries.get('claude-haiku-4-5')).toMatchObject({
      name: 'Old Haiku',
      max_output_tokens: 500,
      context_length: 200_000,
      upstream_model: 'claude-haiku-4-5-20251001',
      capabilities: { thinking: false, tools: true, images: false },
    });
  });

  it('takes a model away', () => {
    const entry = build([{ id: 'claude-haiku-4-5', enabled: false }]).entries.get('claude-haiku-4-5');
    expect(entry).toMatchObject({ enabled: false });
    expect(entry?.disabled_reason).toContain('MODELS');
  });

  it('cannot switch on what the configuration has off', () => {
    const { entries } = build([{ id: 'auto', enabled: true }], { ANTHROPIC_API_KEY: '' });
    expect(entries.get('auto')?.enabled).toBe(false);
  });

  it('adds a model of Claude and one at home, with defaults', () => {
    const { entries, warnings } = build([
      { id: 'fable', provider: 'anthropic', upstream_model: 'claude-fable-5-2', thinking: 'adaptive' },
      { id: 'ollama-llama', provider: 'ollama', litellm_model: 'llama' },
    ]);
    expect(warnings).toEqual([]);
    expect([...entries.keys()].slice(-2)).toEqual(['fable', 'ollama-llama']);
    expect(entries.get('fable')).toMatchObject({
      name: 'fable',
      routing_path: 'sdk_direct',
      context_length: 200_000,
      max_output_tokens: 16_000,
      capabilities: { thinking: true, tools: true, images: true },
      rates: null,
      tier: null,
    });
    expect(entries.get('ollama-llama')).toMatchObject({
      routing_path: 'litellm_proxy',
      upstream_model: 'llama',
      context_length: 8_192,
      max_output_tokens: 2_048,
      thinking: 'none',
    });
  });

  it('fills the prices of the cache from the two main ones', () => {
    const pricing = { input_per_mtok: 2, output_per_mtok: 8 };
    const { entries } = build([{ id: 'claude-opus-5-5', pricing }]);
    expect(entries.get('claude-opus-5-5')?.rates).toEqual({
      input: 2,
      output: 8,
      cache_read: 0.2,
      cache_write: 2.5,
    });
  });

  const good = { id: 'x', provider: 'ollama', litellm_model: 'x' };
  it.each([
    ['no object', 'text', 'entry'],
    ['no id', { name: 'x' }, 'id'],
    ['an id of another type', { id: 7 }, 'id'],
    ['an id with a path', { ...good, id: '../x' }, 'id'],
    ['an id that is a key', { ...good, id: 'sk-12345678' }, 'id'],
    ['no provider', { id: 'x', upstream_model: 'x' }, 'provider'],
    ['an unknown provider', { ...good, provider: 'openai' }, 'provider'],
    ['another provider', { id: 'claude-opus-5-5', provider: 'ollama' }, 'provider'],
    ['no upstream', { id: 'x', provider: 'anthropic' }, 'upstream_model'],
    ['no model_name', { id: 'x', provider: 'ollama' }, 'litellm_model'],
    ['a model_name for Claude', { id: 'claude-opus-5-5', litellm_model: 'x' }, 'litellm_model'],
    ['an upstream with blanks', { ...good, upstream_model: 'a b' }, 'upstream_model'],
    ['a name of another type', { ...good, name: 7 }, 'name'],
    ['an empty name', { ...good, name: ' ' }, 'name'],
    ['a key in the name', { ...good, name: 'with sk-abcdefgh1234' }, 'name'],
    ['an address in the description', { ...good, description: 'at http://10.0.0.7' }, 'description'],
    ['a context of nothing', { ...good, context_length: 0 }, 'context_length'],
    ['a context of text', { ...good, context_length: '8192' }, 'context_length'],
    ['an answer as long as the context', { ...good, max_output_tokens: 8_192 }, 'max_output_tokens'],
    ['a switch of text', { ...good, enabled: 'false' }, 'enabled'],
    ['thinking at home', { ...good, thinking: 'adaptive' }, 'thinking'],
    [
      'a negative price',
      { ...good, pricing: { input_per_mtok: -1, output_per_mtok: 1 } },
      'pricing.input_per_mtok',
    ],
    ['half a price', { ...good, pricing: { input_per_mtok: 1 } }, 'pricing.output_per_mtok'],
    ['no date', { ...good, retires_at: 'soon' }, 'retires_at'],
    ['thinking of Automatic', { id: 'auto', thinking: 'none' }, 'thinking'],
  ])('names index, id and field of a faulty entry and leaves it out: %s', (_what, entry, field) => {
    const before = build([]).entries;
    const { entries, warnings } = build([{ id: 'claude-opus-4', name: 'Still taken' }, entry]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('MODELS[1]');
    expect(warnings[0]).toContain(`"${field}"`);
    expect(entries.get('claude-opus-4')?.name).toBe('Still taken');
    expect(entries.size).toBe(before.size);
    expect(entries.get('auto')).toEqual(before.get('auto'));
    expect(entries.get('claude-opus-5-5')).toEqual(before.get('claude-opus-5-5'));
  });

  it('names the id where it is well-formed', () => {
    expect(build([{ ...good, enabled: 1 }]).warnings[0]).toContain('MODELS[0] ("x")');
  });

  it('takes an id once', () => {
    const { entries, warnings } = build([
      { ...good, name: 'first' },
      { ...good, name: 'second' },
    ]);
    expect(entries.get('x')?.name).toBe('first');
    expect(warnings[0]).toContain('MODELS[1] ("x")');
  });

  it('cannot change the way to a model, and says that it did not', () => {
    const { entries, warnings } = build([
      { id: 'claude-opus-5-5', routing_path: 'litellm_proxy', tier: 'haiku' },
    ]);
    expect(entries.get('claude-opus-5-5')).toMatchObject({ routing_path: 'sdk_direct', tier: 'opus' });
    expect(warnings[0]).toContain('MODELS[0]');
  });

  it('drops a successor that nobody knows', () => {
    const { entries, warnings } = build([{ id: 'claude-opus-4', replaced_by: 'nobody' }]);
    expect(entries.get('claude-opus-4')?.replaced_by).toBeNull();
    expect(warnings[0]).toContain('replaced_by');
  });

  it.each(['{', '{"id":"x"}', '7', 'null'])('leaves %s out whole', (text) => {
    const { entries, warnings } = build(text);
    expect(entries.size).toBe(8);
    expect(warnings).toHaveLength(1);
  });

  it('survives any JSON, and never lets an entry through that could do harm', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.jsonValue(), fc.record({ id: fc.string(), name: fc.jsonValue() }))),
        (models) => {
          for (const [id, entry] of build(models).entries) {
            expect(id).toMatch(/^[a-z0-9][a-z0-9._:-]{0,63}$/i);
            expect(entry.max_output_tokens).toBeLessThan(entry.context_length);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
