import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withTurnstile } from './page-policy.ts';

const headers = readFileSync(new URL('../../web/static/_headers', import.meta.url), 'utf8');
const policy = /Content-Security-Policy: (.+)/.exec(headers)?.[1] ?? '';

test("H6: Turnstile's script and frame come in, and nothing else changes", () => {
  const before = policy.split('; ');
  const after = withTurnstile(policy).split('; ');
  expect(after.filter((one) => !before.includes(one))).toEqual([
    "script-src 'self' https://challenges.cloudflare.com",
    'frame-src https://challenges.cloudflare.com',
  ]);
  expect(before.filter((one) => !after.includes(one))).toEqual(["script-src 'self'"]);
});

test('H6: the page as it is allows no inline script, no eval and no other origin', () => {
  expect(policy).toMatch(/script-src 'self'(;|$)/);
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
});
