import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WORD_BITS } from './scorer.ts';
import { SHAPE_NAMES } from './shape.ts';
import { buckets, judged } from './text.ts';
import { SHIPPED } from './weights.ts';

test('the weights are under 20 KB', () => {
  expect(readFileSync(join(import.meta.dirname, 'router-weights.generated.json')).length).toBeLessThan(
    20_000,
  );
});

test.each(Object.entries(SHIPPED))('the %s head fits the features that it was trained on', (_, head) => {
  expect(head.shape).toHaveLength(SHAPE_NAMES.length);
  expect(head.words).toHaveLength(1 << head.bits);
  expect(head.bits).toBeLessThanOrEqual(WORD_BITS);
  expect(head.words.some((value) => value !== 0)).toBe(true);
});

test('wrapping, case and spaces are not part of what is judged', () => {
  const bare = judged('What is the default hold time of BGP?');
  expect(judged('Question: What is the  default hold time of BGP?\nAnswer:')).toBe(bare);
  expect(judged('Please help me: What is the default hold time of BGP? Thanks!')).toBe(bare);
  expect(buckets(bare.toUpperCase(), 12)).toEqual(buckets(bare, 12));
});

test('numbers of the same length are one word, and a script without spaces is read by its characters', () => {
  expect(buckets('port 22', 12)).toEqual(buckets('port 53', 12));
  expect(buckets('port 22', 12)).not.toEqual(buckets('port 443', 12));
  expect(buckets('什么是', 12).size).toBe(6);
});

test('of a very long turn the start and the end are read', () => {
  const text = `start ${'x'.repeat(400_000)} end`;
  expect(judged(text).length).toBeLessThan(4_100);
  expect(judged(text)).toMatch(/^start x+\nx+ end$/);
});
