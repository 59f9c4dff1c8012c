import {
  abortAllDurableObjects,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { SYSTEM_PROMPT } from '../agents/system-prompt.ts';
import { readConfig } from '../config.ts';
import type { Env } from '../env.ts';
import { buildRegistry } from '../models/registry.ts';
import type { ChatSession } from '../session/chat-session.ts';
import { SocketClient, upstream } from '../testing/workerd-clients.ts';
import type { AnsweredOnce } from '../usage/report.ts';
import type { Ledger } from './ledger.ts';
import { dayOf, type Limit, NANOS_PER_USD, type WorstCase } from './ledger-book.ts';
import { visitorHeaders } from './visitor.ts';
import { worstCase } from './worst-case.ts';

const { LEDGER, SESSIONS } = env;
const ALL: Limit = { kind: 'deployment', name: '', limit: 1_000 };
const CALL: WorstCase = { input: 100, perOutputToken: 1, maxTokens: 300, minTokens: 10 };
const HOUR = 3_600_000;
const ANSWER: AnsweredOnce = {
  at: Date.now(),
  model: 'claude-haiku-5-5',
  automatic: false,
  fallback: false,
  error: false,
  costUsd: 0.5,
  alwaysUsd: null,
  usage: null,
  ttftMs: 400,
};

/** A ledger of its own for each test: the name of the deployment's one is only used by whole sessions. */
const aLedger = () => LEDGER.getByName(crypto.randomUUID());

describe('the ledger in workerd', () => {
  it('knows after the loss of its process what was spent and what is reserved', async () => {
    const name = crypto.randomUUID();
    const first = LEDGER.getByName(name);
    await first.reserve('a', CALL, [ALL], HOUR);
    await first.reserve('b', CALL, [ALL], HOUR);
    await first.settle('a', 150);
    await abortAllDurableObjects();
    const again = LEDGER.getByName(name);
    expect(await again.look([ALL])).toMatchObject([{ left: 450, unspent: 850 }]);
    await again.settle('a', 150);
    await again.settle('b', 0);
    await evictDurableObject(again);
    expect(await again.look([ALL])).toMatchObject([{ left: 850, unspent: 850 }]);
  });

  it('two who ask at the same moment are not both given the last dollar', async () => {
    const ledger = aLedger();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => ledger.reserve(`r${i}`, CALL, [ALL], HOUR)),
    );
    // 400 twice, and what is left for a shorter answer.
    expect(answers.flatMap((one) => (one.ok ? [one.reserved] : []))).toEqual([400, 400, 200]);
  });

  it('a call costs three rows with one limit, five with all three, and a look none', async () => {
    const person: Limit = { kind: 'person', name: 'ada', limit: 1_000 };
    const address: Limit = { kind: 'address', name: '192.0.2.1', limit: 1_000 };
    const rows = async (limits: Limit[], act: 'call' | 'look') => {
      const ledger = aLedger();
      // The first call of a day also sets the alarm that ends it, and the first of all makes the tables.
      await ledger.reserve('first', CALL, limits, HOUR);
      await ledger.settle('first', 1);
      return runInDurableObject(ledger, async (one: Ledger, ctx: DurableObjectState) => {
        const written = countRows(ctx);
        if (act === 'call') {
          one.reserve('r', CALL, limits, HOUR);
          one.settle('r', 120);
        } else one.look(limits);
        return written();
      });
    };
    expect(await rows([ALL], 'call')).toBe(3);
    expect(await rows([ALL, person, address], 'call')).toBe(5);
    expect(await rows([ALL, person, address], 'look')).toBe(0);
  });

  it('forgets by its alarm the names of a day that is over', async () => {
    const ledger = aLedger();
    await ledger.reserve('a', CALL, [{ kind: 'person', name: 'ada', limit: 1_000 }], HOUR);
    await ledger.settle('a', 150);
    const rows = () =>
      runInDurableObject(ledger, (_: Ledger, ctx: DurableObjectState) =>
        ctx.storage.sql.exec('SELECT count(*) AS n FROM spent').toArray(),
      );
    expect(await rows()).toEqual([{ n: 1 }]);
    // The day of that row is made the one before.
    await runInDurableObject(ledger, (_: Ledger, ctx: DurableObjectState) => {
      ctx.storage.sql.exec('UPDATE spent SET day = ?', dayOf(Date.now()) - 1);
    });
    expect(await runDurableObjectAlarm(ledger)).toBe(true);
    expect(await rows()).toEqual([{ n: 0 }]);
    expect(await runDurableObjectAlarm(ledger)).toBe(false);
  });

  it('an answer that is counted costs one row, and needs no budget', async () => {
    const ledger = aLedger();
    // The first one also sets the alarm, and the first of all makes the tables.
    await ledger.recordAnswer(ANSWER);
    const rows = await runInDurableObject(ledger, (one: Ledger, ctx: DurableObjectState) => {
      const written = countRows(ctx);
      one.recordAnswer(ANSWER);
      one.recordAnswer({ ...ANSWER, ttftMs: null });
      return written();
    });
    expect(rows).toBe(2);
    await evictDurableObject(ledger);
    expect(await ledger.answersSince(0)).toMatchObject([{ model: 'claude-haiku-5-5', answers: 3 }]);
  });

  it('forgets answers three months later by the same alarm, which rings until then', async () => {
    const ledger = aLedger();
    await ledger.recordAnswer(ANSWER);
    expect(await runDurableObjectAlarm(ledger)).toBe(true);
    expect(await ledger.answersSince(0)).toHaveLength(1);
    await runInDurableObject(ledger, (_: Ledger, ctx: DurableObjectState) => {
      ctx.storage.sql.exec('UPDATE answered SET hour = hour - ?', 93 * 24 * HOUR);
    });
    expect(await runDurableObjectAlarm(ledger)).toBe(true);
    expect(await ledger.answersSince(0)).toEqual([]);
    expect(await runDurableObjectAlarm(ledger)).toBe(false);
  });
});

