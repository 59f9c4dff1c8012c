import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LIMITS } from '../../shared/index.ts';
import { closeReason } from './close-reason.ts';

it('property: a close reason fits its frame, is the beginning of what was meant, and never ends inside a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (reason) => {
      const cut = closeReason(reason);
      expect(new TextEncoder().encode(cut).length).toBeLessThanOrEqual(LIMITS.closeReasonBytes);
      expect(reason.startsWith(cut)).toBe(true);
    }),
  );
  expect(closeReason('x'.repeat(LIMITS.closeReasonBytes))).toHaveLength(LIMITS.closeReasonBytes);
  expect(closeReason('x'.repeat(LIMITS.closeReasonBytes + 1))).toHaveLength(LIMITS.closeReasonBytes);
});
