import { describe, expect, it } from 'vitest';
import type { Answer, Routing } from '#lib/wire.ts';
import { alwaysWords, askedTier, opinionWords, share, totalsOf } from './routing-words.ts';

const ROUTING: Routing = {
  mode: 'balanced',
  tier: 'sonnet',
  score: 0.5,
  reason_params: { wanted: 'sonnet', times_dearer: null },
  tiers: {
    haiku: { quality: 0.7, cost_usd: 0.001 },
    sonnet: { quality: 0.9, cost_usd: 0.003 },
    opus: { quality: 0.92, cost_usd: 0.005 },
  },
};

function answer(over: Partial<Answer>): Answer {
  return {
    id: 'a1',
    parent_id: 'u1',
    role: 'assistant',
    text: '',
    status: 'complete',
    created_at: '2026-11-22T09:00:00.000Z',
    actual_model: 'claude-sonnet-5-5',
    requested_model: 'auto',
    fallback_reason: null,
    routing_path: 'sdk_direct',
    reason: null,
    stop_reason: 'end_turn',
    error_code: null,
    usage: null,
    cost_usd: null,
    ttft_ms: null,
    duration_ms: null,
    ...over,
  };
}

it('what one model alone would have cost, with a dash where nobody knows', () => {
  expect(alwaysWords({ haiku: 0.001, sonnet: 0.25, opus: null })).toBe(
    'Haiku\u00a0$0.0010 · Sonnet\u00a0$0.250 · Opus\u00a0–',
  );
  expect(share(0.914)).toBe('91\u202f%');
});

it('a tier that a person asked for is told from one that Automatic chose', () => {
  expect(askedTier(answer({ routing: ROUTING }))).toBeNull();
  expect(askedTier(answer({ redo_tier: 'opus' }))).toBe('opus');
  // While it streams only the frames are known.
  expect(askedTier(answer({ reason_code: 'chosen_tier', routing: ROUTING }))).toBe('sonnet');
});

it('a second opinion is told with what it cost, and that none came', () => {
  expect(opinionWords(ROUTING)).toBeNull();
  expect(opinionWords({ ...ROUTING, second_opinion: null })).toBeNull();
  const opinion = { tier: 'opus' as const, cost_usd: 0.0002, duration_ms: 410 };
  expect(opinionWords({ ...ROUTING, second_opinion: opinion })).toMatch(
    /it said Opus \(410\sms, \$0\.0002\)/,
  );
  const late = { tier: null, cost_usd: null, duration_ms: 1_000 };
  expect(opinionWords({ ...ROUTING, second_opinion: late })).toMatch(/none came in time \(1\ss\)/);
});

describe('the total of a conversation', () => {
  const always_usd = { haiku: 0.001, sonnet: 0.003, opus: 0.005 };

  it('adds up what was spent and what one model would have cost, over the same answers', () => {
    const totals = totalsOf([
      answer({ cost_usd: 0.003, always_usd }),
      answer({ cost_usd: 0.001, always_usd }),
      // Nobody came to answer it.
      answer({ cost_usd: null, always_usd: null }),
    ]);
    expect(totals?.spent).toBeCloseTo(0.004);
    expect(totals?.always?.opus).toBeCloseTo(0.01);
  });

  it('has no sum for a model where one answer that was paid says nothing of it', () => {
    const partly = answer({ cost_usd: 0.001, always_usd: { ...always_usd, opus: null } });
    const totals = totalsOf([answer({ cost_usd: 0.001, always_usd }), partly]);
    expect([totals?.spent, totals?.always]).toEqual([0.002, { haiku: 0.002, sonnet: 0.006, opus: null }]);
  });

  it('compares nothing where Automatic did not choose, and is none where nothing has a price', () => {
    expect(totalsOf([answer({ cost_usd: 1 })])).toEqual({ spent: 1, always: null });
    expect(totalsOf([answer({})])).toBeNull();
    expect(totalsOf([])).toBeNull();
  });
});
