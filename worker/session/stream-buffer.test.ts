import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DeltaKind, JOIN_MS, SEQ_GAP, STORE_CHARS, STORE_MS, StreamBuffer } from './stream-buffer.ts';

type Sent = { type: string; seq: number; text?: string };

function collecting() {
  const sent: Sent[] = [];
  return { sent, send: (wire: string) => sent.push(JSON.parse(wire) as Sent) };
}
const texts = (sent: Sent[], kind: DeltaKind) =>
  sent.flatMap((one) => (one.type === kind ? [one.text ?? ''] : [])).join('');

describe('R1 order', () => {
  it('property: numbers rise by exactly one, joined deltas are the text, and every chunk together is every frame', () => {
    const step = fc.record({
      kind: fc.constantFrom<DeltaKind>('text_delta', 'thinking_delta'),
      text: fc.string({
        unit: fc.constantFrom('a', 'é', '漢', '😀', '\ud83d', '\ude00', '\n'),
        maxLength: 5,
      }),
      wait: fc.constantFrom(0, 3, 12, 700),
      store: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(1000), (steps, start) => {
        const buffer = new StreamBuffer('c', start);
        const { sent, send } = collecting();
        const stored: string[] = [];
        let now = 0;
        for (const { kind, text, wait, store } of steps) {
          now += wait;
          buffer.delta(kind, 'm', text, now, send);
          if (store) stored.push(...(buffer.takeChunk()?.wire.split('\n') ?? []));
        }
        buffer.drain(now, send, true);
        stored.push(...(buffer.takeChunk()?.wire.split('\n') ?? []));
        expect(sent.map((one) => one.seq)).toEqual(sent.map((_, i) => start + 1 + i));
        expect(stored.map((wire) => JSON.parse(wire))).toEqual(sent);
        for (const one of sent) expect(one.text?.isWellFormed()).toBe(true);
        if (steps.every((one) => one.kind === 'text_delta')) {
          expect(texts(sent, 'text_delta')).toBe(
            steps
              .map((one) => one.text)
              .join('')
              .toWellFormed(),
          );
        }
      }),
    );
  });

  it('a character that the provider cut in two comes out whole', () => {
    const buffer = new StreamBuffer('c', 0);
    const { sent, send } = collecting();
    buffer.delta('text_delta', 'm', 'ok \ud83d', 0, send);
    buffer.delta('text_delta', 'm', '\ude00!', 50, send);
    expect(sent.map((one) => one.text)).toEqual(['ok ', '😀!']);
  });

  it('half a character that stays alone becomes U+FFFD at the end', () => {
    const buffer = new StreamBuffer('c', 0);
    const { sent, send } = collecting();
    buffer.delta('text_delta', 'm', '\ud83d', 0, send);
    expect(sent).toEqual([]);
    buffer.drain(0, send, true);
    expect(sent.map((one) => one.text)).toEqual(['\ufffd']);
  });
});

describe('joining', () => {
  it('the first delta goes at once, faster ones are joined until the time is up', () => {
    const buffer = new StreamBuffer('c', 0);
    const { sent, send } = collecting();
    expect(buffer.delta('text_delta', 'm', 'a', 100, send)).toBe(0);
    expect(buffer.delta('text_delta', 'm', 'b', 102, send)).toBe(JOIN_MS - 2);
    expect(buffer.delta('text_delta', 'm', 'c', 104, send)).toBe(JOIN_MS - 4);
    expect(sent.map((one) => one.text)).toEqual(['a']);
    buffer.drain(110, send);
    expect(sent.map((one) => one.text)).toEqual(['a', 'bc']);
  });

  it('deltas slower than that are never held back', () => {
    const buffer = new StreamBuffer('c', 0);
    const { sent, send } = collecting();
    for (let i = 0; i < 5; i++) expect(buffer.delta('text_delta', 'm', String(i), i * JOIN_MS, send)).toBe(0);
    expect(sent).toHaveLength(5);
  });

  it('thinking is never joined to text', () => {
    const buffer = new StreamBuffer('c', 0);
    const { sent, send } = collecting();
    buffer.delta('thinking_delta', 'm', 'a', 0, send);
    buffer.delta('thinking_delta', 'm', 'b', 1, send);
    buffer.delta('text_delta', 'm', 'c', 2, send);
    buffer.drain(20, send);
    expect(sent.map((one) => [one.type, one.text])).toEqual([
      ['thinking_delta', 'a'],
      ['thinking_delta', 'b'],
      ['text_delta', 'c'],
    ]);
  });
});

describe('storing', () => {
  it('is due after its time, or after its characters, and not before', () => {
    const buffer = new StreamBuffer('c', 0);
    const { send } = collecting();
    expect(buffer.storeDue(1e9)).toBe(false);
    buffer.delta('text_delta', 'm', 'a', 0, send);
    expect(buffer.storeDue(STORE_MS - 1)).toBe(false);
    expect(buffer.storeDue(STORE_MS)).toBe(true);
    buffer.takeChunk();
    buffer.delta('text_delta', 'm', 'x'.repeat(STORE_CHARS), STORE_MS, send);
    expect(buffer.storeDue(STORE_MS)).toBe(true);
  });

  it('R11: never holds as many unstored frames as seq jumps after a loss', () => {
    const buffer = new StreamBuffer('c', 0);
    let unstored = 0;
    for (let i = 0; !buffer.storeDue(i); i += 0) {
      buffer.delta('text_delta', 'm', 'x', (unstored + 1) * JOIN_MS, () => {
        unstored += 1;
      });
    }
    expect(unstored).toBeLessThan(SEQ_GAP);
  });

  it('knows what is not on disk yet', () => {
    const buffer = new StreamBuffer('c', 0);
    const { send } = collecting();
    buffer.delta('text_delta', 'm', 'a', 0, send);
    buffer.takeChunk();
    buffer.delta('text_delta', 'm', 'b', 20, send);
    buffer.delta('text_delta', 'm', 'c', 40, send);
    const seqs = (after: number) => buffer.unstoredAfter(after).map((wire) => (JSON.parse(wire) as Sent).seq);
    expect(seqs(1)).toEqual([2, 3]);
    expect(seqs(2)).toEqual([3]);
    expect(seqs(3)).toEqual([]);
  });
});
