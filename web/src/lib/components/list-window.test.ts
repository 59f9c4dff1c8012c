import { describe, expect, it } from 'vitest';
import { emptyConversation } from '#lib/state/chat-state.ts';
import type { Message } from '#lib/wire.ts';
import { isPrepended, mountedAlways, placeOf, WHOLE_UP_TO } from './list-window.ts';

const key = (row: string): string => row;

describe('the window of a list', () => {
  it('holds every row of a list of usual length', () => {
    expect(mountedAlways(3, -1)).toEqual([0, 1, 2]);
    expect(mountedAlways(WHOLE_UP_TO, 5)).toHaveLength(WHOLE_UP_TO);
  });

  it('holds only the focused row of a longer one, beside what is in view', () => {
    expect(mountedAlways(WHOLE_UP_TO + 1, -1)).toEqual([]);
    expect(mountedAlways(10_000, 5)).toEqual([5]);
  });

  it('knows rows that came before the first from rows that came behind, or another list', () => {
    expect(isPrepended(['a', 'b', 'c'], 'b', key)).toBe(true);
    expect(isPrepended(['b', 'c', 'd'], 'b', key)).toBe(false);
    expect(isPrepended(['x', 'y'], 'b', key)).toBe(false);
    expect(isPrepended(['a'], undefined, key)).toBe(false);
    expect(isPrepended([], 'b', key)).toBe(false);
  });

  it('counts the places in the whole conversation, of which the newest messages are loaded', () => {
    const message = (id: string): Message => ({
      id,
      parent_id: null,
      role: 'user',
      text: '',
      status: 'complete',
      created_at: '',
    });
    const conversation = {
      ...emptyConversation('c', 'auto'),
      messages: ['y', 'z'].map(message),
      message_count: 10,
    };
    expect(placeOf(0, conversation)).toEqual({ index: 0, posinset: 9, setsize: 10 });
    expect(placeOf(1, conversation)).toEqual({ index: 1, posinset: 10, setsize: 10 });
  });
});
