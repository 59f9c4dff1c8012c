import { expect, it } from 'vitest';
import { select } from './select.ts';

const NAMES = ['first-delta', 'streams-1', 'streams-50', 'switching'];

it.each([
  [[], NAMES],
  [['switching'], ['switching']],
  [['streams'], ['streams-1', 'streams-50']],
  [
    ['switching', 'first', 'first-delta'],
    ['first-delta', 'switching'],
  ],
])('%j selects %j, each once, in the order of the names', (words, selected) => {
  expect(select(NAMES, words)).toEqual(selected);
});

it('a word that begins no name is refused with the names that there are', () => {
  expect(() => select(NAMES, ['first', 'stream-1'])).toThrow(/"stream-1".*there are first-delta, streams-1,/);
});
