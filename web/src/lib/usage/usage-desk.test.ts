import { describe, expect, test } from 'vitest';
import { ApiError } from '#lib/state/request.ts';
import type { ErrorCode, UsageReport } from '#lib/wire.ts';
import { OperatorToken } from './operator-token.ts';
import { aReport, aRow } from './test-rows.ts';
import type { Asked } from './usage-api.ts';
import { UsageDesk } from './usage-desk.svelte.ts';
import { Zone } from './zone.ts';

const NOW = Date.parse('2026-11-22T15:20:00Z');
type Reply = UsageReport | ApiError | Promise<UsageReport>;

/** A desk, the server that it asks, and what it was asked. */
function aDesk(reply: (asked: Asked) => Reply, over: { sessionId?: string | null; online?: boolean } = {}) {
  const stored = new Map<string, string>();
  const token = new OperatorToken({
    getItem: (key) => stored.get(key) ?? null,
    setItem: (key, value) => void stored.set(key, value),
    removeItem: (key) => void stored.delete(key),
  });
  const asked: { asked: Asked; since: string }[] = [];
  const world = { sessionId: 's1' as string | null, online: true, ...over };
  const desk = new UsageDesk({
    sessionId: () => world.sessionId,
    token,
    zone: new Zone('UTC'),
    now: () => NOW,
    online: () => world.online,
    fetch: async (one, since) => {
      asked.push({ asked: one, since: new Date(since).toISOString() });
      const answer = await reply(one);
      if (answer instanceof ApiError) throw answer;
      return answer;
    },
    fetchCsv: async (one, since) => new Blob([`${one.scope} ${new Date(since).toISOString()}`]),
  });
  return { desk, asked, stored, world };
}
const refusal = (code: ErrorCode, message = 'No.') => new ApiError(code, message);

describe('the session’s figures', () => {
  test('are asked for with its id, for the range that is looked at', async () => {
    const { desk, asked } = aDesk(() => aReport());
    expect(desk.view).toEqual({ kind: 'loading' });
    await desk.load();
    await desk.look('24h');
    expect(asked).toEqual([
      { asked: { scope: 'session', sessionId: 's1' }, since: '2026-11-16T00:00:00.000Z' },
      { asked: { scope: 'session', sessionId: 's1' }, since: '2026-11-21T16:00:00.000Z' },
    ]);
    expect(desk.view).toMatchObject({ kind: 'shown', shown: { range: '24h', at: NOW }, trouble: null });
  });

  test('without a session nobody is asked, and one that the server has forgotten is the same', async () => {
    const none = aDesk(() => aReport(), { sessionId: null });
    await none.desk.load();
    expect(none.desk.view).toEqual({ kind: 'no-session' });
    expect(none.asked).toEqual([]);
    const gone = aDesk(() => refusal('not_found'));
    await gone.desk.load();
    expect(gone.desk.view).toEqual({ kind: 'no-session' });
  });

  test('only the range that was chosen last is shown, whichever answer is first', async () => {
    const slow = Promise.withResolvers<UsageReport>();
    const replies: Reply[] = [slow.promise, aReport([aRow({ answers: 2 })])];
    const { desk } = aDesk(() => replies.shift() ?? refusal('internal'));
    const first = desk.look('30d');
    await desk.look('24h');
    expect(desk.busy).toBe(false);
    slow.resolve(aReport([aRow({ answers: 9 })]));
    await first;
    expect(desk.view).toMatchObject({ shown: { range: '24h', report: { rows: [{ answers: 2 }] } } });
  });

  test('stay where newer ones cannot be had, and say so', async () => {
    const replies: Reply[] = [aReport(), refusal('internal', 'The server cannot be reached.')];
    const { desk } = aDesk(() => replies.shift() ?? refusal('internal'));
    await desk.load();
    await desk.look('30d');
    expect(desk.view).toMatchObject({
      kind: 'shown',
      shown: { range: '7d' },
      trouble: 'The figures could not be loaded. The server cannot be reached.',
    });
    // The file is of what is seen.
    const file = await desk.csv();
    expect(file instanceof Blob && (await file.text())).toBe('session 2026-11-16T00:00:00.000Z');
  });

  test('being offline and being signed out are told in their own words', async () => {
    const offline = aDesk(() => refusal('internal'), { online: false });
    await offline.desk.load();
    expect(offline.desk.view).toMatchObject({ kind: 'failed', title: 'You are offline' });
    const out = aDesk(() => refusal('unauthorized'));
    await out.desk.load();
    expect(out.desk.view).toMatchObject({ kind: 'refused', title: 'You are not signed in' });
  });
});

describe('the deployment’s figures', () => {
  test('need no token where the server asks for none', async () => {
    const { desk, asked } = aDesk(({ scope }) => aReport([], scope));
    await desk.turnTo('deployment');
    expect(asked[0]?.asked).toEqual({ scope: 'deployment', token: null });
    expect(desk.view).toMatchObject({ kind: 'shown', shown: { report: { scope: 'deployment' } } });
  });

  test('open with the token, which this tab keeps; a wrong one is forgotten', async () => {
    const right = 'the-right-operator-token';
    const { desk, asked, stored } = aDesk((one) =>
      one.scope === 'deployment' && one.token === right ? aReport([], 'deployment') : refusal('unauthorized'),
    );
    await desk.turnTo('deployment');
    expect(desk.view).toEqual({ kind: 'locked', message: null });
    await desk.unlock('a-wrong-operator-token');
    expect(desk.view).toEqual({ kind: 'locked', message: 'This token is not the right one.' });
    expect(stored.size).toBe(0);
    await desk.unlock(` ${right}\n`);
    expect(desk.view).toMatchObject({ kind: 'shown' });
    expect([...stored.values()]).toEqual([right]);
    expect(asked.at(-1)?.asked).toEqual({ scope: 'deployment', token: right });
    const sent = asked.length;
    await desk.unlock('täuschung');
    expect(desk.view).toMatchObject({ kind: 'locked', message: /letters/ });
    expect(asked).toHaveLength(sent);
  });

  test('a closed report says what to set; too many attempts keep the token', async () => {
    const closed = aDesk(() => refusal('not_found', 'Set OPERATOR_TOKEN.'));
    await closed.desk.turnTo('deployment');
    expect(closed.desk.view).toEqual({
      kind: 'refused',
      title: 'This report is closed',
      detail: 'Set OPERATOR_TOKEN.',
    });
    const limited = aDesk(() => refusal('rate_limited', 'Try again in 14 minutes.'));
    await limited.desk.turnTo('deployment');
    await limited.desk.unlock('the-right-operator-token');
    expect(limited.desk.view).toMatchObject({ kind: 'failed', detail: 'Try again in 14 minutes.' });
    expect(limited.stored.size).toBe(1);
  });

  test('a session’s figures are never shown as the deployment’s', async () => {
    const never = new Promise<UsageReport>(() => {});
    const { desk } = aDesk(({ scope }) => (scope === 'session' ? aReport() : never));
    await desk.load();
    void desk.turnTo('deployment');
    expect(desk.view).toEqual({ kind: 'loading' });
  });
});
