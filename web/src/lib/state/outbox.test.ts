import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '#lib/wire.ts';
import * as box from './outbox.ts';
import {
  ANEW,
  type Asking,
  endBefore,
  frameOf,
  type Letter,
  MOVED,
  type Outbox,
  type OutboxItem,
} from './outbox-item.ts';

const LINE: box.Line = { open: true, running: false, conversationId: 'c1' };
const BUSY = { code: 'busy' as const, message: 'An answer is running.', retry_at: null };

const letter = (text: string, over: Partial<Letter> = {}): Letter => ({
  text,
  trim: false,
  conversation_id: 'c1',
  asking: ANEW,
  ...over,
});

function written(...texts: string[]): Outbox {
  return texts.reduce<Outbox>((outbox, text) => box.enqueue(outbox, text, letter(text)), []);
}

const REDO: Asking = { type: 'redo', message_id: 'a2', tier: 'opus', after: 'u1' };
const EDIT: Asking = { type: 'edit', message_id: 'u3', after: 'a2' };

function item(asking: Asking, over: Partial<Letter> = {}): OutboxItem {
  const [only] = box.enqueue([], 'k1', letter('Hello?', { asking, ...over }));
  if (!only) throw new Error('nothing');
  return only;
}

/** `u1<` is a question with its id as its words, `a2<u1` an answer to it. */
const talk = (text: string): Message[] =>
  text.split(' ').map((each) => {
    const [id = '', parent = ''] = each.split('<');
    return {
      id,
      parent_id: parent || null,
      role: id.startsWith('u') ? 'user' : 'assistant',
      text: id,
      status: 'complete',
      created_at: '2026-11-22T09:00:00.000Z',
    } as Message;
  });

