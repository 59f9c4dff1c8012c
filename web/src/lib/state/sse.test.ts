import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSse, type SseItem } from './sse.ts';

async function read(...pieces: Uint8Array[]): Promise<SseItem[]> {
  const items: SseItem[] = [];
  const stream = new ReadableStream<Uint8Array>({
    start: (line) => {
      for (const piece of pieces) line.enqueue(piece);
      line.close();
    },
  });
  for await (const item of readSse(stream)) items.push(item);
  return items;
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe('server-sent events', () => {
  it('H9: are data and comments', async () => {
    expect(await read(bytes('data: {"a":1}\n\n: ping\n\ndata:{"b":2}\r\n\r\n'))).toEqual([
      { kind: 'data', text: '{"a":1}' },
      { kind: 'comment', text: 'ping' },
      { kind: 'data', text: '{"b":2}' },
    ]);
  });

  it('know data of several lines, and pass over other fields', async () => {
    expect(await read(bytes('event: x\nid: 7\ndata: one\ndata: two\n\n'))).toEqual([
      { kind: 'data', text: 'one\ntwo' },
    ]);
  });

  it('drop what was not closed when the stream ended', async () => {
    expect(await read(bytes('data: whole\n\ndata: half\n'))).toEqual([{ kind: 'data', text: 'whole' }]);
  });

  it('are the same wherever the pieces end, inside a character too', async () => {
    const texts = fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 5 });
    const cuts = fc.array(fc.nat(200), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(texts, cuts, async (said, at) => {
        const frames = said.map((text) => JSON.stringify({ text }));
        const whole = bytes(frames.map((frame) => `data: ${frame}\n\n`).join(''));
        const ends = [...at.filter((cut) => cut < whole.length), whole.length].sort((a, b) => a - b);
        const pieces = ends.map((end, index) => whole.subarray(ends[index - 1] ?? 0, end));
        expect((await read(...pieces)).map(({ text }) => text)).toEqual(frames);
      }),
    );
  });

  it('close the stream for whoever stops reading', async () => {
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(bytes('data: x\n\n')),
      cancel: () => {
        cancelled = true;
      },
    });
    for await (const item of readSse(endless)) {
      expect(item.text).toBe('x');
      break;
    }
    expect(cancelled).toBe(true);
  });
});
