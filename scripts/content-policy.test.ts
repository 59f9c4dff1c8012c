import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { policyFaults } from './content-policy.ts';
import { ROOT } from './paths.ts';

const GOOD =
  "default-src 'self'; script-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

describe('a Content-Security-Policy', () => {
  test('the one of the page has no faults', () => {
    const headers = readFileSync(join(ROOT, 'web', 'static', '_headers'), 'utf8');
    const policy = /Content-Security-Policy: (.+)/.exec(headers)?.[1] ?? '';
    expect(policyFaults(policy)).toEqual([]);
  });

  test.each([
    ["script-src 'self'", "script-src 'self' 'unsafe-inline'", ["script-src 'unsafe-inline'"]],
    ["script-src 'self'", "script-src 'self' 'unsafe-eval'", ["script-src 'unsafe-eval'"]],
    ["script-src 'self'", 'script-src https:', ['script-src https:']],
    ["script-src 'self'", 'script-src https://*.example.com', ['script-src https://*.example.com']],
    ["script-src 'self'", "script-src 'self' https://challenges.cloudflare.com", []],
    ["img-src 'self' data:", "img-src 'self' https:", ['img-src https:']],
    ["img-src 'self' data:", '', []],
    ["; object-src 'none'", '; object-src *', ['object-src *']],
    ["; base-uri 'none'", '', ['no base-uri']],
    [
      "; frame-ancestors 'none'",
      '; frame-ancestors https://evil.example',
      ['frame-ancestors https://evil.example'],
    ],
    ["default-src 'self'; script-src 'self'", '', ['no script-src']],
  ])('%j instead of %j: %j', (part, instead, faults) => {
    expect(GOOD).toContain(part);
    expect(policyFaults(GOOD.replace(part, instead))).toEqual(faults);
  });
});
