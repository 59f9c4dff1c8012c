import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Usage } from '../../shared/index.ts';
import { readConfig } from '../config.ts';
import { costUsd } from '../models/prices.ts';
import { buildRegistry } from '../models/registry.ts';
import { TIER_MODELS, TIERS } from '../models/tiers.ts';
import type { Tier } from '../models/types.ts';
import { alwaysUsd, CACHE_MS, cachedTokens, type Previous, previousOf, tierPrice } from './always.ts';
import { registry, tokens } from './test-support.ts';

const AT = Date.parse('2026-11-22T12:00:00Z');
const price = tierPrice(registry, AT);
const { haiku, sonnet, opus } = TIER_MODELS;

/** One turn of a conversation: what is new in its prompt, what it answers, and how long after the turn before. */
type Turn = { tier: Tier; asked: number; answered: number; rounds: number; gapMs: number };

/** Anthropic's cache as it is documented: by model, the whole prompt from 512 tokens on, for five minutes. */
class Cache {
  readonly #kept = new Map<Tier, { tokens: number; endedAt: number }>();

  call(tier: Tier, prompt: number, output: number, at: number): Usage {
    const kept = this.#kept.get(tier);
    const read = kept !== undefined && at - kept.endedAt < CACHE_MS ? kept.tokens : 0;
    if (prompt < 512) return tokens({ input_tokens: prompt, output_tokens: output });
    this.#kept.set(tier, { tokens: prompt, endedAt: at });
    return tokens({ cache_read_tokens: read, cache_write_tokens: prompt - read, output_tokens: output });
  }
}

type Answered = { tier: Tier; calls: Usage[]; at: number };

/** The usages of a conversation whose turns went to these tiers. */
function play(turns: readonly Turn[], tierOf: (turn: Turn) => Tier): Answered[] {
  const cache = new Cache();
  let prompt = 20;
  let at = AT;
  return turns.map((turn) => {
    at += turn.gapMs;
    const calls = Array.from({ length: turn.rounds }, () => {
      prompt += turn.asked;
      const usage = cache.call(tierOf(turn), prompt, turn.answered, at);
      prompt += turn.answered;
      return usage;
    });
    return { tier: tierOf(turn), calls, at };
  });
}

function paid({ tier, calls }: Answered): number {
  return calls.reduce((sum, usage) => sum + (price(tier, usage) ?? Number.NaN), 0);
}

const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, n) => sum + n, 0);

/** The comparison of every answer of a conversation, as a session makes it. */
function compared(answers: readonly Answered[]): { tier: Tier; usd: Record<Tier, number> }[] {
  return answers.map(({ tier, calls, at }, i) => {
    const last = answers[i - 1];
    const previous: Previous | null =
      last === undefined
        ? null
        : { model: TIER_MODELS[last.tier], cached: cachedTokens(last.calls.at(-1)!), endedAt: last.at };
    const usd = alwaysUsd({ model: TIER_MODELS[tier], calls, startedAt: at, previous, price });
    return {
      tier,
      usd: {
        haiku: usd?.haiku ?? Number.NaN,
        sonnet: usd?.sonnet ?? Number.NaN,
        opus: usd?.opus ?? Number.NaN,
      },
    };
  });
}

const turn = fc.record({
  tier: fc.constantFrom(...TIERS),
  asked: fc.integer({ min: 1, max: 60_000 }),
  answered: fc.integer({ min: 0, max: 4_000 }),
  rounds: fc.integer({ min: 1, max: 4 }),
  gapMs: fc.constantFrom(1_000, 60_000, CACHE_MS - 1, CACHE_MS, 3_600_000),
});
const conversation = fc.array(turn, { minLength: 1, maxLength: 12 });

