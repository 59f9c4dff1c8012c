import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../testing/world.ts';
import { HEARTBEAT_MS, HttpStream, MOST_WAITING } from './http-stream.ts';

/** A stream with its reader; nothing is taken off it but by `read`. */
function aStream(greeting: string[] = ['{"type":"session"}']) {
  const clock = new FakeClock();
  const gone: HttpStream[] = [];
  const stream = new HttpStream({
    connectionId: 'c',
    visitor: { who: 'session:s', address: 'local' },
    greeting,
    openedAt: clock.now(),
    timers: clock,
    onGone: (one) => gone.push(one),
  });
  const reader = stream.body.getReader();
  const decoder = new TextDecoder();
  const read = async () => decoder.decode((await reader.read()).value);
  return { stream, clock, gone, reader, read };
}

describe('H9 a stream', () => {
  it('begins with its greeting, then one event a frame, nothing but data lines', async () => {
    const { stream, read } = aStream(['{"type":"session"}', '{"seq":1}']);
    stream.send('{"seq":2,"text":"a\\n\\nb"}');
    expect(await read()).toBe('data: {"type":"session"}\n\ndata: {"seq":1}\n\n');
    expect(await read()).toBe('data: {"seq":2,"text":"a\\n\\nb"}\n\n');
  });

  it('a comment every 15 s while it is open, and no timer afterwards', async () => {
    const { stream, clock, read } = aStream();
    await read();
    clock.advance(HEARTBEAT_MS - 1);
    stream.send('{}');
    expect(await read()).toBe('data: {}\n\n');
    clock.advance(1);
    expect(await read()).toBe(': ping\n\n');
    clock.advance(HEARTBEAT_MS);
    expect(await read()).toBe(': ping\n\n');
    stream.close(1000, 'done');
    expect(clock.pending).toBe(0);
  });

  it('the last word is a comment with the code, on one line, and then it ends', async () => {
    const { stream, gone, reader, read } = aStream();
    await read();
    stream.close(4404, 'This session\nwas deleted.');
    expect(await read()).toBe(': closed 4404 This session was deleted.\n\n');
    expect((await reader.read()).done).toBe(true);
    expect(gone).toEqual([stream]);
    stream.send('{}');
    stream.close(1000, '');
    expect(gone).toEqual([stream]);
  });

  it('a client that cancels is taken off, and its timer with it', async () => {
    const { stream, clock, gone, reader } = aStream();
    await reader.cancel();
    expect(gone).toEqual([stream]);
    expect(clock.pending).toBe(0);
    stream.send('{}');
  });

  it('what waits for a slow reader comes as one piece, in order', async () => {
    const { stream, read } = aStream();
    for (const seq of [1, 2, 3]) stream.send(`{"seq":${seq}}`);
    await read();
    expect(await read()).toBe('data: {"seq":1}\n\ndata: {"seq":2}\n\ndata: {"seq":3}\n\n');
    stream.send('{"seq":4}');
    stream.send('{"seq":5}');
    expect((await read()) + (await read())).toBe('data: {"seq":4}\n\ndata: {"seq":5}\n\n');
  });

  it('a reader that is ahead gets each frame once', async () => {
    const { stream, read } = aStream();
    await read();
    for (let seq = 1; seq <= 3; seq++) {
      const next = read();
      await settle();
      stream.send(`{"seq":${seq}}`);
      expect(await next).toBe(`data: {"seq":${seq}}\n\n`);
    }
  });

  it('what waits is sent before the last word', async () => {
    const { stream, read } = aStream();
    stream.send('{"seq":1}');
    stream.close(4429, 'Too many.');
    await read();
    expect(await read()).toBe('data: {"seq":1}\n\n: closed 4429 Too many.\n\n');
  });

  it('a reader that takes nothing is cut off when too much waits, and what waited is let go', async () => {
    // However long the greeting is: one that is still being read must not be the reason.
    const { stream, gone, clock, read, reader } = aStream(['x'.repeat(2 * MOST_WAITING)]);
    const frame = 'x'.repeat(MOST_WAITING / 4 - 'data: \n\n'.length);
    for (let i = 0; i < 4; i++) stream.send(frame);
    expect(gone).toEqual([]);
    stream.send('x');
    expect(gone).toEqual([stream]);
    expect(clock.pending).toBe(0);
    await read();
    expect(await read()).toBe(': closed 1013 The reader is too slow.\n\n');
    expect((await reader.read()).done).toBe(true);
  });

  it('a reader that keeps up may take any amount', async () => {
    const { stream, gone, read } = aStream();
    await read();
    const frame = 'x'.repeat(MOST_WAITING / 2);
    for (let i = 0; i < 10; i++) {
      stream.send(frame);
      await read();
    }
    expect(gone).toEqual([]);
  });
});
