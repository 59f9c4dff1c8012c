import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { convertV4MiniflareOptions, Miniflare, Response } from 'miniflare';
import type { WorkerFiles } from './workers.ts';

/** A Worker in plain workerd. */
export type Host = {
  /** Without a trailing slash. */
  url: string;
  /** CPU that workerd has used so far, milliseconds; null where the system does not tell. */
  cpuMs(): number | null;
  /** Memory that workerd holds, MiB; null where the system does not tell. */
  memoryMiB(): number | null;
  close(): Promise<void>;
};

/** Every workerd that this process has started so far. */
const known = new Set<number>();

/** The workerd that this process has started last: a child whose name says so. */
function newWorkerdPid(): number | null {
  try {
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const [, comm, , parent] = /^\d+ \((.*)\) (\S) (\d+)/.exec(readProc(Number(name), 'stat') ?? '') ?? [];
      const isOurs = comm?.startsWith('workerd') && Number(parent) === process.pid;
      if (!isOurs || known.has(Number(name))) continue;
      known.add(Number(name));
      return Number(name);
    }
  } catch {
    // Not Linux.
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

/** What proc(5) counts CPU in, milliseconds. */
function msPerTick(): number {
  try {
    return 1_000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  } catch {
    return 10;
  }
}

/**
 * Plain workerd, not `wrangler dev`, whose proxy hides the truth above fifty streams.
 * @param disk the folder of the objects' disk; stays when the host closes
 */
export async function startHost(
  worker: WorkerFiles,
  disk: string,
  bindings: Record<string, string>,
): Promise<Host> {
  const { modules, modulesRoot, compatibilityDate, compatibilityFlags, durableObjects, kvNamespaces } =
    worker;
  const runtime = new Miniflare(
    convertV4MiniflareOptions({
      modules: modules.map((path) => ({ type: 'ESModule', path })),
      modulesRoot,
      compatibilityDate,
      compatibilityFlags,
      durableObjects,
      kvNamespaces,
      serviceBindings: { ASSETS: () => new Response('page') },
      bindings,
      resourcePersistencePath: disk,
      host: '127.0.0.1',
      port: 0,
    }),
  );
  const url = String(await runtime.ready).replace(/\/$/, '');
  const pid = newWorkerdPid();
  const tick = msPerTick();
  return {
    url,
    cpuMs() {
      const fields = readProc(pid, 'stat')
        ?.replace(/^.*\) /, '')
        .split(' ');
      // utime and stime are the 14th and 15th field of proc(5).
      return fields === undefined ? null : (Number(fields[11]) + Number(fields[12])) * tick;
    },
    memoryMiB() {
      const kib = /VmRSS:\s+(\d+)/.exec(readProc(pid, 'status') ?? '')?.[1];
      return kib === undefined ? null : Number(kib) / 1024;
    },
    close: () => runtime.dispose(),
  };
}
