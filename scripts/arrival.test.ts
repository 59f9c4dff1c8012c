import { describe, expect, test } from 'vitest';
import { patiently, streamingLink } from './arrival.ts';

describe('whether an answer came piece by piece', () => {
  const arrival = { pieces: 40, chars: 120, firstMs: 300, spreadMs: 800 };
  test.each([
    ['one after the other', arrival, 'ok'],
    ['slowly, after a long prompt', { ...arrival, firstMs: 4_000, spreadMs: 1_200 }, 'ok'],
    ['in one piece', { ...arrival, pieces: 1, spreadMs: 0 }, 'broken'],
    [
      'in one go at the end, cut into pieces by the last reader',
      { ...arrival, firstMs: 1_500, spreadMs: 60 },
      'broken',
    ],
    ['too little of it', { ...arrival, chars: 3, pieces: 1, spreadMs: 0 }, 'skipped'],
  ] as const)('%s', (_, seen, state) => {
    expect(streamingLink(seen).state).toBe(state);
  });
});

describe('patience', () => {
  async function run(work: Promise<string>, pause: () => Promise<unknown>) {
    const said = [];
    const steps = patiently(work, pause);
    for (;;) {
      const step = await steps.next();
      if (step.done) return { said, result: step.value };
      said.push(step.value);
    }
  }

  test('says what is waited for when it takes long, and gives the result', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { said, result } = await run(promise, async () => setImmediate(() => resolve('done')));
    expect(said).toMatchObject([{ name: 'loading', state: 'waiting' }]);
    expect(result).toBe('done');
  });

  test('says nothing when it does not', async () => {
    expect(await run(Promise.resolve('done'), () => new Promise(() => {}))).toEqual({
      said: [],
      result: 'done',
    });
  });
});
