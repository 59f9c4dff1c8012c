import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { Trouble } from './children.ts';

/** A person who can be asked. */
export interface Terminal {
  say(line: string): void;
  /** One line, without blanks around it. */
  ask(question: string): Promise<string>;
  /** The same; what is typed is not shown, and is kept as it is. */
  askSecret(question: string): Promise<string>;
}

function readLine(question: string, shown: boolean, signal: AbortSignal): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({
    input: process.stdin,
    output: shown ? process.stdout : nowhere,
    terminal: true,
  });
  if (!shown) process.stdout.write(question);
  else lines.setPrompt(question);
  if (shown) lines.prompt();
  return new Promise((resolve, reject) => {
    const leave = () => {
      signal.removeEventListener('abort', stop);
      lines.close();
      if (!shown) process.stdout.write('\n');
    };
    const stop = () => {
      leave();
      reject(new Trouble('Stopped; nothing was changed.'));
    };
    // In this mode the terminal makes no signal of Ctrl-C.
    lines.once('SIGINT', stop);
    signal.addEventListener('abort', stop, { once: true });
    lines.once('line', (line) => {
      leave();
      resolve(line);
    });
  });
}

/** The terminal of this process; null where there is none, as in CI. Its questions throw a {@link Trouble} on Ctrl-C. */
export function openTerminal(signal: AbortSignal): Terminal | null {
  const isCi = ![undefined, '', 'false', '0'].includes(process.env.CI);
  if (!process.stdin.isTTY || !process.stdout.isTTY || isCi) return null;
  return {
    say: (line) => void process.stdout.write(`${line}\n`),
    ask: async (question) => (await readLine(question, true, signal)).trim(),
    askSecret: (question) => readLine(question, false, signal),
  };
}
