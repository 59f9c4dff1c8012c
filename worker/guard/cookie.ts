import * as z from 'zod/mini';
import type { Door } from './door.ts';

/** What a sign-in cookie says. It holds no secret: whoever has it may read it, nobody else can make it. */
const claimsSchema = z.object({
  /** Name of the passphrase, or a random id in mode `open`. */
  who: z.string(),
  mode: z.enum(['password', 'open']),
  /** Milliseconds since 1970. */
  expires: z.number(),
});
export type Claims = z.infer<typeof claimsSchema>;

/** Of what a cookie is signed with: the door that it was made at, and `SIGN_IN_SECRET`. */
export type SigningSecrets = { door: Door; signInSecret: string };

/** Far above what a cookie of ours has. UTF-16 units. */
const MOST_CHARS = 1_024;

const utf8 = (text: string) => new TextEncoder().encode(text);

/**
 * The name of the cookie, and whether only https may carry it. A name with `__Host-` cannot be set by another host of
 * the same domain, nor without `Secure` (RFC 6265bis 4.1.3.2), which plain http on this machine does not allow.
 */
export function cookieKind(url: URL, local: boolean): { name: string; secure: boolean } {
  const plain = local && url.protocol === 'http:';
  return plain ? { name: 'chatbox', secure: false } : { name: '__Host-chatbox', secure: true };
}

/**
 * What the key of a person is made from; null when there is no such person at this door (any more). With a passphrase
 * its hash is in it, so that a changed or removed one ends its own cookies and no others.
 */
function keyMaterial({ who, mode }: Claims, { door, signInSecret }: SigningSecrets) {
  if (door.mode === 'password' && mode === 'password') {
    const entry = door.passphrases.find(({ name }) => name === who);
    return entry === undefined
      ? null
      : { secret: signInSecret || entry.hash, info: `password ${who} ${entry.salt} ${entry.hash}` };
  }
  if (door.mode === 'open' && mode === 'open') {
    return { secret: signInSecret || door.secretKey, info: `open ${door.siteKey}` };
  }
  return null;
}

/** HMAC-SHA-256 with a key derived by HKDF (RFC 5869), so that the secret serves no second purpose as it is. */
async function keyOf({ secret, info }: { secret: string; info: string }) {
  const material = await crypto.subtle.importKey('raw', utf8(secret), 'HKDF', false, ['deriveKey']);
  return crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8(`chatbox sign-in ${info}`) },
    material,
    { name: 'HMAC', hash: 'SHA-256', length: 256 },
    false,
    ['sign', 'verify'],
  );
}

/** @returns the value `payload.signature`, both base64url; null where the door knows no such person */
export async function signCookie(claims: Claims, secrets: SigningSecrets): Promise<string | null> {
  const material = keyMaterial(claims, secrets);
  if (material === null) return null;
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
  const signature = await crypto.subtle.sign('HMAC', await keyOf(material), utf8(payload));
  return `${payload}.${Buffer.from(signature).toString('base64url')}`;
}

function readClaims(payload: string): Claims | null {
  try {
    return z.parse(claimsSchema, JSON.parse(Buffer.from(payload, 'base64url').toString()));
  } catch {
    return null;
  }
}

/** The claims of a cookie that was made at this very door and is not over; null for anything else. */
export async function verifyCookie(
  value: string | undefined,
  secrets: SigningSecrets,
  now: number,
): Promise<Claims | null> {
  const [, payload, signature] = /^([\w-]+)\.([\w-]{43})$/.exec(value ?? '') ?? [];
  if (payload === undefined || signature === undefined || payload.length > MOST_CHARS) return null;
  // Only to find the key; nothing of it counts before the signature is verified (in constant time).
  const claims = readClaims(payload);
  const material = claims === null ? null : keyMaterial(claims, secrets);
  if (claims === null || material === null) return null;
  const bytes = new Uint8Array(Buffer.from(signature, 'base64url'));
  const isOurs = await crypto.subtle.verify('HMAC', await keyOf(material), bytes, utf8(payload));
  return isOurs && now < claims.expires ? claims : null;
}
