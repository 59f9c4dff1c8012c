import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { routingSchema } from '../../shared/index.ts';
import type { Tier } from '../models/types.ts';
import { REASONS } from './reasons.ts';
import { type RouteInput, route, routingOf, withSecondOpinion } from './router.ts';

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

  it.each<[string, Partial<RouteInput>, Tier, string]>([
    ['Compare VRRP and HSRP', { held: 'opus' }, 'opus', 'held'],
    ['Which port does NTP use?', { held: 'sonnet' }, 'sonnet', 'held'],
    ['thanks', { held: 'opus' }, 'haiku', 'small_talk'],
    [
      'just tell me yes or no: is OSPF a link state protocol?',
      { held: 'opus' },
      'haiku',
      'asked_for_brevity',
    ],
    ['quick, that does not work', { held: 'opus', previousTier: 'haiku' }, 'opus', 'held'],
    ['Compare VRRP and HSRP', { held: 'opus', chore: true }, 'haiku', 'chore'],
    ['hi', { chosen: 'opus', attempts: 1, previousTier: 'haiku' }, 'opus', 'chosen_tier'],
    ['Design a global anycast DNS platform', { chosen: 'haiku', held: 'opus' }, 'haiku', 'chosen_tier'],
    ['hi', { chosen: 'opus', available: ['haiku', 'sonnet'] }, 'sonnet', 'tier_unavailable'],
  ])('%s with %o: %s, %s', (text, more, tier, code) => {
    expect(ask(text, more)).toMatchObject({ tier, reason_code: code });
  });

  it.each<[string, Partial<RouteInput>, string]>([
    [
      'How many usable hosts are in the network 10.0.0.0/26 of our lab, please?',
      {},
      'Haiku: a short factual question; Sonnet was not worth 20 times the price.',
    ],
    [
      'Compare PostgreSQL and MySQL for an IPAM database',
      {},
      'Sonnet: reasons to be weighed; Haiku would fall short more often, and Opus was not worth twice the price.',
    ],
    ['hi', { chosen: 'opus' }, 'Opus: you asked for it.'],
    [
      "that's wrong",
      { previousTier: 'haiku' },
      'Sonnet: the last answer did not help, so a stronger model this time.',
    ],
    [
      "that's wrong",
      { previousTier: 'opus' },
      'Opus: the last answer did not help, and no model is stronger.',
    ],
    [
      'What does it say?',
      { documents: 1 },
      'Sonnet: documents or several images to read, which is not left to Haiku.',
    ],
    ['hi', { available: ['opus'] }, 'Opus: Haiku would fit, but cannot answer now.'],
  ])('says why: %s with %o', (text, more, sentence) => {
    expect(ask(text, more).reason).toBe(sentence);
  });

  it('property: held is a floor for whatever is neither small talk nor short, chosen is the decision', () => {
    const tier = fc.constantFrom<Tier>('haiku', 'sonnet', 'opus');
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), tier, tier, (text, held, chosen) => {
        const decision = ask(text, { held });
        if (!['small_talk', 'asked_for_brevity'].includes(decision.reason_code)) {
          expect(['haiku', 'sonnet', 'opus'].indexOf(decision.tier)).toBeGreaterThanOrEqual(
            ['haiku', 'sonnet', 'opus'].indexOf(held),
          );
        }
        expect(ask(text, { held, chosen }).tier).toBe(chosen);
      }),
    );
  });
});

describe('the second opinion', () => {
  const close = ask('Explain the trade-offs between iBGP full mesh and route reflectors');

  it('is for close choices only, never where a rule decided', () => {
    expect(close).toMatchObject({ tier: 'sonnet', uncertain: true, runner_up: 'opus' });
    expect(ask('What is a VLAN?')).toMatchObject({ uncertain: false });
    expect(ask('thanks', { previousTier: 'opus' })).toMatchObject({ uncertain: false, runner_up: null });
    expect(ask('Compare VRRP and HSRP', { held: 'opus' }).uncertain).toBe(false);
    expect(ask('Compare VRRP and HSRP', { available: ['sonnet'] })).toMatchObject({
      uncertain: false,
      runner_up: null,
    });
  });

  it('decides between the two, and says so', () => {
    expect(withSecondOpinion(close, 'opus')).toMatchObject({
      tier: 'opus',
      runner_up: 'sonnet',
      uncertain: false,
      reason_code: 'second_opinion',
      reason: 'Opus: it was close to Sonnet, and a second opinion was for Opus.',
      reason_params: { wanted: 'opus', times_dearer: null },
    });
    expect(withSecondOpinion(close, 'sonnet').reason).toBe(
      'Sonnet: it was close to Opus, and a second opinion was for Sonnet.',
    );
  });

  it('cannot bring a third tier, nor move what was clear, nor speak twice', () => {
    const clear = ask('What is a VLAN?');
    expect(withSecondOpinion(close, 'haiku')).toEqual(close);
    expect(withSecondOpinion(clear, 'opus')).toEqual(clear);
    const settled = withSecondOpinion(close, 'opus');
    expect(withSecondOpinion(settled, 'sonnet')).toEqual(settled);
  });
});

describe('the routing on the wire', () => {
  it('has its shape, rounded, for any text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        const decision = ask(text);
        const routing = routingOf(decision);
        expect(routingSchema.parse(routing)).toEqual(routing);
        expect(routing.score).toBeCloseTo(decision.score, 2);
        expect(String(routing.tiers.opus.quality).length).toBeLessThanOrEqual(5);
        expect(decision.reason_code in REASONS).toBe(true);
      }),
    );
  });

  it('names the tier that was wanted where another one answers', () => {
    expect(routingOf(ask('hi', { available: ['opus'], mode: 'economy' }))).toMatchObject({
      tier: 'opus',
      mode: 'economy',
      reason_params: { wanted: 'haiku', times_dearer: null },
    });
  });
});
