import { describe, expect, it } from 'vitest';
import { askTurnstile, type TurnstileQuestion } from './turnstile.ts';

/** Stands in for siteverify: knows some tokens, each good once. */
class Siteverify {
  readonly asked: { url: string; form: Record<string, string> }[] = [];
  readonly #good: Map<string, object>;

  constructor(good: Record<string, object>) {
    this.#good = new Map(Object.entries(good));
  }

  fetch: typeof fetch = async (input, init) => {
    const form = Object.fromEntries(new URLSearchParams(String(init?.body)));
    this.asked.push({ url: String(input), form });
    const answer = this.#good.get(form.response ?? '');
    this.#good.delete(form.response ?? '');
    return Response.json(answer ?? { success: false, 'error-codes': ['timeout-or-duplicate'] });
  };
}

const YES = { success: true, hostname: 'chat.example', action: 'chat' };
const QUESTION: Omit<TurnstileQuestion, 'fetch'> = {
  token: 'a token',
  secretKey: 'the secret',
  verifyUrl: 'https://verify.example/siteverify',
  ip: '203.0.113.7',
  hostnames: ['chat.example'],
  isTestKey: false,
};

const ask = (answer: object, more: Partial<TurnstileQuestion> = {}) =>
  askTurnstile({ ...QUESTION, fetch: new Siteverify({ 'a token': answer }).fetch, ...more });

describe('a token', () => {
  it('is asked about with the secret and the address of the visitor', async () => {
    const there = new Siteverify({ 'a token': YES });
    expect(await askTurnstile({ ...QUESTION, fetch: there.fetch })).toBe('yes');
    const form = { secret: 'the secret', response: 'a token', remoteip: '203.0.113.7' };
    expect(there.asked).toEqual([{ url: QUESTION.verifyUrl, form }]);
  });

  it('is good once', async () => {
    const { fetch } = new Siteverify({ 'a token': YES });
    expect(await askTurnstile({ ...QUESTION, fetch })).toBe('yes');
    expect(await askTurnstile({ ...QUESTION, fetch })).toBe('no');
  });

  it.each([
    ['for another host', { ...YES, hostname: 'evil.example' }],
    ['for no host', { success: true, action: 'chat' }],
    ['for another action', { ...YES, action: 'login' }],
    ['for no action', { success: true, hostname: 'chat.example' }],
    ['refused', { ...YES, success: false }],
    ['from a test key', { success: true, hostname: 'example.com' }],
  ])('%s is worth nothing', async (_what, answer) => {
    expect(await ask(answer)).toBe('no');
  });

  it.each(['', 'x'.repeat(2_049)])('that cannot be one is not asked about', async (token) => {
    const there = new Siteverify({ [token]: YES });
    expect(await askTurnstile({ ...QUESTION, token, fetch: there.fetch })).toBe('no');
    expect(there.asked).toEqual([]);
  });

  it('of 2,048 characters is asked about', async () => {
    const token = 'x'.repeat(2_048);
    expect(await askTurnstile({ ...QUESTION, token, fetch: new Siteverify({ [token]: YES }).fetch })).toBe(
      'yes',
    );
  });

  it('of a test key has neither host nor action, which counts on this machine only', async () => {
    expect(await ask({ success: true, hostname: 'example.com' }, { isTestKey: true })).toBe('yes');
    expect(await ask({ success: false }, { isTestKey: true })).toBe('no');
  });
});

describe('no answer is no', () => {
  it.each<[string, typeof fetch]>([
    ['connection lost', () => Promise.reject(new TypeError('lost'))],
    ['no JSON', async () => new Response('<html>')],
    ['another form', async () => Response.json({ success: 'true' })],
    ['a redirect', async () => new Response(null, { status: 302, headers: { Location: 'https://x' } })],
  ])('%s', async (_what, fetch) => {
    expect(await askTurnstile({ ...QUESTION, fetch })).toBe('unknown');
  });
});
