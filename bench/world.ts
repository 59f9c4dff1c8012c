import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Host, startHost } from './host.ts';
import { makeFolder } from './scratch.ts';
import { startUpstream } from './upstream-process.ts';
import { sessionWorker } from './workers.ts';

export type World = Host & {
  /** Of the bare upstream: the floor that every figure stands next to. */
  upstreamUrl: string;
};

/** What the shipped Worker is told for a benchmark. */
export function sessionSettings(upstreamUrl: string): Record<string, string> {
  return {
    LOCAL: 'true',
    ANTHROPIC_API_KEY: 'bench',
    ANTHROPIC_BASE_URL: upstreamUrl,
    LOG_LEVEL: 'ERROR',
  };
}

/**
 * The shipped Worker, bundled as for a deployment, and the upstream.
 * @param storage where the Durable Objects' disk is made; null for the folder of temporary files
 * @param settings of the Worker, above those for the upstream
 */
export async function startWorld(
  storage: string | null = null,
  settings: Record<string, string> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<World> {
  const scratch = makeFolder(tmpdir());
  const disk = makeFolder(storage ?? tmpdir());
  const worker = await sessionWorker(join(scratch.path, 'session'), signal);
  const upstream = await startUpstream();
  const host = await startHost(worker, disk.path, { ...sessionSettings(upstream.url), ...settings });
  return {
    ...host,
    upstreamUrl: upstream.url,
    async close() {
      upstream.close();
      await host.close();
      for (const folder of [scratch, disk]) folder.remove();
    },
  };
}
