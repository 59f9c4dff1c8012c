import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Attempts } from './attempts.ts';
import { hashPassphrase } from './passphrase.ts';
import { signInCounts } from './rates.ts';
import type { Count } from './window.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const TWO: Count = { name: 'two', limit: 2, windowMs: 60_000 };
const THREE: Count = { name: 'three', limit: 3, windowMs: 3_600_000 };

let objects = 0;
const counter = () => env.ATTEMPTS.getByName(`test ${objects++}`);
const left = (stub: DurableObjectStub<Attempts>) =>
  runInDurableObject<Attempts, string[]>(stub, async (_, ctx) =>
    [...ctx.storage.kv.list()].map(([name]) => name),
  );

/** Only the clock: the runtime's own timers go on. */
const standStill = (at = NOW) => vi.useFakeTimers({ now: at, toFake: ['Date'] });

afterEach(() => {
  vi.useRealTimers();
});

describe('what may not happen too often', () => {
  it('is fine up to the limit, one over waits for the first to leave the window', async () => {
    standStill();
    const stub = counter();
    expect(await stub.take([TWO])).toMatchObject({ ok: true });
    vi.setSystemTime(NOW + 10_000);
    expect(await stub.take([TWO])).toMatchObject({ ok: true });
    expect(await stub.take([TWO])).toEqual({ ok: false, name: 'two', waitMs: 50_000 });
    vi.setSystemTime(NOW + 59_999);
    expect(await stub.take([TWO])).toMatchObject({ ok: false, waitMs: 1 });
    vi.setSystemTime(NOW + 60_000);
    expect(await stub.take([TWO])).toMatchObject({ ok: true });
  });

  it('follows a changed limit at once', async () => {
    const stub = counter();
    await stub.take([TWO]);
    expect(await stub.take([{ ...TWO, limit: 1 }])).toMatchObject({ ok: false });
    expect(await stub.take([{ ...TWO, limit: 3 }])).toMatchObject({ ok: true });
  });

  it('with one of several full counts for none', async () => {
    const stub = counter();
    await stub.take([TWO]);
    await stub.take([TWO]);
    expect(await stub.take([TWO, THREE])).toMatchObject({ ok: false, name: 'two' });
    for (let i = 0; i < 3; i++) expect(await stub.take([THREE])).toMatchObject({ ok: true });
    expect(await stub.take([THREE])).toMatchObject({ ok: false, name: 'three' });
  });

  it('holds when they all come at once', async () => {
    const stub = counter();
    const taken = await Promise.all(Array.from({ length: 50 }, () => stub.take([THREE])));
    expect(taken.filter(({ ok }) => ok)).toHaveLength(3);
  });

  it('is remembered by an object that was evicted, and forgotten when it is over', async () => {
    standStill();
    const stub = counter();
    await stub.take([TWO, THREE]);
    await stub.take([TWO, THREE]);
    await evictDurableObject(stub);
    expect(await stub.take([TWO])).toMatchObject({ ok: false });
    vi.setSystemTime(NOW + 120_000);
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    expect(await left(stub)).toEqual(['three']);
    vi.setSystemTime(NOW + 3_600_000);
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    expect(await left(stub)).toEqual([]);
  });
});

describe('passphrases', async () => {
  const alice = await hashPassphrase('alice', 'open sesame', new Uint8Array(16));

  it('the right one does not count, a wrong one does', async () => {
    const stub = counter();
    const counts = signInCounts('203.0.113.7', true);
    for (let i = 0; i < 12; i++)
      expect(await stub.signIn('open sesame', [alice], counts)).toEqual({ kind: 'ok', name: 'alice' });
    for (let i = 0; i < 10; i++)
      expect(await stub.signIn('sesame', [alice], counts)).toEqual({ kind: 'wrong' });
    expect(await stub.signIn('open sesame', [alice], counts)).toMatchObject({ kind: 'limited' });
    expect(await stub.signIn('open sesame', [alice], signInCounts('203.0.113.8', true))).toMatchObject({
      kind: 'ok',
    });
  });

  it('a hundred guesses at once from one address get ten tries', async () => {
    const stub = counter();
    const counts = signInCounts('203.0.113.7', true);
    const tried = await Promise.all(
      Array.from({ length: 100 }, (_, i) => stub.signIn(`guess ${i}`, [alice], counts)),
    );
    expect(tried.filter(({ kind }) => kind === 'wrong')).toHaveLength(10);
    expect(tried.filter(({ kind }) => kind === 'limited')).toHaveLength(90);
  });

  it('a hundred failures from many addresses close it for a quarter of an hour', async () => {
    standStill();
    const stub = counter();
    for (let i = 0; i < 100; i++)
      expect(await stub.take(signInCounts(`203.0.113.${i}`, true))).toMatchObject({ ok: true });
    const another = signInCounts('198.51.100.1', true);
    expect(await stub.signIn('open sesame', [alice], another)).toEqual({ kind: 'limited', waitMs: 900_000 });
    vi.setSystemTime(NOW + 900_000);
    expect(await stub.signIn('open sesame', [alice], another)).toMatchObject({ kind: 'ok' });
  });
});
