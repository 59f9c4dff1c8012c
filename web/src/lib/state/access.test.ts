import { describe, expect, it } from 'vitest';
import type { Access } from '#lib/wire.ts';
import { AccessDesk } from './access.svelte.ts';
import type { Proof } from './access-api.ts';
import { ApiError } from './request.ts';

/** A server with one passphrase, and what the page is told. */
class World {
  isIn = false;
  keepsCookies = true;
  answer: Partial<Access> = {};
  failure: ApiError | null = null;
  readonly told: string[] = [];
  readonly desk = new AccessDesk({
    sessionId: () => null,
    person: (name) => void this.told.push(`person ${name}`),
    entered: () => void this.told.push('entered'),
    left: () => void this.told.push('left'),
    budget: (budget) => void this.told.push(`budget ${budget?.left_usd ?? null}`),
    api: {
      fetch: async () => {
        if (this.failure) throw this.failure;
        return this.#access();
      },
      signIn: async (proof: Proof) => {
        if (this.failure) throw this.failure;
        if (!('passphrase' in proof) || proof.passphrase !== 'open sesame') {
          throw new ApiError('unauthorized', 'This passphrase is not right.');
        }
        this.isIn = this.keepsCookies;
      },
      signOut: async () => {
        this.isIn = false;
      },
    },
  });

  #access(): Access {
    return {
      mode: 'password',
      signed_in: this.isIn,
      name: this.isIn ? 'alice' : null,
      turnstile_site_key: null,
      message: null,
      budget: this.isIn ? { left_usd: 1, limit_usd: 2, resets_at: '2026-11-23T00:00:00.000Z' } : null,
      ...this.answer,
    };
  }
}

describe('who is at the page', () => {
  it('a right passphrase opens the way, once, and says who it is and what is left', async () => {
    const world = new World();
    await world.desk.refresh();
    expect(world.desk.isOut).toBe(true);
    expect(await world.desk.signIn({ passphrase: 'open sesame' })).toEqual({ kind: 'in' });
    expect(world.desk.isOut).toBe(false);
    expect(world.told).toEqual(['person alice', 'budget 1', 'entered']);
    await world.desk.refresh();
    expect(world.told.filter((word) => word === 'entered')).toHaveLength(1);
  });

  it('a wrong one is said so, too many are told until when', async () => {
    const world = new World();
    await world.desk.refresh();
    expect(await world.desk.signIn({ passphrase: 'sesame' })).toMatchObject({ kind: 'wrong' });
    world.failure = new ApiError('rate_limited', 'Too many attempts.', 60_000);
    const before = Date.now();
    const limited = await world.desk.signIn({ passphrase: 'open sesame' });
    expect(limited.kind === 'limited' && limited.until >= before + 60_000).toBe(true);
    expect(world.told).toEqual([]);
  });

  it('a browser that keeps no cookie is told so instead of asked for ever', async () => {
    const world = new World();
    world.keepsCookies = false;
    await world.desk.refresh();
    const result = await world.desk.signIn({ passphrase: 'open sesame' });
    expect(result).toMatchObject({ kind: 'failed', message: expect.stringContaining('cookie') });
  });

  it('the end of a sign-in leads back to it; a sign-in from elsewhere opens the way here too', async () => {
    const world = new World();
    world.isIn = true;
    await world.desk.refresh();
    expect(world.told).not.toContain('entered');
    world.isIn = false;
    world.desk.refused();
    await world.desk.refresh();
    expect(world.desk.isOut).toBe(true);
    world.isIn = true;
    await world.desk.refresh();
    expect(world.told.at(-1)).toBe('entered');
  });

  it('a chat that refuses who is signed in does not make the page come and go for ever', async () => {
    const world = new World();
    await world.desk.refresh();
    await world.desk.signIn({ passphrase: 'open sesame' });
    for (let round = 0; round < 3; round += 1) {
      world.desk.refused();
      await world.desk.refresh();
    }
    expect(world.told.filter((word) => word === 'entered')).toHaveLength(1);
    expect(world.desk.problem).toContain('refuses the chat');
    // Somebody who signs out and in again is no such case.
    await world.desk.signOut();
    await world.desk.refresh();
    expect(await world.desk.signIn({ passphrase: 'open sesame' })).toEqual({ kind: 'in' });
    expect(world.told.slice(-3)).toEqual(['person alice', 'budget 1', 'entered']);
  });

  it('closed: nobody is asked to sign in', async () => {
    const world = new World();
    world.answer = { mode: 'closed', message: 'ACCESS_MODE is not set.' };
    await world.desk.refresh();
    expect(world.desk.isOut).toBe(false);
    expect(world.desk.current?.message).toBe('ACCESS_MODE is not set.');
  });
});