describe('the outbox', () => {
  it('sends one message at a time', () => {
    const first = box.pump(written('a', 'b'), LINE);
    expect(first.send?.text).toBe('a');
    expect(box.pump(first.outbox, LINE).send).toBeNull();
    expect(box.pump(box.confirm(first.outbox, 'a'), LINE).send?.text).toBe('b');
  });

  it('holds back while the line is down or an answer runs (R7)', () => {
    expect(box.pump(written('a'), { ...LINE, open: false }).send).toBeNull();
    expect(box.pump(written('a'), { ...LINE, running: true }).send).toBeNull();
  });

  it('C1: sends an unconfirmed message again with the same id, even while its own answer may be running', () => {
    const lost = box.disconnected(box.pump(written('a'), LINE).outbox);
    expect(box.pump(lost, { ...LINE, running: true }).send).toMatchObject({ client_id: 'a', text: 'a' });
  });

  it('does not put a message into another conversation than the one it was written for', () => {
    const { outbox, send } = box.pump(written('a'), { ...LINE, conversationId: 'c2' });
    expect(send).toBeNull();
    expect(outbox[0]).toMatchObject({ state: 'failed', error: { code: MOVED.code } });
    expect(
      box.pump(box.retry(outbox, 'a', 'c2', false, 'new-id'), { ...LINE, conversationId: 'c2' }).send?.text,
    ).toBe('a');
  });

  it('sends a message that was written before any conversation was known', () => {
    const early = box.enqueue([], 'a', letter('a', { conversation_id: null }));
    expect(box.pump(early, LINE).send?.text).toBe('a');
  });

  it('R7: waits after busy, as long as it takes, and less and less eagerly', () => {
    let outbox = written('a', 'b');
    const waits: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      const step = box.pump(outbox, LINE);
      expect(step.send?.client_id).toBe('a');
      outbox = box.refused(step.outbox, 'a', BUSY);
      expect(outbox[0]).toMatchObject({ state: 'waiting', unconfirmed: false });
      expect(box.pump(outbox, { ...LINE, held: true }).send).toBeNull();
      waits.push(outbox[0] ? box.busyWaitMs(outbox[0]) : 0);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
  });

  it('knows its unconfirmed message in a snapshot that ends with it, and no other', () => {
    const lost = box.disconnected(box.pump(written('u3', 'u5'), LINE).outbox);
    expect(box.probablyThere(lost, talk('u1< a2<u1 u3<a2 a4<u3'))).toBe('u3');
    expect(box.probablyThere(lost, talk('u1< a2<u1 u5<a2'))).toBeNull();
    expect(box.probablyThere(written('u3'), talk('u3<'))).toBeNull();
    expect(box.probablyThere([], [])).toBeNull();
    expect(box.probablyThere(lost, [])).toBeNull();
  });

  it('C8, C9: knows a redo by the new answer, an edit by the new question', () => {
    const sent = (asking: Asking, text: string) =>
      box.pump(box.enqueue([], 'k', letter(text, { asking })), LINE).outbox;
    const before = 'u1< a2<u1 u3<a2 a4<u3';
    expect(box.probablyThere(sent(REDO, 'u1'), talk(before))).toBeNull();
    expect(box.probablyThere(sent(REDO, 'u1'), talk('u1< a2<u1'))).toBeNull();
    expect(box.probablyThere(sent(REDO, 'u1'), talk(`${before} a5<u1`))).toBe('k');
    expect(box.probablyThere(sent(EDIT, 'u3'), talk(before))).toBeNull();
    expect(box.probablyThere(sent(EDIT, 'u5'), talk(`${before} u5<a2 a6<u5`))).toBe('k');
  });

  it('C8, C9: goes out as what it is, with its own id, and the mode where there is one', () => {
    expect(frameOf(item(ANEW), null)).toEqual({ type: 'chat', message: 'Hello?', client_id: 'k1' });
    expect(frameOf(item({ type: 'chat', after: 'a2' }, { trim: true }), 'economy')).toEqual({
      type: 'chat',
      message: 'Hello?',
      client_id: 'k1',
      trim: true,
      auto_mode: 'economy',
      parent_id: 'a2',
    });
    const redo = { type: 'redo', message_id: 'a2', client_id: 'k1' };
    expect(frameOf(item(REDO), null)).toEqual({ ...redo, tier: 'opus' });
    expect(frameOf(item({ ...REDO, tier: null }), 'quality')).toEqual({ ...redo, auto_mode: 'quality' });
    expect(frameOf(item(EDIT), null)).toEqual({
      type: 'edit',
      message_id: 'u3',
      message: 'Hello?',
      client_id: 'k1',
    });
  });

  it('says where the conversation ends until it is in it', () => {
    expect(
      [ANEW, { ...ANEW, after: 'a2' }, REDO, EDIT, { ...EDIT, after: null }].map((asking) =>
        endBefore(item(asking)),
      ),
    ).toEqual([undefined, 'a2', 'u1', 'a2', null]);
  });

  it('C8, C9: is a message like any other in another conversation, where what it was about is not', () => {
    const refused = box.pump([item(EDIT)], { ...LINE, conversationId: 'c2' }).outbox;
    expect(box.retry(refused, 'k1', 'c2', false, 'k2')[0]).toMatchObject({ client_id: 'k2', asking: ANEW });
    const here = box.fail([item(EDIT)], 'k1', BUSY);
    expect(box.retry(here, 'k1', 'c1', false, 'k2')[0]).toMatchObject({ client_id: 'k1', asking: EDIT });
  });

  it('R13: a message that did not fit can be sent with the oldest turns left out', () => {
    const refused = box.refused(box.pump(written('a'), LINE).outbox, 'a', {
      code: 'context_too_long',
      message: '9,000 of 8,192 tokens.',
      retry_at: null,
    });
    expect(refused[0]?.state).toBe('failed');
    expect(box.pump(box.retry(refused, 'a', 'c1', true, 'new-id'), LINE).send).toMatchObject({
      client_id: 'a',
      trim: true,
    });
  });

  it('comes back from storage with everything unconfirmed, and survives nonsense there', () => {
    const sent = box.pump(written('a', 'b'), LINE).outbox;
    expect(box.readOutbox(JSON.stringify(sent)).map((item) => item.state)).toEqual(['waiting', 'waiting']);
    // As a page stored it that knew messages only.
    const [{ asking: _, ...older }] = written('a') as [OutboxItem];
    expect(box.readOutbox(JSON.stringify([older]))).toEqual(written('a'));
    for (const stored of [null, '', '{', '{}', '[{"client_id":1}]', 'null'])
      expect(box.readOutbox(stored)).toEqual([]);
  });

  it('delivers every message once and in order, whatever is lost on the way', () => {
    const losses = fc.array(fc.constantFrom('request', 'answer', 'none'), { maxLength: 20 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), losses, (count, fates) => {
        const texts = Array.from({ length: count }, (_, index) => `m${index}`);
        const received: string[] = [];
        let outbox = written(...texts);
        for (let round = 0; outbox.length > 0 && round < 100; round += 1) {
          const { outbox: next, send } = box.pump(outbox, LINE);
          if (!send) throw new Error('stuck');
          const fate = fates[round] ?? 'none';
          // The server takes a known client_id only once (C1).
          if (fate !== 'request' && !received.includes(send.client_id)) received.push(send.client_id);
          outbox = fate === 'none' ? box.confirm(next, send.client_id) : box.disconnected(next);
        }
        expect(received).toEqual(texts);
      }),
    );
  });
});
