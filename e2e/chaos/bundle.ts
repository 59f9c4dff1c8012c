import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unstable_getMiniflareWorkerOptions } from 'wrangler';
import * as z from 'zod/mini';
import { runTool, Trouble } from '../../scripts/children.ts';
import { inPackage, ROOT } from '../../scripts/paths.ts';
import type { HostOptions } from './host.ts';

const CONFIG = join(ROOT, 'wrangler.toml');

/** A change of the bundled Worker, for the negative control: `find` must occur in it exactly once. */
export type Patch = { find: string; replace: string };

export type Bundle = Pick<
  HostOptions,
  'modules' | 'modulesRoot' | 'compatibilityDate' | 'compatibilityFlags' | 'durableObjects' | 'kvNamespaces'
>;

/**
 * A second way into the Worker's objects, beside the shipped one and not part of it: it takes an object out of
 * memory as the platform does, in the middle of whatever it is doing.
 */
const DOOR = `
import shipped, { ChatSession as Shipped } from './index.js';
export * from './index.js';
export class ChatSession extends Shipped {
  async fetch(request) {
    if (new URL(request.url).pathname === '/evict') this.ctx.abort('evicted');
    return super.fetch(request);
  }
}
export default {
  ...shipped,
  async fetch(request, env, context) {
    const session = /^\\/evict\\/([0-9a-f]{64})$/.exec(new URL(request.url).pathname)?.[1];
    if (session === undefined) return shipped.fetch(request, env, context);
    await env.SESSIONS.get(env.SESSIONS.idFromString(session)).fetch('https://session/evict').catch(() => {});
    return new Response(null, { status: 204 });
  },
};
`;

const platformSchema = z.object({
  compatibilityDate: z.string(),
  compatibilityFlags: z.array(z.string()),
  durableObjects: z.record(z.string(), z.object({ className: z.string(), useSQLite: z.boolean() })),
  kvNamespaces: z.record(z.string(), z.unknown()),
});

/** Bundles the Worker as a deployment does. @param into an empty folder */
export async function bundleWorker(into: string, signal: AbortSignal): Promise<Bundle> {
  // The page is not needed, and it may not be built.
  const page = join(into, 'page');
  mkdirSync(page, { recursive: true });
  const { code, output } = await runTool(
    [
      inPackage('wrangler', 'wrangler-dist', 'cli.js'),
      'deploy',
      '--dry-run',
      ...['--outdir', into, '--config', CONFIG, '--assets', page],
    ],
    { cwd: ROOT, signal, env: { ...process.env, WRANGLER_SEND_METRICS: 'false' } },
  );
  if (code !== 0) throw new Trouble(`The Worker could not be bundled:\n${output}`);
  writeFileSync(join(into, 'door.js'), DOOR);
  const platform = platformSchema.parse(unstable_getMiniflareWorkerOptions(CONFIG).workerOptions);
  return {
    ...platform,
    kvNamespaces: Object.keys(platform.kvNamespaces),
    modules: [join(into, 'door.js'), join(into, 'index.js')],
    modulesRoot: into,
  };
}

/** The same bundle with something changed. @param into an empty folder */
export function patched(bundle: Bundle, patch: Patch, into: string): Bundle {
  const source = readFileSync(join(bundle.modulesRoot, 'index.js'), 'utf8');
  const parts = source.split(patch.find);
  if (parts.length !== 2) {
    throw new Error(`"${patch.find}" is ${parts.length - 1} times in the bundled Worker, not once.`);
  }
  mkdirSync(into, { recursive: true });
  writeFileSync(join(into, 'index.js'), parts.join(patch.replace));
  writeFileSync(join(into, 'door.js'), DOOR);
  return { ...bundle, modules: [join(into, 'door.js'), join(into, 'index.js')], modulesRoot: into };
}
