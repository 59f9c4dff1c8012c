import { describe, expect, it } from 'vitest';
import { isListed } from './proxy-list.ts';

describe('what a proxy lists', () => {
  it.each([
    [['claude-opus-5-5'], true],
    [['*'], true],
    [['claude-*'], true],
    [['anthropic/*'], true],
    [['anthropic/claude-opus-5-5'], true],
    [['claude-opus-5'], false],
    [['claude-opus-5-5-fast'], false],
    [['ollama-*', 'claude-haiku-5-5'], false],
    [[], false],
  ])('%j has claude-opus-5-5: %s', (names, expected) => {
    expect(isListed(names, 'claude-opus-5-5')).toBe(expected);
  });
});
