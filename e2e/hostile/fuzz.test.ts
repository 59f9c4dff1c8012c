import { Agent } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { errorBodySchema } from '../../shared/index.ts';
import { http } from '../harness/http.ts';
import { settingsFor, startUpstream, type Upstream } from '../harness/upstream.ts';
import { type BareWorld, startBareWorld } from './bare-world.ts';
import { exchange, type Incoming, speak } from './exchange.ts';
import type { Ids } from './frames.ts';
import { garbageAt } from './garbage.ts';
import { passphraseEntry } from './passphrase.ts';
import type { Prey } from './prey.ts';
import { type Attack, attackAt } from './requests.ts';
import { REFUSED } from './values.ts';
import { type Login, shown, Victim } from './victim.ts';

/** `FUZZ_SEED=… npm test -- hostile/fuzz` runs another one, or one again. */
const SEED = Number(process.env.FUZZ_SEED ?? 1);
const FRAMES = 12_000;
const REQUESTS = 4_000;
const GARBAGE = 200;
const SESSIONS = 16;
const PASSPHRASE = 'the passphrase of the fuzzed one';
/** In the archive, for who may read it. */
const TREASURE = 'victim 0';

let upstream: Upstream;
let world: BareWorld;
let login: Login;
let victims: Victim[];
let ids: Ids[];
let before: Awaited<ReturnType<Victim['seen']>>[];
let askedBefore: number;

/** The first of them, who is attacked over HTTP. */
function preyOf(link: string): Prey {
  const [[first], [own]] = [victims, ids];
  if (first === undefined || own === undefined) throw new Error('nobody is there');
  const cookie = login.headers.Cookie || null;
  return { ...own, origin: world.url, cookie, session: first.session, link, passphrase: PASSPHRASE };
}

/** What was paid for since: the home model is woken by who asks for the list of models, at no cost. */
const paidSince = () =>
  upstream.asked
    .slice(askedBefore)
    .flatMap(({ path, question }) => (path === '/v1/messages' ? [question] : []));

beforeAll(async () => {
  upstream = await startUpstream();
  world = await startBareWorld({
    ...settingsFor(upstream),
    // Without it so many would be sent away for coming too often.
    LOCAL: 'true',
    ACCESS_MODE: 'password',
    ACCESS_PASSPHRASES: passphraseEntry('fuzzed', PASSPHRASE),
    LOG_LEVEL: 'DEBUG',
  });
  const signedIn = await http(world, '/sign-in', {
    method: 'POST',
    headers: { Origin: world.url },
    body: JSON.stringify({ passphrase: PASSPHRASE }),
  });
  const [cookie = ''] = signedIn.headers['set-cookie']?.split(';') ?? [];
  login = { url: world.url, headers: { Cookie: cookie } };
  victims = await Promise.all(
    Array.from({ length: SESSIONS }, (_, n) => Victim.arrive(login, `victim ${n}`)),
  );
  before = await Promise.all(victims.map((victim) => victim.seen()));
  ids = victims.map(({ archived, message }, n) => ({
    archived,
    message,
    others: victims[(n + 1) % SESSIONS]?.archived ?? '',
    model: 'claude-sonnet-5-5',
  }));
  askedBefore = upstream.asked.length;
});
afterAll(async () => {
  await world?.stop();
  world?.remove();
  await upstream?.close();
});

