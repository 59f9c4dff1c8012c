import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { Door } from './door.ts';

/**
 * What goes with the socket of somebody who is signed in, so that the session can tell, frame by frame, that they still
 * are: a socket may stay open for weeks.
 */
export const passSchema = z.object({
  /** End of the sign-in, milliseconds since 1970. */
  until: z.number(),
  /** Digest of what let the person in; another one when that has changed. */
  mark: z.string(),
});
export type Pass = z.infer<typeof passSchema>;

type House = { door: Door; signInSecret: string };

/** What a person with this `who` is let in by; null when nothing at this door does. */
function groundsOf(who: string, { door, signInSecret }: House): string[] | null {
  if (!who.startsWith(`${door.mode}:`)) return null;
  switch (door.mode) {
    case 'password': {
      const entry = door.passphrases.find(({ name }) => who === `password:${name}`);
      return entry === undefined ? null : [entry.salt, entry.hash, signInSecret];
    }
    case 'open':
      return [door.siteKey, door.secretKey, signInSecret];
    case 'cloudflare-access':
      return [door.issuer, door.audience];
    default:
      return null;
  }
}

function markOf(who: string, house: House): string | null {
  const grounds = groundsOf(who, house);
  if (grounds === null) return null;
  return createHash('sha256').update(JSON.stringify(grounds)).digest('base64url').slice(0, 22);
}

/** @param until end of the sign-in, milliseconds since 1970; null is returned for who cannot be in */
export function passFor(who: string, until: number, house: House): Pass | null {
  const mark = markOf(who, house);
  return mark === null ? null : { until, mark };
}

/** Whether a person is still in; a connection of an earlier version, which has no pass, is where nobody signs in. */
export function isStillIn(
  { who, pass }: { who: string; pass?: Pass | undefined },
  house: House,
  now: number,
): boolean {
  if (house.door.mode === 'local') return true;
  return pass !== undefined && now < pass.until && pass.mark === markOf(who, house);
}
