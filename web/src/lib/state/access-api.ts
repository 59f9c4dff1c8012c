import { type Access, accessSchema } from '#lib/wire.ts';
import { bearer, read, request } from './request.ts';

/** How one comes in here where something in front sends whoever is not signed in elsewhere. */
const IN_FRONT: Access = {
  mode: 'cloudflare-access',
  signed_in: false,
  name: null,
  turnstile_site_key: null,
  message: null,
  budget: null,
};

async function hasSignInInFront(): Promise<boolean> {
  try {
    return (await fetch('/access', { cache: 'no-store', redirect: 'manual' })).type === 'opaqueredirect';
  } catch {
    return false;
  }
}

/** Whether who asks is in, and how to come in. `sessionId`: where nobody signs in, limits are the session's. */
export async function fetchAccess(sessionId: string | null): Promise<Access> {
  try {
    return await read('/access', accessSchema, sessionId === null ? {} : bearer(sessionId));
  } catch (error) {
    // A redirect to another origin is a failure to a page.
    if (await hasSignInInFront()) return IN_FRONT;
    throw error;
  }
}

/** What a person shows to come in. */
export type Proof = { passphrase: string } | { turnstile_token: string };

/** @throws {ApiError} `unauthorized`: it was not right. `rate_limited`: too many attempts. */
export async function postSignIn(proof: Proof): Promise<void> {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(proof),
  };
  await request('/sign-in', init);
}

/** @throws {ApiError} */
export async function postSignOut(): Promise<void> {
  await request('/sign-out', { method: 'POST' });
}
