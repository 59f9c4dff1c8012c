import * as z from 'zod/mini';
import { webAddress, wholeNumber } from './config-values.ts';
import { type Passphrase, readPassphrases } from './guard/passphrase.ts';

const text = z.string();

export const ACCESS_MODES = ['password', 'cloudflare-access', 'open'] as const;

/** The domain of a team at Cloudflare Access, also where its whole address was pasted. */
const teamDomain = z.string().check(
  z.overwrite((value) =>
    value
      .toLowerCase()
      .replace(/^https:\/\//, '')
      .replace(/\/+$/, ''),
  ),
  z.regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be a domain such as team.cloudflareaccess.com'),
);

/** Settings that say who may come in, and how often. */
export const accessSettings = {
  /** Empty closes a deployment: a paid key stands behind the page. On this machine (LOCAL) it is free. */
  ACCESS_MODE: z._default(
    z.pipe(
      z.string().check(z.toLowerCase()),
      z.enum(['', ...ACCESS_MODES], { error: 'must be password, cloudflare-access or open' }),
    ),
    '',
  ),
  /** Named passphrases as salted hashes, read entry by entry in guard/passphrase.ts. */
  ACCESS_PASSPHRASES: z._default(text, ''),
  /** Not set: 30, for a page that one uses daily; 1 in mode `open`, where a visitor only proved to be no robot. */
  SIGN_IN_DAYS: z.optional(wholeNumber(1, 365)),
  /** Empty: derived from what else is secret, so that nobody has to set one more thing. */
  SIGN_IN_SECRET: z._default(z.string().check(z.minLength(32, 'must have at least 32 characters')), ''),
  CF_ACCESS_TEAM_DOMAIN: z._default(teamDomain, ''),
  /** The audience tag of the application at Cloudflare Access. */
  CF_ACCESS_AUD: z._default(text, ''),
  /** Empty: the team's own. Tests have their keys elsewhere. */
  CF_ACCESS_CERTS_URL: z._default(webAddress, ''),
  TURNSTILE_SITE_KEY: z._default(text, ''),
  TURNSTILE_SECRET_KEY: z._default(text, ''),
  /** Tests stand in for Cloudflare here. */
  TURNSTILE_VERIFY_URL: z._default(webAddress, 'https://challenges.cloudflare.com/turnstile/v0/siteverify'),

  /** By address. Not set: 60, more than a page needs that comes back after each cut; none under LOCAL. */
  CONNECTS_PER_MINUTE: z.optional(wholeNumber(1, 600)),
  /** By address. Not set: 30, enough for an office behind one address; none under LOCAL. */
  SESSIONS_PER_HOUR: z.optional(wholeNumber(1, 1_000)),
};

type AccessValues = z.infer<z.ZodMiniObject<typeof accessSettings>> & { LOCAL: boolean };

/** Who may come in, as it is set; guard/door.ts judges whether that is complete. */
export type AccessSettings = {
  /** Null: not set. `faulty`: set to what is no mode; it must not lift a rule. */
  mode: (typeof ACCESS_MODES)[number] | 'faulty' | null;
  passphrases: Passphrase[];
  /** Whether anything is in `ACCESS_PASSPHRASES`: entries that were left out are not the same as none. */
  hasEntries: boolean;
  /** How long a cookie lives, milliseconds. */
  signInMs: number;
  signInSecret: string;
  team: { domain: string; audience: string; certsUrl: string };
  turnstile: { siteKey: string; secretKey: string; verifyUrl: string };
};

/** By address; null: no limit. */
export type Rates = { connectsPerMinute: number | null; sessionsPerHour: number | null };

const DAY_MS = 86_400_000;

/** @param warnings gets what is wrong with single entries */
export function readAccess(
  values: AccessValues,
  faulty: ReadonlyMap<string, string>,
  warnings: string[],
): AccessSettings {
  const { passphrases, faults } = readPassphrases(values.ACCESS_PASSPHRASES);
  warnings.push(...faults);
  const mode = faulty.has('ACCESS_MODE') ? 'faulty' : values.ACCESS_MODE || null;
  const domain = values.CF_ACCESS_TEAM_DOMAIN;
  return {
    mode,
    passphrases,
    hasEntries: values.ACCESS_PASSPHRASES !== '',
    signInMs: (values.SIGN_IN_DAYS ?? (mode === 'open' ? 1 : 30)) * DAY_MS,
    signInSecret: values.SIGN_IN_SECRET,
    team: {
      domain,
      audience: values.CF_ACCESS_AUD,
      certsUrl: values.CF_ACCESS_CERTS_URL || `https://${domain}/cdn-cgi/access/certs`,
    },
    turnstile: {
      siteKey: values.TURNSTILE_SITE_KEY,
      secretKey: values.TURNSTILE_SECRET_KEY,
      verifyUrl: values.TURNSTILE_VERIFY_URL,
    },
  };
}

export function readRates(values: AccessValues): Rates {
  const deployed = (set: number | undefined, otherwise: number) => set ?? (values.LOCAL ? null : otherwise);
  return {
    connectsPerMinute: deployed(values.CONNECTS_PER_MINUTE, 60),
    sessionsPerHour: deployed(values.SESSIONS_PER_HOUR, 30),
  };
}
