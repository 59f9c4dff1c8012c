import { timingSafeEqual } from 'node:crypto';

/** A named passphrase as it is stored: nothing of it leads back to the text but trying. */
export type Passphrase = {
  name: string;
  iterations: number;
  /** base64url, at least 8 bytes. */
  salt: string;
  /** base64url of PBKDF2-HMAC-SHA-256, 32 bytes. */
  hash: string;
};

/** The most that workerd computes; the figure for PBKDF2-HMAC-SHA-256 in OWASP's cheat sheet is above it. */
export const MOST_ITERATIONS = 100_000;

/** More is no passphrase any more. UTF-16 units. */
export const PASSPHRASE_CHARS = 1_024;

const HASH_BYTES = 32;
const LEAST_SALT_BYTES = 8;
const SCHEME = 'pbkdf2-sha256';
const ENTRY = /^([\w.@+-]{1,64}):pbkdf2-sha256\$(\d{1,6})\$([\w-]+)\$([\w-]+)$/;

const bytesOf = (base64url: string) => Buffer.from(base64url, 'base64url');

/** Whether a text can be the name of a passphrase: letters, digits and `_ . @ + -`. */
export function isPassphraseName(text: string): boolean {
  return /^[\w.@+-]{1,64}$/.test(text);
}

/** One entry of `ACCESS_PASSPHRASES`; {@link readPassphrases} reads it back. */
export function formatPassphrase({ name, iterations, salt, hash }: Passphrase): string {
  return `${name}:${SCHEME}$${iterations}$${salt}$${hash}`;
}

function readEntry(text: string): Passphrase | null {
  const [, name = '', count = '', salt = '', hash = ''] = ENTRY.exec(text) ?? [];
  const iterations = Number(count);
  const isSound =
    iterations >= 1 &&
    iterations <= MOST_ITERATIONS &&
    bytesOf(salt).length >= LEAST_SALT_BYTES &&
    bytesOf(hash).length === HASH_BYTES;
  return isSound ? { name, iterations, salt, hash } : null;
}

/**
 * Reads `ACCESS_PASSPHRASES`: entries separated by commas or line ends. A faulty one is left out and told in `faults`,
 * by its name only where what follows looks like a hash: somebody may have put the passphrase itself there.
 */
export function readPassphrases(list: string): { passphrases: Passphrase[]; faults: string[] } {
  const passphrases: Passphrase[] = [];
  const faults: string[] = [];
  const entries = list.split(/[,\r\n]+/).map((entry) => entry.trim());
  for (const [index, entry] of entries.filter((text) => text !== '').entries()) {
    const named = /^([\w.@+-]{1,64}):pbkdf2-sha256\$/.exec(entry)?.[1];
    const which = named === undefined ? `entry ${index + 1}` : `the entry of ${named}`;
    const read = readEntry(entry);
    if (read === null) {
      faults.push(
        `ACCESS_PASSPHRASES: ${which} is not what "npm run passphrase" prints: it is left out. Make it anew.`,
      );
    } else if (passphrases.some(({ name }) => name === read.name)) {
      faults.push(`ACCESS_PASSPHRASES: there is a second entry of ${read.name}: it is left out.`);
    } else passphrases.push(read);
  }
  return { passphrases, faults };
}

export type Derive = (text: string, salt: Uint8Array<ArrayBuffer>, iterations: number) => Promise<Uint8Array>;

/** PBKDF2-HMAC-SHA-256, 32 bytes (RFC 8018). The same letters from another keyboard are the same text (NFKC). */
export const derive: Derive = async (text, salt, iterations) => {
  const secret = new TextEncoder().encode(text.normalize('NFKC'));
  const key = await crypto.subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveBits']);
  const params = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(params, key, HASH_BYTES * 8));
};

/** @param salt random, at least 8 bytes */
export async function hashPassphrase(
  name: string,
  text: string,
  salt: Uint8Array<ArrayBuffer>,
): Promise<Passphrase> {
  const hash = Buffer.from(await derive(text, salt, MOST_ITERATIONS)).toString('base64url');
  return { name, iterations: MOST_ITERATIONS, salt: Buffer.from(salt).toString('base64url'), hash };
}

/**
 * Whose passphrase this is; null: nobody's. Every entry is tried to its end whatever was found before, so that the time
 * tells neither whose it is nor how much of it was right.
 */
export async function verifyPassphrase(
  text: string,
  passphrases: readonly Passphrase[],
  work: Derive = derive,
): Promise<string | null> {
  let found: string | null = null;
  for (const { name, iterations, salt, hash } of passphrases) {
    const isRight = timingSafeEqual(
      await work(text, new Uint8Array(bytesOf(salt)), iterations),
      bytesOf(hash),
    );
    found = isRight && found === null ? name : found;
  }
  return found;
}
