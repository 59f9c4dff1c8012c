import { describe, expect, it } from 'vitest';
import type { Conversation, Message } from '#lib/wire.ts';
import { emptyConversation } from './chat-state.ts';
import { prependOlder, withLoadedPages } from './message-pages.ts';

const message = (id: string): Message => ({
  id,
  parent_id: null,
  role: 'user',
  text: id,
  status: 'complete',
  created_at: '2026-11-22T09:00:00.000Z',
});
const page = (ids: string, over: Partial<Conversation> = {}): Conversation => ({
  ...emptyConversation('c1', 'auto'),
  messages: [...ids].map(message),
  ...over,
});
const ids = (conversation: Conversation) => conversation.messages.map(({ id }) => id).join('');

describe('pages of a conversation', () => {
  it('an older one goes before what is there, without doubles, and says whether there is more', () => {
    const all = prependOlder(page('cde', { has_more: true }), page('abc', { has_more: false }));
    expect([ids(all), all.has_more]).toEqual(['abcde', false]);
  });

  it('loaded ones stay when the newest page comes again', () => {
    const all = withLoadedPages(page('def', { has_more: true }), page('abcde', { has_more: false }));
    expect([ids(all), all.has_more]).toEqual(['abcdef', false]);
  });

  it('are given up where there is a hole before the newest, or it is another conversation', () => {
    const newest = page('xyz', { has_more: true });
    expect(withLoadedPages(newest, page('abc'))).toBe(newest);
    expect(withLoadedPages(newest, page('axyz', { id: 'c2' }))).toBe(newest);
    expect(withLoadedPages(newest, null)).toBe(newest);
  });

  it('the newest page replaces what it covers', () => {
    const known = page('abc');
    const newest = page('bc');
    expect(withLoadedPages(newest, known).messages.slice(1)).toEqual(newest.messages);
    expect(withLoadedPages(newest, known).messages[2]).toBe(newest.messages[1]);
  });
});
