import { exports } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { usageReportSchema } from '../../shared/index.ts';
import { Deployment, errorOf, PASSWORD, sessions } from '../testing/deployment.ts';
import { ORIGIN, SocketClient, StreamClient, upstream } from '../testing/workerd-clients.ts';

const HOUR = 3_600_000;

beforeEach(async () => {
  await upstream.tell('reset');
});

function ask(session: string, query = ''): Promise<Response> {
  const headers = { Authorization: `Bearer ${session}` };
  return exports.default.fetch(`${ORIGIN}/usage-report${query}`, { headers });
}

/** A session with one answer: 12 tokens in, 7 out. */
async function aSession(): Promise<string> {
  const client = await SocketClient.open();
  const { session_id } = await client.next('session');
  client.send({ message: 'a confidential question' });
  await upstream.asked(1);
  await upstream.text('a confidential answer');
  await upstream.finish();
  await client.next('message_end');
  return session_id;
}

describe('what a session has used', () => {
  it('is told as JSON, without a word that was said and without its id', async () => {
    const session = await aSession();
    const response = await ask(session);
    expect(response.status).toBe(200);
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    const text = await response.text();
    for (const secret of ['confidential', session]) expect(text).not.toContain(secret);
    const report = usageReportSchema.parse(JSON.parse(text));
    expect(report.scope).toBe('session');
    expect(Date.parse(report.since) % HOUR).toBe(0);
    expect(report.rows).toMatchObject([
      { answers: 1, automatic: 1, fallbacks: 0, errors: 0, input_tokens: 12, output_tokens: 7 },
    ]);
    expect(report.rows[0]?.cost_usd).toBeGreaterThan(0);
  });

  it('is a file as CSV', async () => {
    const response = await ask(await aSession(), '?format=csv&since=2026-01-01');
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toBe('text/csv; charset=utf-8; header=present');
    expect(response.headers.get('Content-Disposition')).toBe(
      'attachment; filename="usage-session-since-2026-01-01.csv"',
    );
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff');
    const lines = (await response.text()).split('\r\n');
    expect(lines[0]).toMatch(/^hour,model,tier,answers,/);
    expect(lines[1]).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:00:00\.000Z,claude-haiku-5-5,haiku,1,1,0,0,0\.\d+,/);
    expect(lines).toHaveLength(3);
  });

  it('since: a day or a moment, and whole hours', async () => {
    const session = await aSession();
    const rowsSince = async (since: string) => {
      const response = await ask(session, `?since=${encodeURIComponent(since)}`);
      expect(response.status).toBe(200);
      const { since: told, rows } = usageReportSchema.parse(await response.json());
      return { told, rows: rows.length };
    };
    expect(await rowsSince('0000-01-01')).toEqual({ told: '1970-01-01T00:00:00.000Z', rows: 1 });
    expect(await rowsSince('2026-11-22T08:30:00+01:00')).toMatchObject({ told: '2026-11-22T07:00:00.000Z' });
    expect(await rowsSince('9999-12-31T23:59:59.999Z')).toEqual({
      told: '9999-12-31T23:00:00.000Z',
      rows: 0,
    });
  });

  it.each([
    'since=',
    'since=garbage',
    'since=yesterday',
    'since=2026-13-45',
    'since=2026-11-22T08:00:00',
    'since=1e99',
    'since=%2B275760-09-13T00:00:00Z',
    'since=99999999999999999999999999999999999999',
    'since=2026-11-22%00',
    'since=2026-11-22%27%20OR%201=1',
    'format=xml',
    'format=',
  ])('%s: 400', async (query) => {
    const response = await ask(await StreamClient.create(), `?${query}`);
    expect(response.status).toBe(400);
    expect((await errorOf(response)).code).toBe('bad_frame');
  });

  it('a new session has used nothing', async () => {
    const { rows } = usageReportSchema.parse(await (await ask(await StreamClient.create())).json());
    expect(rows).toEqual([]);
  });

  it('a session that nobody made, or no session: 404, and nothing is created', async () => {
    const before = await sessions();
    for (const id of ['0'.repeat(64), 'x', '']) {
      const response = await ask(id);
      expect(response.status).toBe(404);
      expect((await errorOf(response)).code).toBe('not_found');
    }
    expect((await exports.default.fetch(`${ORIGIN}/usage-report`)).status).toBe(404);
    expect(await sessions()).toEqual(before);
  });

  it('only who may come in is told, and by GET', async () => {
    expect((await new Deployment(PASSWORD).ask('/usage-report')).status).toBe(401);
    expect((await new Deployment({}).ask('/usage-report')).status).toBe(503);
    const post = await exports.default.fetch(`${ORIGIN}/usage-report`, { method: 'POST' });
    expect([post.status, post.headers.get('Allow')]).toEqual([405, 'GET']);
  });
});
