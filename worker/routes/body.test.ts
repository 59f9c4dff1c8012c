import { describe, expect, it } from 'vitest';
import { readText } from './body.ts';

/** A request whose body comes in these pieces; counts how many were taken. */
function aRequest(pieces: Uint8Array[], headers: Record<string, string> = {}) {
  let taken = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = pieces[taken];
        if (piece === undefined) return controller.close();
        taken += 1;
        controller.enqueue(piece);
      },
    },
    { highWaterMark: 0 },
  );
  const request = new Request('http://localhost/frames', { method: 'POST', headers, body, duplex: 'half' });
  return { request, taken: () => taken };
}
const bytes = (text: string) => new TextEncoder().encode(text);

describe('readText', () => {
  it('joins the pieces, also where a character is cut', async () => {
    const all = bytes('Grüße 😀');
    const { request } = aRequest([...all].map((byte) => Uint8Array.of(byte)));
    expect(await readText(request, all.length)).toEqual({ ok: true, text: 'Grüße 😀' });
  });

  it('no body is an empty text', async () => {
    expect(await readText(new Request('http://localhost/', { method: 'POST' }), 10)).toEqual({
      ok: true,
      text: '',
    });
  });

  it('the length that is announced is refused without reading', async () => {
    const { request, taken } = aRequest([bytes('short')], { 'Content-Length': '11' });
    expect(await readText(request, 10)).toEqual({ ok: false, fault: 'too_big' });
    expect(taken()).toBe(0);
  });

  it('what comes is counted, whatever was announced, and no more is read than needed', async () => {
    const piece = new Uint8Array(4);
    const { request, taken } = aRequest(Array<Uint8Array>(100).fill(piece), { 'Content-Length': '1' });
    expect(await readText(request, 10)).toEqual({ ok: false, fault: 'too_big' });
    expect(taken()).toBe(3);
  });

  it('what is not UTF-8 is unreadable, also at the very end', async () => {
    for (const wrong of [[0xff, 0x20], bytes('ü').subarray(0, 1)]) {
      const { request } = aRequest([Uint8Array.from(wrong)]);
      expect(await readText(request, 10)).toEqual({ ok: false, fault: 'unreadable' });
    }
  });

  it('a body that breaks off is unreadable', async () => {
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error('reset')) });
    const request = new Request('http://localhost/', { method: 'POST', body, duplex: 'half' });
    expect(await readText(request, 10)).toEqual({ ok: false, fault: 'unreadable' });
  });
});
