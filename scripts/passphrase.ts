/**
 * `npm run passphrase -- alice`: makes an entry of ACCESS_PASSPHRASES. The passphrase is typed without being shown, or
 * piped in; an empty one has a strong one made. The entry goes to stdout, everything for a person to stderr.
 */
import { webcrypto } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text as readAll } from 'node:stream/consumers';
import { formatPassphrase, hashPassphrase, isPassphraseName } from '../worker/guard/passphrase.ts';
import { command, Trouble } from './children.ts';
import { makePassphrase, PASSPHRASE_BYTES, weakness } from './passphrase-strength.ts';

const USAGE =
  'Usage: npm run passphrase -- NAME\nNAME says whose it is: up to 64 letters, digits and _ . @ + -';

const SALT_BYTES = 16;

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** One line from the terminal; what is typed is not shown. */
function ask(question: string, signal: AbortSignal): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  process.stderr.write(question);
  return new Promise((resolve, reject) => {
    const stop = () => {
      lines.close();
      say('');
      reject(new Trouble('Stopped.'));
    };
    // In this mode the terminal makes no signal of Ctrl-C.
    lines.once('SIGINT', stop);
    signal.addEventListener('abort', stop, { once: true });
    lines.once('line', (line) => {
      signal.removeEventListener('abort', stop);
      lines.close();
      say('');
      resolve(line);
    });
  });
}

async function readPassphrase(name: string, signal: AbortSignal): Promise<string> {
  if (!process.stdin.isTTY) return (await readAll(process.stdin)).replace(/\r?\n$/, '');
  const typed = await ask(`Passphrase for ${name} (nothing is shown; empty: one is made): `, signal);
  if (typed !== '' && (await ask('Once more: ', signal)) !== typed)
    throw new Trouble('The two are not the same.');
  return typed;
}

await command(async (signal) => {
  const [name, ...more] = process.argv.slice(2);
  if (name === undefined || more.length > 0 || !isPassphraseName(name)) throw new Trouble(USAGE);
  const given = await readPassphrase(name, signal);
  const weak = given === '' ? null : weakness(given);
  if (weak?.refused) throw new Trouble(weak.message);
  if (weak !== null) say(weak.message);
  const random = (bytes: number) => webcrypto.getRandomValues(new Uint8Array(bytes));
  const passphrase = given === '' ? makePassphrase(random(PASSPHRASE_BYTES)) : given;
  if (given === '') say(`The passphrase of ${name}, shown this once:\n\n  ${passphrase}\n`);
  say('Add this line to ACCESS_PASSPHRASES (more than one: separated by commas):');
  process.stdout.write(`${formatPassphrase(await hashPassphrase(name, passphrase, random(SALT_BYTES)))}\n`);
  return 0;
});
