import { PASSPHRASE_CHARS } from '../worker/guard/passphrase.ts';

/** No letter that looks like another one or like a digit (Crockford's base 32). */
const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz';

/** One a letter; five bits of each are used, so 100 bits: nobody guesses that, even with the hash at hand. */
export const PASSPHRASE_BYTES = 20;

/** @param random {@link PASSPHRASE_BYTES} of them; shown in groups of five letters */
export function makePassphrase(random: Uint8Array): string {
  const letters = [...random].map((byte) => LETTERS[byte % LETTERS.length]).join('');
  return (letters.match(/.{1,5}/g) ?? []).join('-');
}

/** NIST SP 800-63B-4, 3.1.1.2: at least 8 characters, and 15 where nothing else protects the sign-in. */
const LEAST = 8;
const GOOD = 15;

/** What speaks against a passphrase that somebody thought of; null: nothing. */
export function weakness(text: string): { refused: boolean; message: string } | null {
  const length = [...text].length;
  if (text.length > PASSPHRASE_CHARS) {
    return { refused: true, message: `A passphrase has at most ${PASSPHRASE_CHARS} characters.` };
  }
  if (length < LEAST) {
    return {
      refused: true,
      message: `A passphrase has at least ${LEAST} characters, better ${GOOD}: the page is public.`,
    };
  }
  if (length < GOOD) {
    return {
      refused: false,
      message: `This is short for a public page: ${GOOD} characters or more are better.`,
    };
  }
  return null;
}
