import { type ChildProcess, spawn } from 'node:child_process';

/** A sentence for the person at the terminal; shown without a stack. */
export class Trouble extends Error {
  override readonly name = 'Trouble';
}

export type Finished = { code: number; output: string };

/**
 * Runs a JavaScript command line on this Node and collects what it prints (stdout and stderr together).
 * Aborting `signal` kills it.
 * @param echo receives each piece of output as it comes
 */
export function runTool(
  args: string[],
  options: { cwd: string; signal: AbortSignal; env?: NodeJS.ProcessEnv; echo?: (text: string) => void },
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: options.cwd,
      signal: options.signal,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const take = (text: string) => {
      output += text;
      options.echo?.(text);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * Ends a child that leads its own process group: asks the leader first, so that it can close what it
 * opened, then kills what is left of the group.
 * @param patienceMs how long the leader may take
 */
export async function endGroup(child: ChildProcess, patienceMs: number): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM');
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patienceMs);
    });
    await Promise.race([ended, tooLate]);
    clearTimeout(timer);
  }
  signalGroup(pid, 'SIGKILL');
}

/**
 * Frame of every command: turns SIGINT, SIGTERM, SIGHUP and the death of the parent into an abort, and
 * a thrown {@link Trouble} into its sentence. Ends the process with the returned code, 0 when it was
 * asked to stop.
 */
export async function command(main: (signal: AbortSignal) => Promise<number>): Promise<never> {
  const stop = new AbortController();
  const ask = () => stop.abort(new Trouble('Stopped.'));
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, ask);
  process.once('disconnect', ask);
  try {
    process.exit(await main(stop.signal));
  } catch (error) {
    if (stop.signal.aborted) process.exit(0);
    process.stderr.write(`${error instanceof Trouble ? error.message : describe(error)}\n`);
    process.exit(1);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