function countRows(ctx: DurableObjectState): () => number {
  let rows = 0;
  const exec = ctx.storage.sql.exec.bind(ctx.storage.sql);
  ctx.storage.sql.exec = ((query: string, ...bindings: unknown[]) => {
    const cursor = exec(query, ...bindings);
    const toArray = cursor.toArray.bind(cursor);
    cursor.toArray = () => {
      const all = toArray();
      rows += cursor.rowsWritten;
      return all;
    };
    return cursor;
  }) as typeof ctx.storage.sql.exec;
  return () => rows;
}

/** A session whose object was started with these settings. */
async function aSession(settings: Record<string, string>): Promise<SocketClient> {
  const stub = SESSIONS.get(SESSIONS.newUniqueId());
  await runInDurableObject(stub, (session: ChatSession) => {
    const withSettings: Env & Record<string, unknown> = { ...env, ...settings };
    Object.assign(session, { env: withSettings });
  });
  const response = await stub.fetch('https://session/connect?create=1', {
    headers: { Upgrade: 'websocket', ...visitorHeaders({ who: 'password:ada', address: '192.0.2.1' }) },
  });
  if (response.webSocket === null) throw new Error('no socket');
  return new SocketClient(response.webSocket);
}

/** What Haiku costs at worst for this question in a new conversation, in nanodollars. */
function worstOf(text: string, maxTokens: number): number {
  const haiku = buildRegistry(readConfig({ LOCAL: 'true', ANTHROPIC_API_KEY: 'x' })).entries.get(
    'claude-haiku-5-5',
  );
  if (haiku === undefined) throw new Error('no Haiku');
  const request = { turns: [{ role: 'user' as const, text }], system: SYSTEM_PROMPT, maxTokens };
  const worst = worstCase(haiku, request, Date.now());
  if (worst.kind !== 'priced') throw new Error(worst.kind);
  return worst.call.input + maxTokens * worst.call.perOutputToken;
}

describe('sessions that share one limit', () => {
  beforeEach(async () => {
    await upstream.tell('reset');
  });

  it('200 at once, money for 20 answers: what is spent and reserved never passes the limit, and each is told', async () => {
    const limit = 20 * worstOf('hello', 256);
    const settings = {
      DEFAULT_MODEL: 'claude-haiku-5-5',
      MAX_OUTPUT_TOKENS: '256',
      DAILY_BUDGET_USD: String(limit / NANOS_PER_USD),
    };
    const ledger = LEDGER.getByName('ledger');
    const seen: number[] = [];
    let reservations = 0;
    await runInDurableObject(ledger, (_: Ledger, ctx: DurableObjectState) => {
      const transactionSync = ctx.storage.transactionSync.bind(ctx.storage);
      ctx.storage.transactionSync = (run) => {
        const answer = transactionSync(run);
        if (typeof answer === 'object' && answer !== null && 'maxTokens' in answer) reservations += 1;
        const [row] = ctx.storage.sql
          .exec(
            'SELECT (SELECT coalesce(sum(nanos), 0) FROM spent) + (SELECT coalesce(sum(nanos), 0) FROM reserved) AS n',
          )
          .toArray();
        seen.push(Number(row?.n));
        return answer;
      };
    });

    const clients = await Promise.all(Array.from({ length: 200 }, () => aSession(settings)));
    await Promise.all(clients.map((client) => client.next('session')));
    for (const client of clients) client.send({ message: 'hello' });
    const refused = () =>
      clients.filter((client) => client.of('error').some((one) => one.code === 'budget_exhausted')).length;
    await vi.waitFor(() => expect(reservations + refused()).toBe(200), { timeout: 20_000, interval: 20 });
    expect(reservations).toBe(20);
    await upstream.asked(reservations);
    await upstream.finishAll();
    await Promise.all(clients.map((client) => client.next('message_end')));
    const ends = clients.flatMap((client) => client.of('message_end'));
    expect(ends).toHaveLength(200);
    expect(ends.filter((one) => one.stop_reason === 'end_turn')).toHaveLength(reservations);
    expect(ends.filter((one) => one.error_code === 'budget_exhausted')).toHaveLength(200 - reservations);

    expect(seen.length).toBeGreaterThanOrEqual(200 + reservations);
    expect(Math.max(...seen)).toBe(limit);
    // What was really spent is what the receipts say, and there is room again.
    await vi.waitFor(() => expect(seen).toHaveLength(200 + reservations));
    const paid = ends.reduce((sum, one) => sum + (one.cost_usd ?? 0), 0);
    expect(seen.at(-1)).toBe(Math.round(paid * NANOS_PER_USD));
    for (const client of clients) client.leave();
  }, 30_000);
});
