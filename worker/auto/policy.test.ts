import { describe, expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { worstRates } from '../models/prices.ts';
import { buildRegistry } from '../models/registry.ts';
import { TIERS, tierEntry } from '../models/tiers.ts';
import { type Bill, bestValue, estimate } from './policy.ts';
import { TIER_RATES } from './rates.ts';

const bill = (more: Partial<Bill> = {}): Bill => ({
  rates: TIER_RATES,
  historyTokens: 0,
  turnTokens: 50,
  warm: null,
  ...more,
});

describe('quality against price', () => {
  it.each(TIERS)("the rates of %s are today's", (tier) => {
    const entry = tierEntry(buildRegistry(readConfig({ ANTHROPIC_API_KEY: 'sk-ant-test' })), tier);
    expect(entry && worstRates(entry, 0, Date.parse('2026-11-22'))).toEqual(TIER_RATES[tier]);
  });

  it('more need never means a weaker tier, and a richer mode never one either', () => {
    const modes = ['economy', 'balanced', 'quality'] as const;
    const chosen = modes.map((mode) =>
      Array.from({ length: 99 }, (_, i) => TIERS.indexOf(bestValue(estimate((i + 1) / 100, bill()), mode))),
    );
    for (const row of chosen) {
      expect(row.toSorted((a, b) => a - b)).toEqual(row);
      expect(row[0]).toBe(0);
    }
    for (const [i, row] of chosen.entries()) {
      for (const [k, tier] of row.entries()) expect(chosen[i + 1]?.[k] ?? 2).toBeGreaterThanOrEqual(tier);
    }
    expect(chosen[1]?.at(-1)).toBe(2);
  });

  it('a long conversation that is warm at Opus is not moved to a cold Sonnet, but to Haiku it may be', () => {
    const long = { historyTokens: 20_000, warm: 'opus' } as const;
    expect(bestValue(estimate(0.5, bill()), 'balanced')).toBe('sonnet');
    expect(bestValue(estimate(0.5, bill(long)), 'balanced')).toBe('opus');
    expect(bestValue(estimate(0.02, bill(long)), 'balanced')).toBe('haiku');
  });

  it('other prices are another choice: where Sonnet costs what Haiku does, Haiku is not chosen', () => {
    const rates = { ...TIER_RATES, sonnet: TIER_RATES.haiku };
    expect(bestValue(estimate(0.2, bill()), 'balanced')).toBe('haiku');
    expect(bestValue(estimate(0.2, bill({ rates })), 'balanced')).toBe('sonnet');
  });

  it('the length of a conversation alone does not decide', () => {
    const costs = [0, 5_000, 50_000].map((historyTokens) =>
      bestValue(estimate(0.5, bill({ historyTokens })), 'balanced'),
    );
    expect(new Set(costs)).toEqual(new Set(['sonnet']));
  });
});
