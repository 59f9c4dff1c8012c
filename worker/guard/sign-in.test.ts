import { describe, expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { derive, type Passphrase, verifyPassphrase } from './passphrase.ts';
import { type AttemptCounter, signInByPassphrase, signInByToken, type TokenSignIn } from './sign-in.ts';
import { type Count, type Times, waitMs, without } from './window.ts';

const SALT = new Uint8Array(8);
const ALICE: Passphrase = {
  name: 'alice',
  iterations: 1,
  salt: Buffer.from(SALT).toString('base64url'),
  hash: Buffer.from(await derive('open sesame', SALT, 1)).toString('base64url'),
};

/** Counts in memory, at a time that stands still. */
class Counter implements AttemptCounter {
  readonly times = new Map<string, Times>();
  isDown = false;

  async take(counts: readonly Count[]) {
    if (this.isDown) throw new Error('unreachable');
    for (const count of counts) {
      const wait = waitMs(this.times.get(count.name) ?? [], count, 0);
      if (wait > 0) return { ok: false, name: count.name, waitMs: wait } as const;
    }
    for (const { name } of counts) this.times.set(name, [...(this.times.get(name) ?? []), 0]);
    return { ok: true, at: 0 } as const;
  }

  async giveBack(names: readonly string[], at: number) {
    for (const name of names) this.times.set(name, without(this.times.get(name) ?? [], at));
  }

  async signIn(text: string, passphrases: readonly Passphrase[], counts: readonly Count[]) {
    const taken = await this.take(counts);
    if (!taken.ok) return { kind: 'limited', waitMs: taken.waitMs } as const;
    const name = await verifyPassphrase(text, passphrases);
    return name === null ? ({ kind: 'wrong' } as const) : ({ kind: 'ok', name } as const);
  }

  get counted(): number {
    return [...this.times.values()].flat().length;
  }
}

describe('with a passphrase', () => {
  const door = { mode: 'password', passphrases: [ALICE] } as const;
  const signIn = (text: string, attempts = new Counter()) =>
    signInByPassphrase(text, door, '203.0.113.7', attempts);

  it('the right one is somebody, another nobody', async () => {
    expect(await signIn('open sesame')).toEqual({ kind: 'ok', who: 'alice' });
    expect(await signIn('open sesam')).toMatchObject({ kind: 'wrong' });
  });

  it('one that is too long is none, and counts as a failure', async () => {
    const attempts = new Counter();
    expect(await signIn('x'.repeat(1_000_000), attempts)).toMatchObject({ kind: 'wrong' });
    expect(attempts.counted).toBe(2);
  });

  it('where attempts cannot be counted, nobody is let in', async () => {
    const attempts = new Counter();
    attempts.isDown = true;
    expect(await signIn('open sesame', attempts)).toEqual({ kind: 'unchecked' });
  });
});

describe('with a token of Turnstile', () => {
  const answerWith =
    (answer: object): typeof fetch =>
    async () =>
      Response.json(answer);
  const world = (more: Partial<TokenSignIn> = {}): TokenSignIn => ({
    token: 't',
    door: { mode: 'open', siteKey: '0x4', secretKey: '0x4secret', verifyUrl: 'https://v.example' },
    ip: null,
    address: 'local',
    hostname: 'chat.example',
    config: readConfig({ ALLOWED_ORIGINS: 'https://other.example' }),
    attempts: new Counter(),
    fetch: answerWith({ success: true, hostname: 'chat.example', action: 'chat' }),
    newId: () => 'random',
    ...more,
  });

  it('a visitor is somebody new', async () => {
    expect(await signInByToken(world())).toEqual({ kind: 'ok', who: 'random' });
  });

  it('shown on the own page or on an allowed one; on this machine by any of its names', async () => {
    const shownOn = (hostname: string, more: Partial<TokenSignIn> = {}) =>
      signInByToken(world({ fetch: answerWith({ success: true, hostname, action: 'chat' }), ...more }));
    expect(await shownOn('other.example')).toMatchObject({ kind: 'ok' });
    expect(await shownOn('evil.example')).toMatchObject({ kind: 'wrong' });
    expect(await shownOn('localhost')).toMatchObject({ kind: 'wrong' });
    const local = { config: readConfig({ LOCAL: 'true' }), hostname: '127.0.0.1' };
    expect(await shownOn('localhost', local)).toMatchObject({ kind: 'ok' });
  });

  it('a test key lets in on this machine, and in a deployment nobody', async () => {
    const door = { ...world().door, secretKey: '1x0000000000000000000000000000000AA' };
    const fetch = answerWith({ success: true, hostname: 'example.com' });
    expect(await signInByToken(world({ door, fetch }))).toMatchObject({ kind: 'wrong' });
    const config = readConfig({ LOCAL: 'true' });
    expect(await signInByToken(world({ door, fetch, config }))).toMatchObject({ kind: 'ok' });
  });

  it('a failed one counts; a good one, and one that could not be asked about, do not', async () => {
    const attempts = new Counter();
    await signInByToken(world({ attempts }));
    await signInByToken(world({ attempts, fetch: async () => Promise.reject(new Error('down')) }));
    expect(attempts.counted).toBe(0);
    await signInByToken(world({ attempts, fetch: answerWith({ success: false }) }));
    expect(attempts.counted).toBe(1);
  });

  it('the eleventh failure of an address is told to wait, and no request is made of it', async () => {
    const attempts = new Counter();
    let asked = 0;
    const fetch: typeof globalThis.fetch = async () => {
      asked += 1;
      return Response.json({ success: false });
    };
    for (let i = 0; i < 10; i++)
      expect(await signInByToken(world({ attempts, fetch }))).toMatchObject({ kind: 'wrong' });
    expect(await signInByToken(world({ attempts, fetch }))).toEqual({ kind: 'limited', waitMs: 900_000 });
    expect(asked).toBe(10);
  });

  it('where attempts cannot be counted, nobody is let in', async () => {
    const attempts = new Counter();
    attempts.isDown = true;
    expect(await signInByToken(world({ attempts }))).toEqual({ kind: 'unchecked' });
  });
});
