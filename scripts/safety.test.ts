import { describe, expect, test } from 'vitest';
import type { Access } from '../shared/index.ts';
import type { Observed } from './diagnosis.ts';
import { cookieFaults, judgeSafety, type Strangers, spendingAdvice } from './safety.ts';

const anAnswer = (status: number, json: unknown = null): Observed => ({ status, headers: {}, json });
const refused = anAnswer(403);

const anAccess = (more: Partial<Access> = {}): Access => ({
  mode: 'password',
  ...{ signed_in: false, name: null, turnstile_site_key: null, message: null, budget: null },
  ...more,
});

const POLICY =
  "default-src 'self'; script-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

function aDeployment(access: Partial<Access> = {}, more: Partial<Strangers> = {}): Strangers {
  return {
    url: new URL('https://chat.example.workers.dev'),
    access: anAnswer(200, anAccess(access)),
    page: { status: 200, headers: { 'content-security-policy': POLICY }, json: null },
    session: anAnswer(401),
    writes: { none: refused, other: refused },
    socketFromElsewhere: refused,
    ...more,
  };
}

const NOTHING = { unsafe: [], wrong: [], advice: [] };

describe('what strangers may do', () => {
  test.each(['password', 'cloudflare-access'] as const)('a good deployment in mode %s', (mode) => {
    expect(judgeSafety(aDeployment({ mode }))).toEqual(NOTHING);
  });

  test('open, with a widget of its own', () => {
    expect(judgeSafety(aDeployment({ mode: 'open', turnstile_site_key: '0x4AAAAAAAsite' }))).toEqual(NOTHING);
  });

  test('this machine is free', () => {
    const here = { url: new URL('http://localhost:8787'), session: null };
    expect(judgeSafety(aDeployment({ mode: 'local', signed_in: true }, here))).toEqual(NOTHING);
  });

  const page = (policy: string): Observed => ({
    status: 200,
    headers: { 'content-security-policy': policy },
    json: null,
  });
  test.each<[string, Strangers, RegExp]>([
    ['LOCAL under a public name', aDeployment({ mode: 'local' }, { session: null }), /LOCAL/],
    [
      'a local Worker, which refuses every public name',
      aDeployment(
        {},
        {
          access: anAnswer(403, {
            error: {
              ...{ code: 'origin_refused', request_id: '1' },
              message: 'A local Worker answers to localhost, 127.0.0.1 and [::1] only.',
            },
          }),
        },
      ),
      /LOCAL/,
    ],
    [
      "Turnstile's keys for tests",
      aDeployment({ mode: 'open', turnstile_site_key: '1x00000000000000000000AA' }),
      /TURNSTILE_SITE_KEY/,
    ],
    ['a session for a stranger', aDeployment({}, { session: anAnswer(201) }), /not signed in/],
    [
      'a write without an Origin',
      aDeployment({}, { writes: { none: anAnswer(401), other: refused } }),
      /without an Origin.* 401/,
    ],
    [
      'a write of another site',
      aDeployment({}, { writes: { none: refused, other: anAnswer(201) } }),
      /another site's Origin.* 201/,
    ],
    [
      'a socket of another site',
      aDeployment({}, { socketFromElsewhere: anAnswer(426) }),
      /\/ws with another site/,
    ],
    [
      'scripts in what a model writes',
      aDeployment({}, { page: page(POLICY.replace("script-src 'self'", "script-src 'unsafe-inline'")) }),
      /unsafe-inline/,
    ],
  ])('%s is unsafe', (_, seen, told) => {
    const { unsafe, wrong } = judgeSafety(seen);
    expect(unsafe).toEqual([expect.stringMatching(told)]);
    expect(wrong).toEqual([]);
  });

  test('closed: nobody gets an answer, and that is no danger', () => {
    const message = 'ACCESS_MODE is not set.';
    const seen = aDeployment({ mode: 'closed', message }, { session: anAnswer(503) });
    expect(judgeSafety(seen)).toEqual({
      ...NOTHING,
      wrong: [expect.stringContaining(`${message} \`npm run deploy\``)],
    });
  });

  test('a release that knows no /access', () => {
    const { wrong } = judgeSafety(aDeployment({}, { access: anAnswer(404) }));
    expect(wrong).toEqual([expect.stringContaining('/access answers 404')]);
  });
});

describe('the cookie of a sign-in', () => {
  const url = new URL('https://chat.example.com');
  const GOOD = '__Host-chatbox=a.b; Max-Age=1; Path=/; HttpOnly; Secure; SameSite=Strict';

  test('a good one', () => {
    expect(cookieFaults(GOOD, url)).toEqual([]);
    const plain = GOOD.replace('__Host-', '').replace(' Secure;', '');
    expect(cookieFaults(plain, new URL('http://localhost:8787'))).toEqual([]);
  });

  test.each([
    [' HttpOnly;', '', 'HttpOnly'],
    ['SameSite=Strict', 'SameSite=Lax', 'SameSite'],
    [' Secure;', '', 'Secure'],
    ['__Host-', '', '__Host-'],
  ])('without %j', (part, instead, told) => {
    expect(cookieFaults(GOOD.replace(part, instead), url)).toEqual([expect.stringContaining(told)]);
  });
});

describe('money', () => {
  const budget = { left_usd: 1, limit_usd: 5, resets_at: '2026-11-23T00:00:00.000Z' };
  test.each<[string, Partial<Access>, number]>([
    ['signed in, no limit', { signed_in: true }, 1],
    ['signed in, a limit', { signed_in: true, budget }, 0],
    ['not signed in, so nothing is known', {}, 0],
    ['on this machine', { mode: 'local', signed_in: true }, 0],
  ])('%s', (_, access, findings) => {
    expect(spendingAdvice(anAccess(access))).toHaveLength(findings);
  });
});
