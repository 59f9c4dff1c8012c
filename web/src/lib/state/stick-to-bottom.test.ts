import { describe, expect, it } from 'vitest';
import { distanceFromEnd, follows } from './stick-to-bottom.svelte.ts';

const at = (scrollTop: number, scrollHeight = 2_000) => ({ scrollTop, scrollHeight, clientHeight: 500 });

describe('following the stream', () => {
  it('goes on at the end, and near it', () => {
    expect(follows(true, 1_500, at(1_500))).toBe(true);
    expect(follows(false, 1_400, at(1_460))).toBe(true);
  });

  it('lets go when the person scrolls up', () => {
    expect(follows(true, 1_500, at(1_200))).toBe(false);
  });

  it('does not take growth for a wish to leave', () => {
    expect(follows(true, 1_500, at(1_500, 2_600))).toBe(true);
  });

  it('stays away while the person reads further up', () => {
    expect(follows(false, 300, at(420))).toBe(false);
  });

  it('never counts a bounce as a distance', () => {
    expect(distanceFromEnd(at(1_530))).toBe(0);
  });
});
