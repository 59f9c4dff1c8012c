import { expect, test } from 'vitest';
import { DASHES, PATTERNS } from './tones.ts';

test('every tone has a pattern of its own, every line a dash: colours alone tell nothing apart', () => {
  expect(new Set(Object.values(PATTERNS)).size).toBe(Object.keys(PATTERNS).length);
  expect(new Set(DASHES.map(String)).size).toBe(DASHES.length);
});
