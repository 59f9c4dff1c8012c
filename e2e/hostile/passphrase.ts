import { pbkdf2Sync } from 'node:crypto';

/**
 * An entry of `ACCESS_PASSPHRASES`, made as its documentation says.
 * @param iterations few, for a test that tries many
 */
export function passphraseEntry(name: string, passphrase: string, iterations = 1_000): string {
  const salt = Buffer.from('a salt of a test');
  const hash = pbkdf2Sync(passphrase.normalize('NFKC'), salt, iterations, 32, 'sha256');
  return `${name}:pbkdf2-sha256$${iterations}$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}
