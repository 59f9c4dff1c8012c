import { describe, expect, it } from 'vitest';
import { costUsd, pricingOf } from './prices.ts';
import { buildRegistry } from './registry.ts';
import { aConfig, aUsage, TODAY } from './test-world.ts';
import type { ModelEntry } from './types.ts';

function entry(id: string, MODELS = ''): ModelEntry {
  const found = buildRegistry(aConfig({ MODELS })).entries.get(id);
  if (found === undefined) throw new Error(id);
  return found;
}

describe('what an answer costs', () => {
  it('counts input, output, cache reads and writes at their own rates, not rounded', () => {
    const usage = aUsage({
      input_tokens: 1_000,
      output_tokens: 500,
      cache_read_tokens: 20_000,
      cache_write_tokens: 3_000,
    });
    expect(costUsd(entry('claude-opus-5-5'), usage, TODAY)).toBeCloseTo(0.004 + 0.01 + 0.004 + 0.015, 12);
    expect(
      costUsd(entry('claude-haiku-5-5'), aUsage({ input_tokens: 1, output_tokens: 1 }), TODAY),
    ).toBeCloseTo(6e-7, 15);
  });

  it('does not count thinking twice: it is part of the output', () => {
    const usage = aUsage({ input_tokens: 10, output_tokens: 100 });
    const model = entry('claude-sonnet-5-5');
    expect(costUsd(model, { ...usage, thinking_tokens: 90 }, TODAY)).toBe(costUsd(model, usage, TODAY));
  });

  it('takes the higher rates of Haiku 5.5 for the whole of a prompt above 100,000 tokens, cached parts included', () => {
    const haiku = entry('claude-haiku-5-5');
    const at = (cache_read_tokens: number) =>
      costUsd(haiku, aUsage({ input_tokens: 50_000, output_tokens: 1_000, cache_read_tokens }), TODAY);
    expect(at(50_000)).toBeCloseTo(0.005 + 0.0005 + 0.0005, 12);
    expect(at(50_001)).toBeCloseTo(0.025 + 0.0025 + 0.00250005, 12);
  });

  it('is 0 at home, even without counts', () => {
    expect(costUsd(entry('ollama-qwen2.5'), aUsage({ input_tokens: null, output_tokens: null }), TODAY)).toBe(
      0,
    );
  });

  it('is unknown without counts', () => {
    expect(costUsd(entry('claude-opus-5-5'), aUsage({ output_tokens: null }), TODAY)).toBeNull();
    expect(costUsd(entry('claude-opus-5-5'), aUsage({ input_tokens: null }), TODAY)).toBeNull();
  });

  it('is unknown for a model without a price', () => {
    const unpriced = entry('new', '[{"id":"new","provider":"anthropic","upstream_model":"claude-new-9"}]');
    expect(costUsd(unpriced, aUsage(), TODAY)).toBeNull();
    expect(pricingOf(unpriced, TODAY)).toBeNull();
  });

  it('takes the prices of MODELS before its own, at home too', () => {
    const priced = (id: string) =>
      entry(id, JSON.stringify([{ id, pricing: { input_per_mtok: 1, output_per_mtok: 3 } }]));
    const usage = aUsage({ input_tokens: 1_000_000, output_tokens: 1_000_000 });
    expect(costUsd(priced('claude-opus-5-5'), usage, TODAY)).toBe(4);
    expect(costUsd(priced('ollama-qwen2.5'), usage, TODAY)).toBe(4);
    expect(pricingOf(priced('claude-opus-5-5'), TODAY)).toEqual({ input_per_mtok: 1, output_per_mtok: 3 });
  });

  it('takes the row that is in force at the time of the answer', () => {
    const rates = (input: number) => ({ input, output: 0, cache_read: 0, cache_write: 0 });
    const table = [
      { model: 'claude-opus-5-5', from: '2027-01-01', rates: rates(1) },
      { model: 'claude-opus-5-5', from: '2026-09-22', rates: rates(4) },
    ];
    const at = (day: string) =>
      costUsd(entry('claude-opus-5-5'), aUsage({ input_tokens: 1_000_000 }), Date.parse(day), table);
    expect([at('2026-12-31'), at('2027-01-01'), at('2020-01-01')]).toEqual([4, 1, 4]);
  });
});
