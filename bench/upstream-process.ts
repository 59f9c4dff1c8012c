import { fork } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../scripts/paths.ts';

export type Upstream = { url: string; close(): void };

/** The upstream in a process of its own, so that what writes the streams does not wait for what reads them. */
export const startUpstream = (): Promise<Upstream> => start('upstream.ts');

/** A model that uses a tool, and the tool's server at `/mcp`. */
export const startToolUpstream = (): Promise<Upstream> => start('tool-upstream.ts');

function start(file: string): Promise<Upstream> {
  const child = fork(join(ROOT, 'bench', file), { execArgv: ['--no-warnings'] });
  return new Promise((resolve, reject) => {
    child.once('message', (port) =>
      resolve({ url: `http://127.0.0.1:${Number(port)}`, close: () => child.kill() }),
    );
    child.once('error', reject);
  });
}
