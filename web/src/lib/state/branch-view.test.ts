import { describe, expect, it } from 'vitest';
import type { Conversation, Message } from '#lib/wire.ts';
import { BranchView } from './branch-view.svelte.ts';
import type { End } from './branches.ts';
import { emptyConversation } from './chat-state.ts';

/** `u1<` is a question at the beginning, `a2<u1` an answer to it. */
const talk = (text: string): Message[] =>
  text.split(' ').map((each) => {
    const [id = '', parent = ''] = each.split('<');
    return {
      id,
      parent_id: parent || null,
      role: 'user',
      text: id,
      status: 'complete',
      created_at: '2026-11-22T09:00:00.000Z',
    };
  });

class World {
  conversation: Conversation;
  end: End = undefined;

  constructor(text: string, over: Partial<Conversation> = {}) {
    const messages = talk(text);
    this.conversation = {
      ...emptyConversation('c1', 'auto'),
      messages,
      message_count: messages.length,
      ...over,
    };
  }

  /** A fresh view at each look, as if everything were new. */
  view(): BranchView {
    return new BranchView({ conversation: () => this.conversation, end: () => this.end });
  }
}

const shown = (view: BranchView) => view.conversation?.messages.map(({ id }) => id).join(' ');
const FORKED = 'u1< a2<u1 a3<u1 u4<a3 a5<u4';

describe('the shown line', () => {
  it('is the very conversation where nothing branches', () => {
    const world = new World('u1< a2<u1 u3<a2 a4<u3');
    expect(world.view().conversation).toBe(world.conversation);
    expect(world.view().parentId).toBeNull();
  });

  it('C1: the next message follows it only where it is not the newest', () => {
    const view = new World(FORKED).view();
    expect([shown(view), view.parentId]).toEqual(['u1 a3 u4 a5', null]);
    view.choose('a2');
    expect([shown(view), view.parentId]).toEqual(['u1 a2', 'a2']);
    view.chooseNewest();
    expect([shown(view), view.parentId]).toEqual(['u1 a3 u4 a5', null]);
  });

  it('C8, C9: ends where what is on its way will stand, and nothing else goes on from there', () => {
    const world = new World(FORKED);
    world.end = 'u1';
    expect([shown(world.view()), world.view().parentId]).toEqual(['u1', null]);
    world.end = null;
    expect(shown(world.view())).toBe('');
  });

  it('is short when little of it is loaded because of what lies between', () => {
    const page = { has_more: true, message_count: 90 };
    expect(new World('a8<u7 u9<a8', page).view().isShort).toBe(false);
    expect(new World('a8<u7 a9<u1', page).view().isShort).toBe(true);
    expect(new World('a8<u7 a9<u1').view().isShort).toBe(false);
  });
});
