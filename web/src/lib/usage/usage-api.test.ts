import { afterEach, expect, test, vi } from 'vitest';
import { aReport } from './test-rows.ts';
import { fetchUsage, fetchUsageCsv } from './usage-api.ts';

afterEach(() => vi.unstubAllGlobals());

function server(answer: () => Response) {
  const asked: { url: string; authorization: string | null }[] = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    asked.push({ url, authorization: new Headers(init.headers).get('authorization') });
    return answer();
  });
  return asked;
}
const SINCE = Date.parse('2026-11-16T00:00:00Z');

test('a report is asked for by its scope; what is secret goes into a header, never into the address', async () => {
  const asked = server(() => Response.json(aReport()));
  await fetchUsage({ scope: 'session', sessionId: 'a-session' }, SINCE);
  await fetchUsage({ scope: 'deployment', token: 'a-token' }, SINCE);
  await fetchUsage({ scope: 'deployment', token: null }, SINCE);
  expect(asked).toEqual([
    { url: '/usage-report?since=2026-11-16T00%3A00%3A00.000Z', authorization: 'Bearer a-session' },
    { url: '/operator/usage-report?since=2026-11-16T00%3A00%3A00.000Z', authorization: 'Bearer a-token' },
    { url: '/operator/usage-report?since=2026-11-16T00%3A00%3A00.000Z', authorization: null },
  ]);
});

test('the file is the server’s own', async () => {
  const asked = server(() => new Response('hour,model\r\n'));
  const file = await fetchUsageCsv({ scope: 'deployment', token: 'a-token' }, SINCE);
  expect(await file.text()).toBe('hour,model\r\n');
  expect(asked[0]?.url).toBe('/operator/usage-report?since=2026-11-16T00%3A00%3A00.000Z&format=csv');
  expect(asked[0]?.url).not.toContain('a-token');
});

test('what is no report is refused', async () => {
  server(() => Response.json({ scope: 'session' }));
  await expect(fetchUsage({ scope: 'session', sessionId: 's' }, SINCE)).rejects.toThrow(/unexpected/);
});
