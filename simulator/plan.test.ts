import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ask } from './answers.ts';
import { planAnswer, wordsOf } from './plan.ts';
import { readSwitches } from './switches.ts';

const OPTIONS = { maxTokens: 8000, thinking: false, seed: 1, pace: 1 };

function plan(prompt: string, options: Partial<typeof OPTIONS> = {}, ask: Partial<Ask> = {}) {
  const model = ask.model ?? 'claude-sonnet-5-5';
  const full: Ask = { model, service: 'anthropic', prompt, earlier: 0, ...ask };
  return planAnswer(full, readSwitches(prompt, model), { ...OPTIONS, ...options });
}

describe('planAnswer', () => {
  it('is the same for the same seed, in text and in time', () => {
    expect(plan('anything')).toEqual(plan('anything'));
    expect(plan('anything').text).not.toEqual(plan('anything', { seed: 2 }).text);
  });

  it('cuts a text into pieces that are the text again', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => wordsOf(text).join('') === text));
  });

  it('says who answers, with how much context, and how to reach the real one', () => {
    const { answer } = plan('hello', {}, { earlier: 2 });
    expect(answer).toContain('`claude-sonnet-5-5`');
    expect(answer).toContain('2 earlier messages');
    expect(answer).toContain('ANTHROPIC_API_KEY');
    expect(plan('hello', {}, { service: 'litellm' }).answer).toContain('LITELLM_PROXY_URL');
  });

  it('waits tens of milliseconds between pieces, ten times longer when slow, and not at all without pace', () => {
    const usual = plan('hello').text.slice(1);
    for (const { delayMs } of usual) {
      expect(delayMs).toBeGreaterThanOrEqual(8);
      expect(delayMs).toBeLessThanOrEqual(40);
    }
    for (const { delayMs } of plan('hello [[slow]]').text.slice(1))
      expect(delayMs).toBeGreaterThanOrEqual(80);
    expect(plan('hello', { pace: 0 }).text.every(({ delayMs }) => delayMs === 0)).toBe(true);
  });

  it('keeps to the limit of tokens and says so', () => {
    const short = plan('hello', { maxTokens: 10 });
    expect(short.stop).toBe('max_tokens');
    expect(short.outputTokens).toBeLessThanOrEqual(10);
    expect(plan('[[max-tokens]]')).toMatchObject({ stop: 'max_tokens' });
    expect(plan('[[max-tokens]]').answer.length).toBeGreaterThan(0);
  });

  it.each([
    ['[[long 321]]', (answer: string) => expect(answer.split(/\s+/)).toHaveLength(321)],
    ['[[echo]] Größe 日本', (answer: string) => expect(answer).toBe('Größe 日本')],
    ['[[code]]', (answer: string) => expect(answer).toContain('```python')],
    ['[[table]]', (answer: string) => expect(answer).toContain('|---|')],
    ['[[list]]', (answer: string) => expect(answer).toContain('1. ')],
    ['[[empty]]', (answer: string) => expect(answer).toBe('')],
    ['[[refuse]]', (answer: string) => expect(answer).toBe('')],
    ['[[nonsense]]', (answer: string) => expect(answer).toContain('`nonsense`')],
    ['Which prefixes are free?', (answer: string) => expect(answer).toContain('/api/ipam/prefixes/')],
  ])('%s does what it says', (prompt, check) => {
    check(plan(prompt).answer);
  });
});
