import { LIMITS } from '../../shared/index.ts';

/** `reason` cut to what a close frame can carry, never inside a character. */
export function closeReason(reason: string): string {
  const bytes = new TextEncoder().encode(reason);
  if (bytes.length <= LIMITS.closeReasonBytes) return reason;
  return new TextDecoder().decode(bytes.subarray(0, LIMITS.closeReasonBytes)).replace(/\uFFFD+$/, '');
}
