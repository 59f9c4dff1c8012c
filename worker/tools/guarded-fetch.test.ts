import { describe, expect, it, vi } from 'vitest';
import { guardedFetch } from './guarded-fetch.ts';

const OWN = 'https://tools.example.com/mcp';
const nobody = { onTooLarge: () => {}, onStream: () => {} };

function guarded(answer: () => Response = () => Response.json({}), most?: number) {
  const fetcher = vi.fn(async (_input: string | URL | Request, _init?: RequestInit) => answer());
  return { fetcher, fetch: guardedFetch(OWN, fetcher, nobody, most) };
}

describe('the fetch of one server of tools', () => {
  it.each([
    'https://tools.example.com/.well-known/oauth-protected-resource',
    'https://tools.example.com/mcp/',
    'https://tools.example.com/mcp?x=1',
    'http://tools.example.com/mcp',
    'https://evil.example.com/mcp',
    'http://169.254.169.254/latest/meta-data',
    'https://tools.example.com.evil.example/mcp',
  ])('calls nothing else: %s', async (address) => {
    const { fetch, fetcher } = guarded();
    await expect(fetch(address, { method: 'POST' })).rejects.toMatchObject({ kind: 'elsewhere' });
    await expect(fetch(new Request(address, { method: 'POST' }))).rejects.toMatchObject({
      kind: 'elsewhere',
    });
    expect(fetcher).not.toHaveBeenCalled();
  });

  it('calls its own address, and follows no redirect', async () => {
    const { fetch, fetcher } = guarded();
    await fetch(new URL(OWN), { method: 'POST' });
    expect(fetcher.mock.calls).toEqual([[OWN, { method: 'POST', redirect: 'manual' }]]);
    for (const status of [301, 302, 303, 307, 308]) {
      const away = guarded(() => new Response(null, { status, headers: { Location: OWN } }));
      await expect(away.fetch(OWN, { method: 'POST' })).rejects.toMatchObject({ kind: 'elsewhere', status });
    }
  });

  it('opens no stream that only waits for news, and one that takes up a broken answer', async () => {
    const { fetch, fetcher } = guarded();
    expect((await fetch(OWN, { method: 'GET' })).status).toBe(405);
    expect(fetcher).not.toHaveBeenCalled();
    expect((await fetch(OWN, { method: 'GET', headers: { 'Last-Event-ID': '1' } })).status).toBe(200);
  });

  it('reads as many bytes as are allowed, and not one more', async () => {
    const body = new Uint8Array(1_000);
    const plain = () => new Response(new Blob([body]).stream());
    const { fetch } = guarded(plain, 1_000);
    expect((await (await fetch(OWN, { method: 'POST' })).arrayBuffer()).byteLength).toBe(1_000);
    const tight = await guarded(plain, 999).fetch(OWN, { method: 'POST' });
    await expect(tight.arrayBuffer()).rejects.toMatchObject({ kind: 'too_large' });
    const told = () => new Response(new Uint8Array(5), { headers: { 'Content-Length': '1000' } });
    await expect(guarded(told, 999).fetch(OWN, { method: 'POST' })).rejects.toMatchObject({
      kind: 'too_large',
    });
  });

  it('hands on only the headers that the client needs', async () => {
    const headers = {
      'Content-Type': 'application/json',
      'Mcp-Session-Id': 's',
      'Set-Cookie': 'a=b',
      Server: 'x',
    };
    const { fetch } = guarded(() => new Response('{}', { headers }));
    const answer = await fetch(OWN, { method: 'POST' });
    expect([...answer.headers.keys()]).toEqual(['content-type', 'mcp-session-id']);
  });
});