describe('what always one tier would have cost', () => {
  it('is what was paid, to the last digit, where it was always that one', () => {
    fc.assert(
      fc.property(conversation, fc.constantFrom(...TIERS), (turns, tier) => {
        const answers = play(turns, () => tier);
        expect(compared(answers).map(({ usd }) => usd[tier])).toEqual(answers.map(paid));
      }),
    );
  });

  it('is what that tier would really have been paid, whatever mix of tiers answered', () => {
    fc.assert(
      fc.property(conversation, (turns) => {
        const mixed = compared(play(turns, ({ tier }) => tier));
        for (const tier of TIERS) {
          const really = play(turns, () => tier).map(paid);
          // A prompt that Haiku counts as long is long for it in both; the others have one price.
          expect(sumOf(mixed.map(({ usd }) => usd[tier]))).toBeCloseTo(sumOf(really), 10);
        }
      }),
    );
  });

  it('is never less than nothing, whatever an upstream counts', () => {
    const count = fc.oneof(fc.integer({ min: 0, max: 10_000_000 }), fc.constant(null));
    const usage = fc.record({
      input_tokens: count,
      output_tokens: count,
      cache_read_tokens: count,
      cache_write_tokens: count,
      thinking_tokens: count,
    });
    const previous = fc.option(
      fc.record({
        model: fc.constantFrom(haiku, opus, 'gone'),
        cached: fc.integer({ min: 0, max: 1e7 }),
        endedAt: fc.integer({ min: 0, max: 2 * AT }),
      }),
    );
    fc.assert(
      fc.property(usage, previous, (one, before) => {
        const usd = alwaysUsd({ model: sonnet, calls: [one], startedAt: AT, previous: before, price });
        expect(usd === null).toBe(one.input_tokens === null || one.output_tokens === null);
        for (const tier of TIERS) expect(usd?.[tier] ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('reads what another model had to write anew, as long as the cache lives', () => {
    const previous = { model: haiku, cached: 10_000, endedAt: AT };
    const usage = tokens({ input_tokens: 3, output_tokens: 100, cache_write_tokens: 12_000 });
    const at = (startedAt: number) =>
      alwaysUsd({ model: opus, calls: [usage], startedAt, previous, price })?.opus ?? Number.NaN;
    const rest = 3 * 4 + 100 * 20;
    expect(at(AT + CACHE_MS - 1)).toBeCloseTo((rest + 10_000 * 0.2 + 2_000 * 5) / 1e6, 12);
    expect(at(AT + CACHE_MS)).toBeCloseTo((rest + 12_000 * 5) / 1e6, 12);
  });

  it('where the same model had to write it anew all the same, so would the others', () => {
    const previous = { model: opus, cached: 10_000, endedAt: AT };
    const usage = tokens({ output_tokens: 100, cache_write_tokens: 12_000 });
    const usd = alwaysUsd({ model: opus, calls: [usage], startedAt: AT + 1, previous, price });
    expect(usd?.opus).toBe(price('opus', usage));
    expect(usd?.haiku).toBe(price('haiku', usage));
  });

  it('caches nothing where the provider did not: a short prompt, or a proxy in between', () => {
    const previous = { model: haiku, cached: 0, endedAt: AT };
    const usage = tokens({ input_tokens: 400, output_tokens: 10 });
    const usd = alwaysUsd({ model: opus, calls: [usage], startedAt: AT + 1, previous, price });
    expect(usd?.haiku).toBeCloseTo((400 * 0.1 + 10 * 0.5) / 1e6, 12);
  });

  it('counts the price of long prompts, call by call', () => {
    const call = tokens({ input_tokens: 60_000, output_tokens: 1 });
    const of = (calls: Usage[]) =>
      alwaysUsd({ model: opus, calls, startedAt: AT, previous: null, price })?.haiku;
    expect(of([call, call])).toBeCloseTo((120_000 * 0.1 + 2 * 0.5) / 1e6, 12);
    expect(of([tokens({ input_tokens: 120_000, output_tokens: 1 })])).toBeCloseTo(
      (120_000 * 0.5 + 2.5) / 1e6,
      12,
    );
  });

  it('says nothing of a tier that is not there, and nothing at all without counts', () => {
    const config = readConfig({ ANTHROPIC_API_KEY: 'x', MODELS: `[{"id":"${opus}","enabled":false}]` });
    const some = tierPrice(buildRegistry(config), AT);
    const calls = [tokens({ input_tokens: 5, output_tokens: 5 })];
    const usd = alwaysUsd({ model: haiku, calls, startedAt: AT, previous: null, price: some });
    expect(usd).toEqual({ haiku: expect.any(Number), sonnet: expect.any(Number), opus: null });
    const none = [tokens(), tokens({ output_tokens: null })];
    expect(alwaysUsd({ model: haiku, calls: none, startedAt: AT, previous: null, price })).toBeNull();
    expect(alwaysUsd({ model: haiku, calls: [], startedAt: AT, previous: null, price })).toBeNull();
  });

  it('has the prices of the receipts', () => {
    const usage = tokens({ input_tokens: 7, output_tokens: 3, cache_read_tokens: 2, cache_write_tokens: 1 });
    for (const tier of TIERS) {
      const entry = registry.entries.get(TIER_MODELS[tier])!;
      expect(price(tier, usage)).toBe(costUsd(entry, usage, AT));
    }
  });
});

describe('the answer before', () => {
  const detail = {
    actual_model: haiku,
    requested_model: 'auto',
    fallback_reason: null,
    routing_path: null,
    reason: null,
    stop_reason: 'end_turn',
    error_code: null,
    usage: tokens({ input_tokens: 3, cache_read_tokens: 600, cache_write_tokens: 100 }),
    cost_usd: 1,
    ttft_ms: 1,
    duration_ms: 2_000,
    stored_seq: 1,
    accepted_seq: 1,
  } as const;
  const answer = { position: 2, createdAt: AT, text: '', detail };

  it('is the newest that a model has worked on, and what it left in the cache', () => {
    const failed = { ...answer, position: 4, detail: { ...detail, actual_model: null, usage: null } };
    expect(previousOf([failed, answer])).toEqual({ model: haiku, cached: 700, endedAt: AT + 2_000 });
    expect(previousOf([failed])).toBeNull();
    expect(previousOf([])).toBeNull();
  });
});
