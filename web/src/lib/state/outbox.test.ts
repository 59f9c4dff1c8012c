import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as box from './outbox.ts';

const LINE: box.Line = { open: true, running: false, conversationId: 'c1' };
const BUSY = { code: 'busy' as const, message: 'An answer is running.', retry_at: null };

function written(...texts: string[]): box.Outbox {
  return texts.reduce<box.Outbox>(
    (outbox, text) => box.enqueue(outbox, { client_id: text, text, trim: false, conversation_id: 'c1' }),
    [],
  );
}

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
    expect(outbox[0]).toMatchObject({ state: 'failed', error: { code: box.MOVED.code } });
    expect(
      box.pump(box.retry(outbox, 'a', 'c2', false, 'new-id'), { ...LINE, conversationId: 'c2' }).send?.text,
    ).toBe('a');
  });

  it('sends a message that was written before any conversation was known', () => {
    const early = box.enqueue([], { client_id: 'a', text: 'a', trim: false, conversation_id: null });
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
    const lost = box.disconnected(box.pump(written('a', 'b'), LINE).outbox);
    expect(box.probablyThere(lost, 'a')).toBe('a');
    expect(box.probablyThere(lost, 'b')).toBeNull();
    expect(box.probablyThere(written('a'), 'a')).toBeNull();
    expect(box.probablyThere([], null)).toBeNull();
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
