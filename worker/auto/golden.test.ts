import { describe, expect, it } from 'vitest';
import type { Tier } from '../models/types.ts';
import { FRESH } from './golden-fresh.ts';
import { SCRIPTS, type Script } from './golden-scripts.ts';
import { GOLDEN } from './golden-turns.ts';
import { type RouteInput, route } from './router.ts';

const alone = (text: string): RouteInput => ({
  turns: [{ role: 'user', text }],
  previousTier: null,
  available: [],
});

const RIGHT: Record<keyof typeof GOLDEN, readonly Tier[]> = {
  haiku: ['haiku'],
  sonnet: ['sonnet'],
  atLeastSonnet: ['sonnet', 'opus'],
  opus: ['opus'],
};
const kinds: readonly (keyof typeof GOLDEN)[] = ['haiku', 'sonnet', 'atLeastSonnet', 'opus'];
const turns = kinds.flatMap((kind) => GOLDEN[kind].map((text) => ({ kind, text })));

function asConversation({ turns, previous, more }: Script): RouteInput {
  const said = turns.flatMap((text, i) => [
    { role: 'user' as const, text },
    ...(i < turns.length - 1
      ? [{ role: 'assistant' as const, text: 'An answer of some length. '.repeat(20) }]
      : []),
  ]);
  return { turns: said, previousTier: previous, available: [], ...more };
}

/** Rewordings that change nothing about the task. */
const REWORDED: Record<string, (text: string) => string> = {
  'double spaces': (text) => text.replaceAll(' ', '  '),
  'closing thanks': (text) => `${text} Thanks!`,
  'lower case': (text) => text.toLowerCase(),
  'a polite opening': (text) => `Please help me: ${text}`,
  'an exam wrapper': (text) => `Question: ${text} Answer:`,
  'every twelfth word mistyped': (text) =>
    text
      .split(' ')
      .map((word, i) => (i % 12 === 5 ? word.replace(/^(.)(.)(.)/, '$1$3$2') : word))
      .join(' '),
  'no final mark': (text) => text.replace(/[.?!]$/, ''),
};

describe('Automatic on turns of our own writing', () => {
  it('the opening turns: none goes wrong by two tiers, and at most one in twenty by one', () => {
    const wrong = turns.filter(({ kind, text }) => !RIGHT[kind].includes(route(alone(text)).tier));
    const byTwo = wrong.filter(({ kind, text }) =>
      kind === 'haiku'
        ? route(alone(text)).tier === 'opus'
        : kind === 'opus' && route(alone(text)).tier === 'haiku',
    );
    expect(byTwo).toEqual([]);
    expect(wrong.length, JSON.stringify(wrong)).toBeLessThanOrEqual(turns.length * 0.05);
  });

  it('turns that nothing was set by: at most one in ten goes wrong', () => {
    const wrong = FRESH.filter(([text, right]) => !right.includes(route(alone(text)).tier));
    expect(wrong.length, JSON.stringify(wrong)).toBeLessThanOrEqual(FRESH.length * 0.1);
  });

  it('the score puts every turn for Opus above every turn for Haiku', () => {
    const scores = (texts: readonly string[]) => texts.map((text) => route(alone(text)).score);
    expect(Math.min(...scores(GOLDEN.opus))).toBeGreaterThan(Math.max(...scores(GOLDEN.haiku)));
  });

  it.each(SCRIPTS)('$rule: $turns.1', (script) => {
    expect(script.expect).toContain(route(asConversation(script)).tier);
  });

  it.each(Object.entries(REWORDED))('%s moves at most 8 % of the turns to another tier', (_, reworded) => {
    const long = turns.filter(({ text }) => text.length > 12);
    const moved = long.filter(({ text }) => route(alone(text)).tier !== route(alone(reworded(text))).tier);
    expect(moved.length / long.length, JSON.stringify(moved)).toBeLessThanOrEqual(0.08);
  });
});
