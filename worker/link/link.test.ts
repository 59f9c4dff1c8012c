import { describe, expect, it } from 'vitest';
import { CODE_BYTES, codeOf, isCode, LINK_MS, sessionOf } from './link.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const link = { session: 's', expiresAt: NOW + LINK_MS };

describe('a code', () => {
  it('is base64url of at least 128 bits, whatever the bytes', () => {
    expect(CODE_BYTES * 8).toBeGreaterThanOrEqual(128);
    for (let byte = 0; byte < 256; byte += 1) {
      const random = new Uint8Array(CODE_BYTES).fill(byte);
      const code = codeOf(random);
      expect(isCode(code), code).toBe(true);
      expect([...Buffer.from(code, 'base64url')]).toEqual([...random]);
    }
  });

  it.each([
    '',
    'short',
    'x'.repeat(23),
    'x'.repeat(25),
    `${'x'.repeat(23)}=`,
    `${'x'.repeat(23)}/`,
    'ü'.repeat(24),
  ])('%j is none', (text) => {
    expect(isCode(text)).toBe(false);
  });
});

describe('a link', () => {
  it('lives ten minutes', () => {
    expect(sessionOf(link, NOW)).toBe('s');
    expect(sessionOf(link, NOW + 600_000 - 1)).toBe('s');
    expect(sessionOf(link, NOW + 600_000)).toBeNull();
  });

  it('that was never made or is used leads nowhere', () => {
    expect(sessionOf(undefined, NOW)).toBeNull();
  });
});
