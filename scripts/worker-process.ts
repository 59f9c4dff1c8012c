import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { endGroup, Trouble } from './children.ts';
import { inPackage, ROOT } from './paths.ts';

export type WorkerProcess = {
  /** Resolves when the Worker is served; rejects with a {@link Trouble} when that fails. */
  ready: Promise<void>;
  /** Resolves with the exit code when it ends by itself after it was ready. */
  ended: Promise<number>;
  stop(): Promise<void>;
};

/** wrangler makes no calls home, asks nothing, and keeps its own files out of the person's home. */
function quietEnvironment(scratch: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    // The env file is the whole truth about the settings.
    CLOUDFLARE_INCLUDE_PROCESS_ENV: 'false',
    CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV: 'true',
    CLOUDFLARE_ENV: '',
    // Otherwise it asks workers.cloudflare.com where this machine is.
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_SEND_ERROR_REPORTS: 'false',
    WRANGLER_HIDE_BANNER: 'true',
    WRANGLER_NO_SKILLS_UPDATE_PROMPTS: 'true',
    WRANGLER_LOG_PATH: join(scratch, 'wrangler-logs'),
    // A registry of its own: two checkouts started at once must not see each other's Worker.
    WRANGLER_REGISTRY_PATH: join(scratch, 'wrangler-registry'),
    X_LOCAL_EXPLORER: 'false',
    X_LOCAL_OBSERVABILITY: 'false',
    NO_COLOR: '1',
  };
}

/** Lines of wrangler about itself; everything else on its stdout is the Worker's log. */
function isChatter(line: string, served: boolean): boolean {
  if (line.startsWith('{')) return false;
  return !served || line === '' || /^(\[wrangler:|⎔|╭|│|╰)/.test(line);
}

/**
 * The deployment's configuration with one difference: every file passes the Worker, which answers to the names of this
 * machine only (CONTRACT CMD6). In a deployment the platform serves the files, free of charge.
 */
function localConfig(scratch: string): string {
  const deployed = readFileSync(join(ROOT, 'wrangler.toml'), 'utf8');
  const changes: [RegExp, string][] = [
    [/^main = "(.+)"$/m, `main = ${JSON.stringify(join(ROOT, 'worker', 'index.ts'))}`],
    [/^directory = "(.+)"$/m, `directory = ${JSON.stringify(join(ROOT, 'web', 'build'))}`],
    [/^run_worker_first = .+$/m, 'run_worker_first = true'],
  ];
  const local = changes.reduce((text, [line, change]) => {
    if (!line.test(text)) throw new Trouble(`wrangler.toml has no line like ${line.source}.`);
    return text.replace(line, () => change);
  }, deployed);
  const path = join(scratch, 'wrangler.toml');
  writeFileSync(path, local);
  return path;
}

/**
 * Serves the Worker with `wrangler dev` as the leader of a process group of its own.
 * The Worker's log goes to stdout as it is, one JSON object a line; wrangler's warnings to stderr.
 * @param options.scratch a private directory for wrangler's own files
 */
export function startWorker(options: {
  port: number;
  envFile: string;
  stateDir: string;
  scratch: string;
}): WorkerProcess {
  const { port, envFile, stateDir, scratch } = options;
  mkdirSync(stateDir, { recursive: true });
  const child = spawn(
    process.execPath,
    [
      '--no-warnings',
      '--import',
      pathToFileURL(join(ROOT, 'scripts', 'lifeline.mjs')).href,
      inPackage('wrangler', 'wrangler-dist', 'cli.js'),
      'dev',
      ...['--config', localConfig(scratch)],
      ...['--ip', '127.0.0.1', '--port', String(port)],
      // Free ports are found by the system: two programs at once must not fight for 9229.
      ...['--inspector-port', '0'],
      ...['--env-file', envFile],
      ...['--persist-to', stateDir],
      '--show-interactive-dev-session=false',
    ],
    { cwd: ROOT, detached: true, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: quietEnvironment(scratch) },
  );

  let served = false;
  const said: string[] = [];
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (isChatter(line, served)) said.push(line);
      else process.stdout.write(`${line}\n`);
    });
  }
  if (child.stderr) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      // The bundler colours its messages whatever it is told.
      if (line !== '') process.stderr.write(`${stripVTControlCharacters(line)}\n`);
    });
  }
  const exited = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
  const ready = Promise.race([
    untilServed(child).then(() => {
      served = true;
    }),
    exited.then((code) => {
      throw new Trouble(
        `${said.join('\n')}\nwrangler ended with code ${code} before the Worker was served; its messages are above.`,
      );
    }),
  ]);
  return { ready, ended: exited, stop: () => endGroup(child, 2_500) };
}

/** wrangler tells a parent over its channel when the port is open. */
function untilServed(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.on('message', (message) => {
      if (typeof message === 'string' && message.includes('DEV_SERVER_READY')) resolve();
    });
  });
}
