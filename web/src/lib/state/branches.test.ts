import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Conversation, Message } from '#lib/wire.ts';
import { alongLine, choiceOf, type End, leafOf, lineTo, treeOf, versionsOf } from './branches.ts';
import { emptyConversation } from './chat-state.ts';

/** `u1<` is a question at the beginning, `a2<u1` an answer to it. */
function message(text: string): Message {
  const [id = '', parent = ''] = text.split('<');
  return {
    id,
    parent_id: parent || null,
    role: 'user',
    text: id,
    status: 'complete',
    created_at: '2026-11-22T09:00:00.000Z',
  };
}
const talk = (text: string): Message[] => text.split(' ').map(message);

/** A conversation of which the newest messages are loaded. */
function loaded(messages: Message[], has_more = false, message_count = messages.length): Conversation {
  return { ...emptyConversation('c1', 'auto'), messages, has_more, message_count };
}

function shown(messages: Message[], pick: string | null = null, end: End = undefined): string {
  const tree = treeOf(messages);
  const choice = pick === null ? null : choiceOf(messages, tree, pick);
  const line = lineTo(tree, leafOf(messages, tree, choice, end));
  return line.map((index) => messages[index]?.id).join(' ');
}

function versions(conversation: Conversation, id: string) {
  const found = conversation.messages.find((each) => each.id === id);
  if (!found) throw new Error(`no ${id}`);
  return versionsOf(conversation, treeOf(conversation.messages), found);
}

/** u1 was answered twice; the second answer led on, and its question was edited. */
const FORKED = talk('u1< a2<u1 u3<a2 a4<u3 a5<u1 u6<a5 a7<u6 u8<a5 a9<u8');

describe('the line that is shown', () => {
  it('is all of a conversation that nobody went back in', () => {
    const messages = talk('u1< a2<u1 u3<a2 a4<u3');
    expect(treeOf(messages).isLine).toBe(true);
    expect(shown(messages)).toBe('u1 a2 u3 a4');
  });

  it('C8, C9: ends in the newest message', () => {
    expect(treeOf(FORKED).isLine).toBe(false);
    expect(shown(FORKED)).toBe('u1 a5 u8 a9');
  });

  it('goes from another version on to the newest that followed from it', () => {
    expect(shown(FORKED, 'a2')).toBe('u1 a2 u3 a4');
    expect(shown(FORKED, 'u6')).toBe('u1 a5 u6 a7');
    expect(shown(FORKED, 'a5')).toBe('u1 a5 u8 a9');
  });

  it('goes to what comes next, wherever a person had looked', () => {
    const choice = choiceOf(FORKED, treeOf(FORKED), 'a2');
    const later = [...FORKED, message('a10<u8')];
    expect(leafOf(later, treeOf(later), choice, undefined)).toBe(later.length - 1);
  });

  it('ends where a message on its way will stand, whatever was chosen', () => {
    expect(shown(FORKED, 'a2', 'a5')).toBe('u1 a5');
    expect(shown(FORKED, null, null)).toBe('');
    expect(shown(FORKED, 'a2', 'gone')).toBe('u1 a2 u3 a4');
  });

  it('begins with the oldest message of it that is loaded', () => {
    expect(shown(FORKED.slice(4))).toBe('a5 u8 a9');
    expect(shown(FORKED.slice(7))).toBe('u8 a9');
  });

  it('is one unbroken chain in every tree, and each version leads to a line that it is on', () => {
    const trees = fc
      .array(fc.nat(), { minLength: 1, maxLength: 40 })
      .map((picks) =>
        picks.map((pick, index) =>
          message(`m${index}<${index === 0 || pick % 7 === 0 ? '' : `m${pick % index}`}`),
        ),
      );
    fc.assert(
      fc.property(trees, fc.nat(), (messages, n) => {
        const picked = messages[n % messages.length]?.id ?? '';
        const line = shown(messages, picked).split(' ');
        expect(line).toContain(picked);
        line.forEach((id, index) => {
          expect(messages.find((each) => each.id === id)?.parent_id ?? undefined).toBe(line[index - 1]);
        });
        // Nothing follows from its end.
        expect(messages.some((each) => each.parent_id === line.at(-1))).toBe(false);
      }),
    );
  });
});

describe('the versions of a message', () => {
  it('are those with the same parent, in order of arrival', () => {
    expect(versions(loaded(FORKED), 'a5')).toEqual({ ids: ['a2', 'a5'], index: 1 });
    expect(versions(loaded(FORKED), 'u6')).toEqual({ ids: ['u6', 'u8'], index: 0 });
    expect(versions(loaded(FORKED), 'u1')).toBeNull();
    expect(versions(loaded(FORKED), 'a9')).toBeNull();
  });

  it('C9: of the first question have no parent at all', () => {
    const messages = talk('u1< a2<u1 u3< a4<u3');
    expect(versions(loaded(messages), 'u3')).toEqual({ ids: ['u1', 'u3'], index: 1 });
  });

  it('are not counted before all of them can be there', () => {
    expect(versions(loaded(FORKED.slice(4), true), 'a5')).toBeNull();
    const roots = talk('u3< a4<u3 u5< a6<u5');
    expect(versions(loaded(roots, true), 'u5')).toBeNull();
    expect(versions(loaded(roots, false), 'u5')).toMatchObject({ index: 1 });
  });
});

describe('a conversation along its line', () => {
  const along = (conversation: Conversation) => {
    const tree = treeOf(conversation.messages);
    const line = lineTo(tree, leafOf(conversation.messages, tree, null, undefined));
    return alongLine(conversation, line);
  };

  it('has the messages of the line, and counts them', () => {
    const { messages, message_count } = along(loaded(FORKED));
    expect([messages.map(({ id }) => id).join(' '), message_count]).toEqual(['u1 a5 u8 a9', 4]);
  });

  it('counts what is not loaded as a part of it', () => {
    const { messages, message_count, has_more } = along(loaded(FORKED.slice(4), true, 9));
    expect([messages.length, message_count, has_more]).toEqual([3, 7, true]);
  });
});
