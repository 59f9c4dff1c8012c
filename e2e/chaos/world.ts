import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Program, startProgram } from '../harness/program.ts';
import type { Bundle } from './bundle.ts';
import type { HostOptions } from './host.ts';

/** A local Worker with its storage on disk, which can be killed and started again on the same storage. */
export type World = {
  /** Without a trailing slash; stays the same. */
  url: string;
  /** Faults of its own that the Worker has logged so far. */
  faults(): string[];
  /** SIGKILL to every process of it, then a new one. */
  restart(): Promise<void>;
  /** Takes one session's object out of memory; null where there is no way to. */
  evict: ((session: string) => Promise<void>) | null;
  close(): Promise<void>;
};

const HOST = join(dirname(fileURLToPath(import.meta.url)), 'host.ts');

/** A free port below those that the system gives to outgoing connections: it must still be free after a kill. */
async function stablePort(): Promise<number> {
  for (let port = 26_000 + (process.pid % 2_000); ; port += 1) {
    const isFree = await new Promise<boolean>((resolve) => {
      const probe = createServer();
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}

/**
 * Of what the Worker prints, the faults of its own. Not those of `http`: there a request found its object just
 * evicted; where it did not, its client has got a status that is a finding.
 */
function isFault(line: string): boolean {
  return line.includes('"event":"internal_error"') && !line.includes('"where":"http"');
}

/** @param onLine gets everything that it prints */
function startHost(options: HostOptions, onLine: (line: string) => void): Promise<ChildProcess> {
  // A group of its own, so that a kill reaches workerd too.
  const child = fork(HOST, [JSON.stringify(options)], {
    detached: true,
    execArgv: ['--no-warnings'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const output of [child.stdout, child.stderr]) {
    if (output !== null) createInterface(output).on('line', onLine);
  }
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve(child));
    child.once('exit', (code) => reject(new Error(`The Worker's process ended with ${code}.`)));
  });
}

async function killGroup(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  process.kill(-child.pid, 'SIGKILL');
  await gone;
}

/** The bundled Worker in plain workerd. @param settings of the Worker */
export async function startWorld(bundle: Bundle, settings: Record<string, string>): Promise<World> {
  const storage = mkdtempSync(join(tmpdir(), 'chatbox-chaos-'));
  const port = await stablePort();
  const options = { ...bundle, port, storage, bindings: { LOCAL: 'true', LOG_LEVEL: 'ERROR', ...settings } };
  const url = `http://127.0.0.1:${port}`;
  const faults: string[] = [];
  const listen = (line: string) => {
    if (isFault(line)) faults.push(line);
  };
  let child = await startHost(options, listen);
  return {
    url,
    faults: () => faults,
    async restart() {
      await killGroup(child);
      child = await startHost(options, listen);
    },
    async evict(session) {
      // Killed meanwhile: then it is out of memory too.
      await fetch(`${url}/evict/${session}`).catch(() => null);
    },
    async close() {
      await killGroup(child);
      rmSync(storage, { recursive: true, force: true });
    },
  };
}

/** The whole program, as `npm start` gives it to a person. */
export async function startProgramWorld(settings: Record<string, string>): Promise<World> {
  const stateDir = mkdtempSync(join(tmpdir(), 'chatbox-chaos-'));
  const port = await stablePort();
  const start = () => startProgram({ env: settings, port, stateDir });
  const faults: string[] = [];
  const faultsOf = (one: Program) => one.output().split('\n').filter(isFault);
  let program: Program = await start();
  return {
    url: program.url,
    faults: () => [...faults, ...faultsOf(program)],
    async restart() {
      faults.push(...faultsOf(program));
      await program.kill();
      program = await start();
    },
    evict: null,
    async close() {
      await program.stop();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