/** What of an answer must never be. */
function faultsOf(attack: Attack, answer: Incoming | null): string[] {
  const { method, shut, mayRead } = attack;
  if (answer === null) return ['no answer'];
  const { status, headers, body } = answer;
  const isRead = /json|markdown|event-stream/.test(headers['content-type'] ?? '');
  const isUpgrade = status === 101;
  return [
    ...(status >= 500 ? [`status ${status}: ${shown(body)}`] : []),
    ...(!mayRead && body.includes(TREASURE) ? ['somebody else reads the archive'] : []),
    ...(shut?.length && status < 300 && status >= 200 && isRead ? [`${status} without ${shut}`] : []),
    ...(isUpgrade && shut?.includes('origin') ? ['an upgrade for a foreign origin'] : []),
    ...(headers['set-cookie'] !== undefined ? ['a cookie'] : []),
    ...(/\n\s+at |node_modules|\/worker\/|SQLITE/.test(body) && !/html/.test(headers['content-type'] ?? '')
      ? [`the inside shows: ${shown(body)}`]
      : []),
    ...(status >= 400 && method !== 'HEAD' && !z.safeParse(errorBodySchema, parsed(body)).success
      ? [`${status} in another form than H8: ${shown(body)}`]
      : []),
  ];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

describe(`seed ${SEED}`, () => {
  test(`R8 ${FRAMES} frames: each bad one is one error, nothing of it is stored, asked or logged`, async () => {
    const all = Array.from({ length: FRAMES }, (_, n) => n);
    const findings = await Promise.all(
      victims.map((victim, v) => {
        const own = all.filter((n) => n % SESSIONS === v);
        const batches = Array.from({ length: Math.ceil(own.length / 40) }, (_, b) =>
          own.slice(b * 40, b * 40 + 40),
        );
        return batches.reduce<Promise<string[]>>(async (found, batch) => {
          const [known, mine] = [await found, ids[v]];
          return mine === undefined || known.length > 5
            ? known
            : [...known, ...(await victim.take(SEED, batch, mine))];
        }, Promise.resolve([]));
      }),
    );
    expect(findings.flat()).toEqual([]);
    await Promise.all(victims.map((victim, n) => victim.lives(`victim ${n} lives`)));
    expect(paidSince().sort()).toEqual(victims.flatMap(({ asked }) => asked).sort());
    const after = await Promise.all(victims.map((victim) => victim.seen()));
    after.forEach((session, n) => {
      const [was, victim] = [before[n], victims[n]];
      if (was === undefined || victim === undefined) throw new Error('no such victim');
      expect(session.archives).toEqual(was.archives);
      expect(session.conversation.id).toBe(was.conversation.id);
      expect(session.conversation.message_count).toBe(
        was.conversation.message_count + 2 * victim.asked.length,
      );
      expect(
        session.conversation.messages.flatMap(({ role, text }) => (role === 'user' ? [text] : [])),
      ).toEqual([`victim ${n} now`, ...victim.asked].slice(-25));
    });
  });

  test(`H8 ${REQUESTS} requests: no fault, no way in, nothing changed`, async () => {
    const [first] = victims;
    if (first === undefined) throw new Error('nobody');
    const paid = paidSince().length;
    const was = await first.seen();
    const headers = { ...login.headers, Origin: world.url, Authorization: `Bearer ${first.session}` };
    const made = await http(world, '/links', { method: 'POST', headers });
    const { code: link } = z.parse(z.object({ code: z.string() }), made.json);
    const prey = preyOf(link);

    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    const findings: string[] = [];
    const statuses = new Map<number, number>();
    let next = 0;
    const worker = async () => {
      while (next < REQUESTS && findings.length < 20) {
        const index = next++;
        const attack = attackAt(SEED, index, prey);
        const answer = await exchange(world.port, agent, attack);
        statuses.set(answer?.status ?? 0, (statuses.get(answer?.status ?? 0) ?? 0) + 1);
        for (const fault of faultsOf(attack, answer)) {
          findings.push(
            `request ${index}, ${attack.method} ${shown(attack.path)} ${shown(JSON.stringify(attack.headers))} ${shown(attack.body)}: ${fault}`,
          );
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    agent.destroy();
    expect(findings).toEqual([]);
    // Some of every kind, or nothing was tried.
    expect([...statuses.keys()]).toEqual(expect.arrayContaining([101, 200, 202, 400, 401, 403, 404, 405]));

    expect(paidSince().length).toBe(paid);
    expect(await first.seen()).toEqual(was);
    expect(world.objects('ChatSession')).toBe(SESSIONS);
    const body = JSON.stringify({ code: link });
    const redeemed = await http(world, '/links/redeem', { method: 'POST', headers, body });
    expect(redeemed.json).toEqual({ session_id: first.session });
  });

  test(`${GARBAGE} times bytes that are no HTTP, and no WebSocket`, async () => {
    const all = Array.from({ length: GARBAGE }, (_, n) => n);
    const said = await Promise.all(all.map((n) => speak(world.port, garbageAt(SEED, n, preyOf('')), 1_000)));
    // What of it the runtime answers by itself is its own matter; what comes through to the Worker is not.
    const faults = said.filter(
      (text) =>
        text.includes('"code":"internal"') || (text.includes(TREASURE) && !text.startsWith('HTTP/1.1 101')),
    );
    expect(said.some((text) => text.startsWith('HTTP/1.1 101'))).toBe(true);
    expect(faults).toEqual([]);
    expect((await http(world, '/health')).status).toBe(200);
  });

  test('afterwards: no fault of its own in the log, and nothing that was refused in it or on the disk', async () => {
    // With so many connections the oldest had to make room.
    await Promise.all(victims.map((victim) => victim.comeBack()));
    await Promise.all(victims.map((victim, n) => victim.lives(`victim ${n} at the end`)));
    for (const victim of victims) victim.leave();
    expect(world.isAlive()).toBe(true);
    await world.stop();
    expect(world.output()).not.toContain('internal_error');
    expect(world.output()).not.toContain(REFUSED);
    expect(world.isStored(REFUSED)).toBe(false);
    // The search can find something.
    expect(world.isStored('victim 0 at the end')).toBe(true);
  });
});
