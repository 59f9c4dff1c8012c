import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costUsd } from '../models/prices.ts';
import { buildRegistry } from '../models/registry.ts';
import { aConfig, aUsage, TODAY } from '../models/test-world.ts';
import type { ModelEntry } from '../models/types.ts';
import { NANOS_PER_USD } from './ledger-book.ts';
import { costOf, mostTokens, worstCase } from './worst-case.ts';

function entry(id: string, MODELS = ''): ModelEntry {
  const found = buildRegistry(aConfig({ MODELS })).entries.get(id);
  if (found === undefined) throw new Error(id);
  return found;
}
const asked = (text: string, maxTokens = 1_000) => ({
  turns: [{ role: 'user' as const, text }],
  system: '',
  maxTokens,
});
const priced = (model: ModelEntry, text: string, maxTokens?: number) => {
  const found = worstCase(model, asked(text, maxTokens), TODAY);
  if (found.kind !== 'priced') throw new Error(found.kind);
  return found.call;
};

describe('how many tokens a prompt can have', () => {
  it('at least its bytes in UTF-8, of every turn and of the instructions', () => {
    const bytes = (text: string) => new TextEncoder().encode(text).length;
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' })),
        fc.string({ unit: 'binary' }),
        (texts, system) => {
          const turns = texts.map((text) => ({ role: 'user' as const, text: text.toWellFormed() }));
          const sum = turns.reduce((total, { text }) => total + bytes(text), bytes(system.toWellFormed()));
          expect(mostTokens({ turns, system: system.toWellFormed() })).toBeGreaterThanOrEqual(sum);
          // And not much more: what comes on top is for roles and separators.
          expect(mostTokens({ turns, system: system.toWellFormed() })).toBeLessThanOrEqual(
            sum + 256 + 16 * turns.length,
          );
        },
      ),
    );
  });
});

describe('the worst case', () => {
  it('prices the whole prompt as written to the cache, which is dearer than input', () => {
    const call = priced(entry('claude-opus-5-5'), 'x'.repeat(728));
    // 728 + 16 + 256 = 1,000 tokens at $5 a million; $20 a million for the answer.
    expect(call).toEqual({ input: 5_000_000, perOutputToken: 20_000, maxTokens: 1_000, minTokens: 256 });
  });

  it('takes the dearer rates of Haiku 5.5 as soon as the prompt may have more than 100,000 tokens', () => {
    const haiku = entry('claude-haiku-5-5');
    const up = (tokens: number) => priced(haiku, 'x'.repeat(tokens - 272));
    expect(up(100_000)).toMatchObject({ input: 12_500_000, perOutputToken: 500 });
    expect(up(100_001)).toMatchObject({ input: 62_500_625, perOutputToken: 2_500 });
  });

  it('covers what the price list says for any usage within it', () => {
    const models = ['claude-haiku-5-5', 'claude-sonnet-5-5', 'claude-opus-5-5', 'claude-haiku-4-5'].map(
      (id) => entry(id),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...models),
        fc.nat(300_000),
        fc.nat(16_000),
        fc.tuple(fc.nat(100), fc.nat(100), fc.nat(100), fc.nat(100)),
        (model, bytes, output, [a, b, c, used]) => {
          const call = priced(model, 'x'.repeat(bytes), output);
          const prompt = mostTokens({ turns: asked('x'.repeat(bytes)).turns, system: '' }) * (used / 100);
          const whole = a + b + c || 1;
          const usage = aUsage({
            input_tokens: Math.floor((prompt * a) / whole),
            cache_read_tokens: Math.floor((prompt * b) / whole),
            cache_write_tokens: Math.floor((prompt * c) / whole),
            output_tokens: output,
          });
          const cost = (costUsd(model, usage, TODAY) ?? 0) * NANOS_PER_USD;
          expect(call.input + output * call.perOutputToken).toBeGreaterThanOrEqual(cost - 0.001);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('knows the home model as free, one at home with a price as not, and a model without a price as unknown', () => {
    expect(worstCase(entry('ollama-qwen2.5'), asked('hi'), TODAY)).toEqual({ kind: 'free' });
    const hired =
      '[{"id":"gpu","provider":"ollama","litellm_model":"gpu","pricing":{"input_per_mtok":1,"output_per_mtok":2}}]';
    expect(priced(entry('gpu', hired), 'hi')).toMatchObject({ perOutputToken: 2_000 });
    const unknown = '[{"id":"new","provider":"anthropic","upstream_model":"claude-new-9"}]';
    expect(worstCase(entry('new', unknown), asked('hi'), TODAY)).toEqual({ kind: 'unknown' });
  });
});

describe('what a call has cost', () => {
  const opus = entry('claude-opus-5-5');
  const call = priced(opus, 'x'.repeat(728));
  const reserved = { nanos: call.input + 1_000 * call.perOutputToken, maxTokens: 1_000, call };
  const price = (usage: Parameters<typeof costUsd>[1]) => costUsd(opus, usage, TODAY);
  const cost = (more: Partial<Parameters<typeof costOf>[0]>) =>
    costOf(
      {
        usage: aUsage({ input_tokens: null, output_tokens: null }),
        isComplete: false,
        estimated: 0,
        hiddenMs: 0,
        ...more,
      },
      reserved,
      price,
    );
  const told = aUsage({ input_tokens: 100, output_tokens: 50 });

  it('complete: what the provider counted, whatever we had guessed', () => {
    expect(cost({ usage: told, isComplete: true, estimated: 400, hiddenMs: 60_000 })).toBe(
      400_000 + 1_000_000,
    );
  });

  it('complete, but with a count far below what was received, as of a first event that no last one followed', () => {
    const first = { ...told, output_tokens: 2 };
    expect(cost({ usage: first, isComplete: true, estimated: 16 })).toBe(400_000 + 2 * 20_000);
    expect(cost({ usage: first, isComplete: true, estimated: 17 })).toBe(400_000 + 17 * 20_000);
  });

  it('complete, but without a count: the prompt at its worst and what was received', () => {
    expect(cost({ isComplete: true, estimated: 10 })).toBe(call.input + 10 * 20_000);
  });

  it('cut before the provider said a word: the prompt at its worst', () => {
    expect(cost({})).toBe(call.input);
  });

  it('cut: what was received by our guess, but never less than the provider counted', () => {
    expect(cost({ usage: told, estimated: 80 })).toBe(400_000 + 80 * 20_000);
    expect(cost({ usage: told, estimated: 20 })).toBe(400_000 + 50 * 20_000);
  });

  it('cut while it thought unseen: as much as it can have thought in that time, up to what was reserved', () => {
    expect(cost({ usage: told, hiddenMs: 1_000 })).toBe(400_000 + 250 * 20_000);
    expect(cost({ usage: told, hiddenMs: 3_600_000 })).toBe(400_000 + 1_000 * 20_000);
  });

  it('a guess never comes to more than was reserved; a count does', () => {
    expect(cost({ estimated: 1_000_000 })).toBe(reserved.nanos);
    expect(cost({ usage: { ...told, output_tokens: 5_000 } })).toBe(400_000 + 5_000 * 20_000);
  });
});
