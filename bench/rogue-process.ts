/**
 * Those that misbehave, in a process of their own, so that their work is not the other clients'. Its one argument is
 * `{count, url}` as JSON; it tells when they are loose, and ends with whoever started it.
 */

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { letLoose } from '../e2e/hostile/rogues.ts';

export type Rogues = { close(): Promise<void> };

/** @param url of the Worker that they misbehave at */
export async function startRogues(count: number, url: string): Promise<Rogues> {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify({ count, url })], {
    execArgv: ['--no-warnings'],
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('error', reject);
    void gone.then(() => reject(new Error('Those that misbehave ended before they began.')));
  });
  return {
    async close() {
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { count, url } = JSON.parse(process.argv[2] ?? '{}') as { count: number; url: string };
  letLoose(count, { url });
  process.once('disconnect', () => process.exit());
  process.send?.('loose');
}
