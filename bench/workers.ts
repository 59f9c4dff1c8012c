import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unstable_getMiniflareWorkerOptions } from 'wrangler';
import * as z from 'zod/mini';
import { runTool, Trouble } from '../scripts/children.ts';
import { inPackage, ROOT } from '../scripts/paths.ts';
import { door } from './door.ts';

/** What workerd needs to know of a Worker. */
export type WorkerFiles = z.infer<typeof platformSchema> & {
  /** Paths, the entry first. */
  modules: string[];
  modulesRoot: string;
  kvNamespaces: string[];
};

const platformSchema = z.object({
  compatibilityDate: z.string(),
  compatibilityFlags: z.array(z.string()),
  durableObjects: z.record(z.string(), z.object({ className: z.string(), useSQLite: z.boolean() })),
});
const kvSchema = z.object({ kvNamespaces: z.optional(z.record(z.string(), z.unknown())) });

/**
 * Bundles a Worker as a deployment does.
 * @param config path of its wrangler.toml
 * @param entry name of the bundled entry
 * @param into a folder that is made
 */
async function bundle(
  config: string,
  entry: string,
  into: string,
  signal: AbortSignal,
): Promise<WorkerFiles> {
  // The page is not needed, and it may not be built.
  const page = join(into, 'page');
  mkdirSync(page, { recursive: true });
  const args = ['deploy', '--dry-run', '--outdir', into, '--config', config, '--assets', page];
  const { code, output } = await runTool([inPackage('wrangler', 'wrangler-dist', 'cli.js'), ...args], {
    cwd: ROOT,
    signal,
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
  });
  if (code !== 0) throw new Trouble(`${config} could not be bundled:\n${output}`);
  const { workerOptions } = unstable_getMiniflareWorkerOptions(config);
  return {
    ...z.parse(platformSchema, workerOptions),
    kvNamespaces: Object.keys(z.parse(kvSchema, workerOptions).kvNamespaces ?? {}),
    modules: [join(into, entry)],
    modulesRoot: into,
  };
}

const BENCH = join(ROOT, 'bench');

/** The shipped Worker. */
export function sessionWorker(into: string, signal: AbortSignal): Promise<WorkerFiles> {
  return bundle(join(ROOT, 'wrangler.toml'), 'index.js', into, signal);
}

/** The packages of bench/peer must be installed. */
export function peerWorker(into: string, signal: AbortSignal): Promise<WorkerFiles> {
  return bundle(join(BENCH, 'peer', 'wrangler.toml'), 'worker.js', into, signal);
}

/** @param like whose platform it shares */
export function bareWorker(like: WorkerFiles): WorkerFiles {
  return {
    ...like,
    durableObjects: { RELAYS: { className: 'Relay', useSQLite: true } },
    kvNamespaces: [],
    modules: [join(BENCH, 'bare', 'worker.js')],
    modulesRoot: join(BENCH, 'bare'),
  };
}

/** The same Worker behind a {@link door}. @param into an empty folder that is made */
export function withDoor(worker: WorkerFiles, className: string, into: string): WorkerFiles {
  const [entry = ''] = worker.modules;
  mkdirSync(into, { recursive: true });
  const copy = join(into, 'worker.js');
  writeFileSync(copy, readFileSync(entry));
  const path = join(into, 'door.js');
  writeFileSync(path, door(className, './worker.js'));
  return { ...worker, modules: [path, copy], modulesRoot: into };
}
