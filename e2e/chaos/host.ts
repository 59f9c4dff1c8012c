/**
 * A process that is there to be killed: plain workerd with one bundled Worker, started by `startWorld`. Its
 * one argument is a {@link HostOptions} as JSON; it sends the address once the Worker answers.
 */
import { convertV4MiniflareOptions, Miniflare, Response } from 'miniflare';

export type HostOptions = {
  /** Paths of the modules, the entry first. */
  modules: string[];
  modulesRoot: string;
  port: number;
  /** The folder of the objects' disk. */
  storage: string;
  bindings: Record<string, string>;
  compatibilityDate: string;
  compatibilityFlags: string[];
  durableObjects: Record<string, { className: string; useSQLite: boolean }>;
  kvNamespaces: string[];
};

const options = JSON.parse(process.argv[2] ?? '{}') as HostOptions;
// The channel ends with whoever started this process.
process.once('disconnect', () => process.exit(0));
const { modules, storage, ...rest } = options;
const worker = new Miniflare(
  convertV4MiniflareOptions({
    ...rest,
    modules: modules.map((path) => ({ type: 'ESModule', path })),
    serviceBindings: { ASSETS: () => new Response('page') },
    resourcePersistencePath: storage,
    host: '127.0.0.1',
  }),
);
process.send?.(String(await worker.ready));
