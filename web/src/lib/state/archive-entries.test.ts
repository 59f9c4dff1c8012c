import { describe, expect, it } from 'vitest';
import { joined, withArchived, withNewestPage, without } from './archive-entries.ts';
import { archiveEntry } from './test-frames.ts';

const entry = (id: string, minute: number) => ({
  ...archiveEntry(id),
  archived_at: `2026-11-22T09:${String(minute).padStart(2, '0')}:00.000Z`,
});
const ids = (entries: { id: string }[]) => entries.map(({ id }) => id);

describe('the list of archived conversations', () => {
  const [a, b, c, d] = [entry('a', 1), entry('b', 2), entry('c', 3), entry('d', 4)];

  it('has what was just archived on top, once', () => {
    expect(ids(withArchived([b, a], a))).toEqual(['a', 'b']);
    expect(ids(withArchived([b, a], null))).toEqual(['b', 'a']);
  });

  it('loses the deleted one, and is the same list where there was none', () => {
    const list = [b, a];
    expect(ids(without(list, 'b'))).toEqual(['a']);
    expect(without(list, 'z')).toBe(list);
  });

  it('keeps what the newest page of the server no longer reaches', () => {
    expect(ids(withNewestPage([b, a], [d, c]))).toEqual(['d', 'c', 'b', 'a']);
  });

  it('believes the server about everything that its page covers', () => {
    expect(ids(withNewestPage([d, c, b], [d, b]))).toEqual(['d', 'b']);
    expect(withNewestPage([b, a], [])).toEqual([]);
  });

  it('joins pages that overlap without doubles', () => {
    expect(ids(joined([c, b], [b, a]))).toEqual(['c', 'b', 'a']);
  });
});
