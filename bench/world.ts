import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertV4MiniflareOptions, Miniflare, Response } from 'miniflare';
import { inPackage, ROOT } from '../scripts/paths.ts';

export type World = {
  /** Of the Worker, without a trailing slash. */
  url: string;
  /** Of the bare upstream: the floor that every figure stands next to. */
  upstreamUrl: string;
  /** CPU that workerd has used so far, milliseconds; null where the system does not tell. */
  cpuMs(): number | null;
  /** Memory that workerd holds, MiB; null where the system does not tell. */
  memoryMiB(): number | null;
  close(): Promise<void>;
};

function bundle(into: string): string {
  execFileSync(
    process.execPath,
    [
      inPackage('wrangler', 'wrangler-dist', 'cli.js'),
      'deploy',
      '--dry-run',
      '--outdir',
      into,
      '--config',
      join(ROOT, 'wrangler.toml'),
    ],
    { cwd: ROOT, stdio: 'ignore', env: { ...process.env, WRANGLER_SEND_METRICS: 'false' } },
  );
  return join(into, 'index.js');
}

/** The workerd that this process has started: a child whose name says so. */
function workerdPid(): number | null {
  try {
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [, comm, , ppid] = /^\d+ \((.*)\) (\S) (\d+)/.exec(stat) ?? [];
      if (comm?.startsWith('workerd') && Number(ppid) === process.pid) return Number(name);
    }
  } catch {
    // Not Linux, or the process has just gone.
  }
  return null;
}

function readProc(pid: number | null, file: string): string | null {
  if (pid === null) return null;
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return null;
  }
}

function startUpstream(): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(join(ROOT, 'bench', 'upstream.ts'), { execArgv: ['--no-warnings'] });
  return new Promise((resolve, reject) => {
    child.once('message', (port) => resolve({ child, port: Number(port) }));
    child.once('error', reject);
  });
}

/**
 * The shipped Worker, bundled as for a deployment, in plain workerd (not through `wrangler dev`, whose proxy
 * hides the truth above fifty streams), and the upstream in a process of its own.
 * @param storage where the Durable Objects' disk is: a folder, or null for a fresh temporary one
 * @param settings of the Worker, above those for the upstream
 */
export async function startWorld(
  storage: string | null = null,
  settings: Record<string, string> = {},
): Promise<World> {
  const scratch = mkdtempSync(join(tmpdir(), 'chatbox-bench-'));
  const disk = storage === null ? join(scratch, 'state') : mkdtempSync(join(storage, 'chatbox-bench-'));
  const clear = () => {
    for (const folder of [scratch, disk]) rmSync(folder, { recursive: true, force: true });
  };
  // Miniflare ends the process at a signal.
  process.once('exit', clear);
  const { child, port } = await startUpstream();
  const worker = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      scriptPath: bundle(scratch),
      modulesRoot: scratch,
      compatibilityDate: '2026-10-15',
      compatibilityFlags: ['nodejs_compat'],
      durableObjects: {
        SESSIONS: { className: 'ChatSession', useSQLite: true },
        LINKS: { className: 'DeviceLink', useSQLite: true },
      },
      kvNamespaces: ['HEALTH_CACHE'],
      serviceBindings: { ASSETS: () => new Response('page') },
      bindings: {
        LOCAL: 'true',
        ANTHROPIC_API_KEY: 'bench',
        ANTHROPIC_BASE_URL: `http://127.0.0.1:${port}`,
        LOG_LEVEL: 'ERROR',
        ...settings,
      },
      durableObjectsPersist: disk,
      host: '127.0.0.1',
      port: 0,
    }),
  );
  const url = String(await worker.ready).replace(/\/$/, '');
  const pid = workerdPid();
  return {
    url,
    upstreamUrl: `http://127.0.0.1:${port}`,
    cpuMs() {
      const fields = readProc(pid, 'stat')
        ?.replace(/^.*\) /, '')
        .split(' ');
      // utime and stime are the 14th and 15th field of proc(5), in ticks of 10 ms.
      return fields === undefined ? null : (Number(fields[11]) + Number(fields[12])) * 10;
    },
    memoryMiB() {
      const kib = /VmRSS:\s+(\d+)/.exec(readProc(pid, 'status') ?? '')?.[1];
      return kib === undefined ? null : Number(kib) / 1024;
    },
    async close() {
      child.kill();
      await worker.dispose();
      clear();
      process.removeListener('exit', clear);
    },
  };
}
