import { fork } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorker } from '../chaos/bundle.ts';
import type { HostOptions } from '../chaos/host.ts';
import { freePort } from '../harness/program.ts';

const HOST = join(dirname(fileURLToPath(import.meta.url)), '..', 'chaos', 'host.ts');

/**
 * The Worker as it is bundled for a deployment, in plain workerd: the proxy of `wrangler dev` rewrites headers
 * (`Origin` among them) and answers by itself what it does not understand, so that an attack would be its own.
 */
export type BareWorld = {
  url: string;
  port: number;
  /** Everything that the Worker has printed so far. */
  output(): string;
  isAlive(): boolean;
  /** Ends it; what it has stored stays until {@link BareWorld.remove}. */
  stop(): Promise<void>;
  /** Whether a text is anywhere in what it has stored. */
  isStored(text: string): boolean;
  /** How many objects of a class have anything on disk. */
  objects(className: string): number;
  remove(): void;
};

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** @param settings of the Worker, `LOCAL` included */
export async function startBareWorld(settings: Record<string, string>): Promise<BareWorld> {
  const scratch = mkdtempSync(join(tmpdir(), 'chatbox-hostile-'));
  const storage = join(scratch, 'storage');
  const bundle = await bundleWorker(join(scratch, 'bundle'), new AbortController().signal);
  const port = await freePort();
  const options: HostOptions = { ...bundle, port, storage, bindings: settings };
  const child = fork(HOST, [JSON.stringify(options)], {
    execArgv: ['--no-warnings'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (piece: string) => {
      output += piece;
    });
  }
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    void ended.then(() => reject(new Error(`The Worker ended before it was ready:\n${output}`)));
  });
  return {
    url: `http://localhost:${port}`,
    port,
    output: () => output,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    async stop() {
      // It ends with its channel.
      if (child.connected) child.disconnect();
      await ended;
    },
    isStored: (text) => filesIn(storage).some((path) => readFileSync(path).includes(text)),
    objects: (className) =>
      filesIn(storage).filter((path) => path.includes(className) && /[0-9a-f]{64}\.sqlite$/.test(path))
        .length,
    remove: () => rmSync(scratch, { recursive: true, force: true }),
  };
}
