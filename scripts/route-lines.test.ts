import { describe, expect, test } from 'vitest';
import { routeLine } from './route-lines.ts';

function routed(request: unknown) {
  const { ok, output } = routeLine(JSON.stringify(request));
  return { ok, ...JSON.parse(output) };
}

describe('CMD3 the automatic router on JSON lines', () => {
  test('a prompt gives a tier with a score and a reason, under its own id', () => {
    const answer = routed({ id: 7, prompt: 'Hello' });
    expect(answer).toMatchObject({ ok: true, id: 7 });
    expect(['haiku', 'sonnet', 'opus']).toContain(answer.tier);
    expect(answer.score).toBeTypeOf('number');
    expect(answer.reason).toMatch(/\w/);
  });

  test('one user message is the same as a prompt', () => {
    const text = 'Prove that the square root of two is irrational, step by step.';
    const parts = [{ type: 'image' }, { type: 'text', text }];
    const asPrompt = routed({ id: 'a', prompt: text });
    expect(routed({ id: 'a', messages: [{ role: 'user', content: text }] })).toEqual(asPrompt);
    expect(
      routed({
        id: 'a',
        messages: [
          { role: 'system', content: 'x' },
          { role: 'user', content: parts },
        ],
      }),
    ).toEqual(asPrompt);
  });

  test('a harder message has a higher score', () => {
    const easy = routed({ id: 1, prompt: 'Hi there!' });
    const hard = routed({
      id: 2,
      prompt:
        'Design a fault-tolerant IPAM migration, compare three strategies and prove why yours is consistent.',
    });
    expect(hard.score).toBeGreaterThan(easy.score);
  });

  test.each([
    ['', null],
    ['not json', null],
    ['[]', null],
    ['{"id":1}', 1],
    ['{"id":1,"prompt":2}', 1],
  ])('%j is an error of that line only', (line, id) => {
    const { ok, output } = routeLine(line);
    expect(ok).toBe(false);
    expect(JSON.parse(output)).toEqual({ id, error: expect.any(String) });
  });
});
