import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tier } from '../models/types.ts';
import { type RouteInput, route } from './router.ts';

const ask = (text: string, more: Partial<RouteInput> = {}) =>
  route({ turns: [{ role: 'user', text }], previousTier: null, available: [], ...more });

describe('Automatic', () => {
  it.each<[Tier, string]>([
    ['haiku', 'hi'],
    ['haiku', 'thanks!'],
    ['haiku', 'What is the capital of France?'],
    ['haiku', 'list the devices in DC14'],
    ['haiku', 'Translate "good morning" to French'],
    ['sonnet', 'Write a python script that parses an nginx log and counts the status codes'],
    ['sonnet', 'Explain the difference between OSPF and IS-IS and when to use which'],
    [
      'opus',
      'Design a multi-region active-active platform for payments. It must survive the loss of a region, ensure exactly-once processing, use at most three databases and never lose data. Compare three strategies with their trade-offs and prove that yours is correct.',
    ],
  ])('%s: %s', (tier, text) => {
    expect(ask(text).tier).toBe(tier);
  });

  it('asking for rigour raises the tier, and says so', () => {
    expect(ask('Think harder about this', { previousTier: 'sonnet' })).toMatchObject({
      tier: 'opus',
      reason_code: 'asked_for_rigour',
    });
  });

  it('a short follow-up stays with the model that answered before', () => {
    expect(ask('and in French?', { previousTier: 'opus' })).toMatchObject({
      tier: 'opus',
      reason_code: 'follow_up',
    });
    expect(ask('thanks', { previousTier: 'opus' }).tier).toBe('haiku');
  });

  it('chooses only among the tiers that can answer, the next stronger one first', () => {
    expect(ask('hi', { available: ['sonnet', 'opus'] })).toMatchObject({
      tier: 'sonnet',
      reason_code: 'tier_unavailable',
    });
    expect(ask('hi', { available: ['opus'] }).tier).toBe('opus');
  });

  it('property: deterministic, bounded, explained in one sentence, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 6_000 }), (text) => {
        const first = ask(text);
        expect(ask(text)).toEqual(first);
        expect(first.score).toBeGreaterThanOrEqual(0);
        expect(first.score).toBeLessThanOrEqual(1);
        expect(first.reason).toMatch(/^(Haiku|Sonnet|Opus): .+\.$/);
      }),
    );
  });
});
