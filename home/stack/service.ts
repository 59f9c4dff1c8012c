import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { endGroup } from '../../scripts/children.ts';
import { ROOT } from '../../scripts/paths.ts';
import { inVenv } from './python.ts';

export type Service = {
  url: string;
  /** Everything it printed so far, both outputs in order of arrival. */
  log(): string;
  /** Asks it to end, and ends what is left of its process group. */
  stop(): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
};

/** A start that takes longer is a failure: Python alone needs ten to twenty seconds on a small machine. */
const START_LIMIT_MS = 120_000;

/**
 * Starts a program in a process group of its own, which ends with this process however that ends,
 * and waits until a GET of `readyPath` answers 200.
 * @throws with the program's output, when it ends or stays silent
 */
export async function startService(options: {
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  url: string;
  readyPath: string;
}): Promise<Service> {
  const lifeline = join(ROOT, 'home', 'python', 'lifeline.py');
  const child = spawn(inVenv('python'), [lifeline, options.command, ...options.args], {
    cwd: ROOT,
    env: options.env,
    detached: true,
    // Nothing is written to its stdin: that it stays open says that this process is there.
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', (error) => {
      log += error.message;
      resolve();
    });
  });
  const stop = async (patienceMs: number) => {
    await endGroup(child, patienceMs);
    await exited;
  };
  try {
    await untilReady(options.url + options.readyPath, child);
  } catch (error) {
    await stop(0);
    throw new Error(
      `${options.command} did not start (${error instanceof Error ? error.message : error}):\n${log}`,
    );
  }
  return { url: options.url, log: () => log, stop: () => stop(10_000), kill: () => stop(0) };
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`ended with ${child.exitCode}`);
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      await response.body?.cancel();
      if (response.status === 200) return;
    } catch {
      // Not yet.
    }
    await pause(100);
  }
  throw new Error(`not ready after ${START_LIMIT_MS / 1000} s`);
}
