import { describe, expect, it } from 'vitest';
import { OPENINGS, type Opening, opening, REWORDED_OPENINGS, SCRIPTS, UNSEEN_OPENINGS } from './golden.ts';
import { play, within } from './golden-play.ts';
import { REPLIES, type Reply } from './golden-replies.ts';
import { GOLDEN } from './golden-turns.ts';
import { REASONS } from './reasons.ts';
import { REWORDINGS } from './rewordings.ts';
import { type RouteInput, route } from './router.ts';

const tierOf = (text: string) => route(opening(text)).tier;
const wrongOf = (openings: readonly Opening[]) =>
  openings.filter(({ text, right }) => !right.includes(tierOf(text)));

function asConversation({ turns, previous, more }: Reply): RouteInput {
  const said = turns.flatMap((text, i) => [
    { role: 'user' as const, text },
    ...(i < turns.length - 1
      ? [{ role: 'assistant' as const, text: 'An answer of some length. '.repeat(20) }]
      : []),
  ]);
  return { turns: said, previousTier: previous, available: [], ...more };
}

describe('Automatic on turns of our own writing', () => {
  it('the opening turns: none goes wrong by two tiers, and at most one in twenty by one', () => {
    const wrong = wrongOf(OPENINGS);
    const byTwo = wrong.filter(({ text, right }) => {
      const tier = tierOf(text);
      return (tier === 'opus' && right.at(-1) === 'haiku') || (tier === 'haiku' && right[0] === 'opus');
    });
    expect(byTwo).toEqual([]);
    expect(wrong.length, JSON.stringify(wrong)).toBeLessThanOrEqual(OPENINGS.length * 0.05);
  });

  it('turns that nothing was set by: at most one in ten goes wrong', () => {
    const wrong = wrongOf(UNSEEN_OPENINGS);
    expect(wrong.length, JSON.stringify(wrong)).toBeLessThanOrEqual(UNSEEN_OPENINGS.length * 0.1);
  });

  it('the score puts every turn for Opus above every turn for Haiku', () => {
    const scores = (texts: readonly string[]) => texts.map((text) => route(opening(text)).score);
    expect(Math.min(...scores(GOLDEN.opus))).toBeGreaterThan(Math.max(...scores(GOLDEN.haiku)));
  });
});

describe('Automatic in conversations of our own writing', () => {
  it.each(REPLIES)('$rule: $turns.1', (reply) => {
    expect(reply.expect).toContain(route(asConversation(reply)).tier);
  });

  it.each(SCRIPTS)('$name', (script) => {
    const wrong = play(script).filter(({ turn, decision }) => !within(decision.tier, turn.band));
    expect(
      wrong.map(({ turn, decision: { tier, reason_code } }) => [turn.text, turn.band, tier, reason_code]),
    ).toEqual([]);
  });

  it('the conversations meet every reason that there is', () => {
    const met = new Set<string>(
      SCRIPTS.flatMap((script) => play(script).map(({ decision }) => decision.reason_code)),
    );
    expect(Object.keys(REASONS).filter((code) => !met.has(code))).toEqual([]);
    expect(SCRIPTS.length).toBeGreaterThanOrEqual(60);
  });
});

describe('Automatic on harmless rewordings of a hundred turns', () => {
  it.each(Object.entries(REWORDINGS))('%s: at most 8 % get another tier', (_, reworded) => {
    const moved = REWORDED_OPENINGS.filter((text) => tierOf(text) !== tierOf(reworded(text)));
    expect(new Set(REWORDED_OPENINGS).size).toBe(100);
    expect(moved.length, JSON.stringify(moved)).toBeLessThanOrEqual(8);
  });

  it.each(Object.entries(REWORDINGS))('%s: at most 8 % cross the middle score', (_, reworded) => {
    const scores = REWORDED_OPENINGS.map((text) => route(opening(text)).score);
    const middle = scores.toSorted((a, b) => a - b)[50] ?? 0;
    const crossed = REWORDED_OPENINGS.filter(
      (text, i) => (scores[i] ?? 0) >= middle !== route(opening(reworded(text))).score >= middle,
    );
    expect(crossed.length, JSON.stringify(crossed)).toBeLessThanOrEqual(8);
  });
});
