import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../scripts/paths.ts';
import { settingNames } from '../../scripts/settings.ts';

export type LogEvent = { event: string } & Record<string, unknown>;

export type Program = {
  /** Of the `npm` process. */
  pid: number;
  port: number;
  /** `http://localhost:<port>`, which is also the Origin of its page. */
  url: string;
  /** Everything that it printed so far, both outputs in order of arrival. */
  output(): string;
  /** The telemetry events in the output, oldest first. */
  events(name?: string): LogEvent[];
  /** Resolves with the first match in the output, past or to come. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends a signal to the `npm` process; resolves with its exit code and how long it took, ms. */
  stop(signal?: NodeJS.Signals): Promise<{ code: number | null; tookMs: number }>;
  /** Kills everything at once, as a power cut would. */
  kill(): Promise<void>;
};

export type ProgramOptions = {
  env?: Record<string, string>;
  port?: number;
  /** Of an earlier program, to go on where it ended; else a new one that goes away with the program. */
  stateDir?: string;
  /** False: resolves at once, before it is ready. */
  untilReady?: boolean;
  /** Another checkout than this one. */
  root?: string;
};

/** A port that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

export function newStateDir(): string {
  return mkdtempSync(join(tmpdir(), 'chatbox-e2e-'));
}

/** The environment of a person's shell: nothing of the test runner, no setting of ours, only what a test adds. */
function cleanEnvironment(more: Record<string, string>): NodeJS.ProcessEnv {
  const ours = new Set(settingNames(readFileSync(join(ROOT, '.dev.vars.example'), 'utf8')));
  const kept = Object.entries(process.env).filter(
    ([name]) => !ours.has(name) && name !== 'NODE_ENV' && name !== 'PORT' && !/^(VITEST|npm_)/i.test(name),
  );
  return { ...Object.fromEntries(kept), ...more };
}

/** Starts the whole program as a person does, with `npm start`. */
export async function startProgram(options: ProgramOptions = {}): Promise<Program> {
  const port = options.port ?? (await freePort());
  const stateDir = options.stateDir ?? newStateDir();
  const child = spawn('npm', ['start'], {
    cwd: options.root ?? ROOT,
    // A group of its own, so that kill() reaches every process of it.
    detached: process.platform !== 'win32',
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: cleanEnvironment({ PORT: String(port), CHATBOX_STATE_DIR: stateDir, ...options.env }),
  });
  const output = watchOutput(child);
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  void exited.then(() => {
    if (!options.stateDir) rmSync(stateDir, { recursive: true, force: true });
  });

  const program: Program = {
    pid: child.pid ?? 0,
    port,
    url: `http://localhost:${port}`,
    output: output.text,
    events: (name) => readEvents(output.text()).filter(({ event }) => name === undefined || event === name),
    printed: output.printed,
    async stop(signal = 'SIGTERM') {
      const asked = performance.now();
      child.kill(signal);
      const code = await exited;
      return { code, tookMs: performance.now() - asked };
    },
    async kill() {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
      await exited;
    },
  };
  if (options.untilReady === false) return program;
  const ready = output.printed(/^Ready on http:\/\/localhost:\d+$/m);
  const ended = exited.then((code) => {
    throw new Error(`npm start ended with ${code} before it was ready:\n${output.text()}`);
  });
  await Promise.race([ready, ended]);
  return program;
}

function watchOutput(child: ChildProcess) {
  let text = '';
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      for (const look of waiting) look();
    });
  }
  return {
    text: () => text,
    printed: (pattern: RegExp) =>
      new Promise<RegExpExecArray>((resolve) => {
        const look = () => {
          const match = pattern.exec(text);
          if (!match) return;
          waiting.delete(look);
          resolve(match);
        };
        waiting.add(look);
        look();
      }),
  };
}

function readEvents(output: string): LogEvent[] {
  return output.split('\n').flatMap((line) => {
    if (!line.startsWith('{') || !line.endsWith('}')) return [];
    const json: unknown = JSON.parse(line);
    return isEvent(json) ? [json] : [];
  });
}

function isEvent(value: unknown): value is LogEvent {
  return typeof value === 'object' && value !== null && 'event' in value && typeof value.event === 'string';
}
