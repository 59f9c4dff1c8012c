import type { Config } from '../config.ts';
import type { Door } from './door.ts';
import { isTurnstileTestKey } from './door.ts';
import { LOCAL_HOSTS } from './origin.ts';
import { PASSPHRASE_CHARS, type Passphrase } from './passphrase.ts';
import { signInCounts } from './rates.ts';
import { askTurnstile } from './turnstile.ts';
import type { Count, Taken } from './window.ts';

/** What came of trying a passphrase. */
export type SignInAttempt =
  | { kind: 'ok'; name: string }
  | { kind: 'wrong' }
  | { kind: 'limited'; waitMs: number };

export type SignIn =
  | { kind: 'ok'; who: string }
  | { kind: 'wrong'; message: string }
  | { kind: 'limited'; waitMs: number }
  /** The attempt could not be counted, so nothing was tried. */
  | { kind: 'unchecked' };

/** The object that counts attempts, as far as it is needed here. */
export type AttemptCounter = {
  take(counts: readonly Count[]): Promise<Taken>;
  giveBack(names: readonly string[], at: number): Promise<void>;
  signIn(text: string, passphrases: readonly Passphrase[], counts: readonly Count[]): Promise<SignInAttempt>;
};

const UNCHECKED = { kind: 'unchecked' } as const;

/** Whose passphrase it is; counted by address and together. */
export async function signInByPassphrase(
  text: string,
  door: Extract<Door, { mode: 'password' }>,
  address: string,
  attempts: AttemptCounter,
): Promise<SignIn> {
  const isTooLong = text.length > PASSPHRASE_CHARS;
  const counts = signInCounts(address, true);
  const result = await attempts
    .signIn(isTooLong ? '' : text, door.passphrases, counts)
    .catch(() => UNCHECKED);
  switch (result.kind) {
    case 'ok':
      return { kind: 'ok', who: result.name };
    case 'wrong':
      return { kind: 'wrong', message: 'This passphrase is not right.' };
    case 'limited':
    case 'unchecked':
      return result;
  }
}

export type TokenSignIn = {
  token: string;
  door: Extract<Door, { mode: 'open' }>;
  /** As it came with the request; null where none did. */
  ip: string | null;
  address: string;
  /** Host name of the request. */
  hostname: string;
  config: Pick<Config, 'local' | 'allowedOrigins'>;
  attempts: AttemptCounter;
  fetch: typeof fetch;
  newId: () => string;
};

/** A visitor who showed a token of Turnstile is somebody new, with a random id. */
export async function signInByToken(given: TokenSignIn): Promise<SignIn> {
  const { token, door, ip, address, hostname, config, attempts } = given;
  const counts = signInCounts(address, false);
  const taken = await attempts.take(counts).catch(() => null);
  if (taken === null) return UNCHECKED;
  if (!taken.ok) return { kind: 'limited', waitMs: taken.waitMs };
  const answer = await askTurnstile({
    token,
    secretKey: door.secretKey,
    verifyUrl: door.verifyUrl,
    ip,
    hostnames: [
      hostname,
      ...config.allowedOrigins.map((origin) => new URL(origin).hostname),
      ...(config.local ? LOCAL_HOSTS : []),
    ],
    isTestKey: config.local && isTurnstileTestKey(door.secretKey),
    fetch: given.fetch,
  });
  if (answer === 'no') {
    return { kind: 'wrong', message: 'The check that you are no robot did not succeed. Try it once more.' };
  }
  const names = counts.map(({ name }) => name);
  // One that stays counted costs its visitor one of ten attempts, no more.
  await attempts.giveBack(names, taken.at).catch(() => {});
  return answer === 'yes'
    ? { kind: 'ok', who: given.newId() }
    : { kind: 'wrong', message: 'The check that you are no robot could not be made. Try again in a moment.' };
}
