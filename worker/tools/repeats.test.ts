import { describe, expect, it } from 'vitest';
import { callKey, judgeRepeat } from './repeats.ts';

describe('the same call again and again', () => {
  it('goes twice, is answered with a warning twice, and ends the run at the fifth time', () => {
    const key = callKey('get_objects', { limit: 5 });
    const asked: string[] = [];
    const verdicts = Array.from({ length: 6 }, () => {
      const verdict = judgeRepeat(asked, key);
      asked.push(key);
      return verdict;
    });
    expect(verdicts).toEqual(['go', 'go', 'warn', 'warn', 'stop', 'stop']);
  });

  it('counts a call that comes in turn with others', () => {
    const [a, b] = [callKey('a', {}), callKey('b', {})];
    expect(judgeRepeat([a, b, a, b], a)).toBe('warn');
    expect(judgeRepeat([a, b, b, b], a)).toBe('go');
  });

  it('knows a call by its name and arguments, whatever their order', () => {
    expect(callKey('a', { x: 1, y: { p: [1, { b: 1, a: 2 }], q: 2 } })).toBe(
      callKey('a', { y: { q: 2, p: [1, { a: 2, b: 1 }] }, x: 1 }),
    );
    expect(callKey('a', { list: [1, 2] })).not.toBe(callKey('a', { list: [2, 1] }));
    expect(callKey('a', {})).not.toBe(callKey('b', {}));
    expect(callKey('a', { x: 1 })).not.toBe(callKey('a', { x: '1' }));
  });

  it('takes arguments that are nested too deep for one and the same', () => {
    const deep = () => JSON.parse(`${'['.repeat(60_000)}${']'.repeat(60_000)}`);
    expect(callKey('a', deep())).toBe(callKey('a', deep()));
  });
});
