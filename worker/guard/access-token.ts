import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import * as z from 'zod/mini';

/** Cloudflare Access puts it on every request that it lets through; a browser cannot, Access takes away what it sends. */
export const ACCESS_TOKEN_HEADER = 'Cf-Access-Jwt-Assertion';

/** Of a person, or of a service token (developers.cloudflare.com/cloudflare-one: application token). */
const identitySchema = z.object({
  email: z.optional(z.string()),
  common_name: z.optional(z.string()),
  // Must be there: jose judges it only where it is.
  exp: z.number(),
});

export type TokenResult =
  /** `until`: its end, milliseconds since 1970. */
  | { ok: true; who: string; until: number }
  /** `unreachable`: the team's keys could not be had, so nothing can be said; it counts as no. */
  | { ok: false; reason: 'missing' | 'wrong' | 'unreachable' };

/**
 * The keys of a team, kept ten minutes; a token with a key that is not among them has them fetched again, at most every
 * 30 s, so that Access may rotate its keys at any time. One an isolate.
 */
export function teamKeys(certsUrl: string, fetcher: typeof fetch): JWTVerifyGetKey {
  const get = (url: string, init: RequestInit) => fetcher(url, init);
  return createRemoteJWKSet(new URL(certsUrl), { [customFetch]: get });
}

/**
 * Verifies the token of Cloudflare Access: signature (RS256 and nothing else, so that no token chooses its own way to be
 * verified), issuer, audience, expiry.
 */
export async function verifyAccessToken(
  token: string | null,
  door: { issuer: string; audience: string },
  keys: JWTVerifyGetKey,
  now: number,
): Promise<TokenResult> {
  if (token === null || token === '') return { ok: false, reason: 'missing' };
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer: door.issuer,
      audience: door.audience,
      algorithms: ['RS256'],
      currentDate: new Date(now),
    });
    const { email, common_name, exp } = z.parse(identitySchema, payload);
    const who = email || common_name;
    return who === undefined || who === ''
      ? { ok: false, reason: 'wrong' }
      : { ok: true, who, until: exp * 1000 };
  } catch (error) {
    const isWrong =
      (error instanceof errors.JOSEError || error instanceof z.core.$ZodError) && !isOurs(error);
    return { ok: false, reason: isWrong ? 'wrong' : 'unreachable' };
  }
}

/** A fault of fetching the keys, which says nothing about the token. */
function isOurs(error: Error): boolean {
  return (
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    (error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC')
  );
}
