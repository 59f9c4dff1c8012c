import type { Config } from '../config.ts';
import type { Passphrase } from './passphrase.ts';

/** How one comes in, and all that is needed to judge it. */
export type Door =
  /** On this machine nobody signs in (CMD6). */
  | { mode: 'local' }
  | { mode: 'closed'; message: string }
  | { mode: 'password'; passphrases: readonly Passphrase[] }
  | { mode: 'cloudflare-access'; issuer: string; audience: string; certsUrl: string }
  | { mode: 'open'; siteKey: string; secretKey: string; verifyUrl: string };

export type DoorMode = Door['mode'];

/**
 * Keys of Turnstile that are the same for everybody and let everybody in, or nobody
 * (developers.cloudflare.com/turnstile/troubleshooting/testing).
 */
export function isTurnstileTestKey(key: string): boolean {
  return /^[123]x0000000000/.test(key);
}

const closed = (message: string): Door => ({ mode: 'closed', message });

const NOT_SET =
  'ACCESS_MODE is not set, and a paid key would be open to everybody, so this deployment answers no chat. Set ACCESS_MODE to password, cloudflare-access or open.';

type DoorSettings = Pick<Config, 'local' | 'access' | 'budgets'>;

/**
 * Judges the settings of sign-in: a paid key stands behind the page, so whatever is missing or wrong closes it, with a
 * sentence that names the setting and the fix. `LOCAL` alone opens it, and only where no mode is set.
 */
export function doorOf({ local, access, budgets }: DoorSettings): Door {
  switch (access.mode) {
    case null:
      return local ? { mode: 'local' } : closed(NOT_SET);
    case 'faulty':
      return closed(
        'ACCESS_MODE is none of password, cloudflare-access and open, so this deployment answers no chat.',
      );
    case 'password':
      if (access.passphrases.length > 0) return { mode: 'password', passphrases: access.passphrases };
      return closed(
        access.hasEntries
          ? 'No entry of ACCESS_PASSPHRASES can be read, so nobody can sign in. Make them with "npm run passphrase -- NAME".'
          : 'ACCESS_MODE is password but ACCESS_PASSPHRASES is not set, so nobody can sign in. Make an entry with "npm run passphrase -- NAME".',
      );
    case 'cloudflare-access':
      return accessDoor(access.team);
    case 'open':
      return openDoor(access.turnstile, local, budgets.deployment !== null);
  }
}

function accessDoor({ domain, audience, certsUrl }: Config['access']['team']): Door {
  const missing = [
    ...(domain === '' ? ['CF_ACCESS_TEAM_DOMAIN (such as team.cloudflareaccess.com)'] : []),
    ...(audience === '' ? ['CF_ACCESS_AUD (the audience tag of the application)'] : []),
  ];
  return missing.length > 0
    ? closed(`ACCESS_MODE is cloudflare-access, which also needs ${missing.join(' and ')}.`)
    : { mode: 'cloudflare-access', issuer: `https://${domain}`, audience, certsUrl };
}

function openDoor(turnstile: Config['access']['turnstile'], local: boolean, hasCap: boolean): Door {
  const { siteKey, secretKey } = turnstile;
  const missing = [
    ...(siteKey === '' ? ['TURNSTILE_SITE_KEY'] : []),
    ...(secretKey === '' ? ['TURNSTILE_SECRET_KEY'] : []),
    ...(hasCap ? [] : ['DAILY_BUDGET_USD (the most that everybody together may spend in a day)']),
  ];
  if (missing.length > 0) return closed(`ACCESS_MODE is open, which also needs ${missing.join(' and ')}.`);
  const tests = [
    ...(isTurnstileTestKey(siteKey) ? ['TURNSTILE_SITE_KEY'] : []),
    ...(isTurnstileTestKey(secretKey) ? ['TURNSTILE_SECRET_KEY'] : []),
  ];
  return tests.length > 0 && !local
    ? closed(
        `${tests.join(' and ')}: these are Turnstile's keys for tests, which stop nobody. Make a widget of your own.`,
      )
    : { mode: 'open', ...turnstile };
}
