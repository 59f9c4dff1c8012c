import type { Model } from '../shared/index.ts';
import { type Config, readConfig } from './config.ts';
import type { Env } from './env.ts';
import { teamKeys } from './guard/access-token.ts';
import type { House } from './guard/caller.ts';
import { doorOf } from './guard/door.ts';
import { createHealthMemory, createHealthService, type HealthService } from './health/service.ts';
import { createToolHealth, type ToolHealth } from './health/tool-servers.ts';
import { homeFetch } from './home-fetch.ts';
import { buildRegistry, type Registry } from './models/registry.ts';
import { createTelemetry, type Telemetry } from './telemetry/telemetry.ts';
import { createToolMemory } from './tools/tool-memory.ts';
import { withToolNotes } from './tools/tool-notes.ts';
import { createToolRunner, type ToolRunner } from './tools/tool-runner.ts';
import { createToolVerdicts, type ToolVerdicts, type VerdictMemory } from './tools/tool-verdicts.ts';

/** What the routes and the sessions of one isolate share, built once from its environment. */
export type Services = {
  config: Config;
  registry: Registry;
  /** What the sign-in of a request is judged by. */
  house: House;
  health: HealthService;
  /** What is known of the servers of tools. */
  toolHealth: ToolHealth;
  /** What is known of local models and tools. */
  verdicts: ToolVerdicts;
  /** Adds to a list of models what they do with tools; from what is known, without waiting. */
  toolNotes: (models: Model[], keep: (work: Promise<unknown>) => void) => Model[];
  telemetry: Telemetry;
  /** Tools for one session: what it opens at the servers belongs to the object that asks for it. */
  createTools: () => ToolRunner;
  fetch: typeof fetch;
  now: () => number;
};

/** One an isolate: every request and every object in it shares what was found out about the upstreams. */
const healthMemory = createHealthMemory();
const toolMemory = createToolMemory();
const verdictMemory: VerdictMemory = new Map();
const built = new WeakMap<Env, Services>();

export function servicesOf(env: Env): Services {
  const known = built.get(env);
  if (known !== undefined) return known;
  const config = readConfig({ ...env });
  const now = () => Date.now();
  // A bare `fetch` taken as a value loses its receiver in workerd.
  const direct: typeof fetch = (input, init) => fetch(input, init);
  const fetcher = homeFetch(config, { litellm: env.LITELLM_VPC, ollama: env.OLLAMA_VPC }, direct);
  const telemetry = createTelemetry({
    logLevel: config.logLevel,
    logModelUsage: config.logModelUsage,
    now,
    write: (line) => console.log(line),
  });
  const door = doorOf(config);
  const registry = buildRegistry(config);
  const toolHealth = createToolHealth({
    config,
    memory: toolMemory,
    fetch: fetcher,
    now,
    onChange: (change) => telemetry({ event: 'health_changed', ...change }),
  });
  const verdicts = createToolVerdicts({
    configHash: config.hash,
    kv: env.HEALTH_CACHE,
    memory: verdictMemory,
    now,
  });
  const services: Services = {
    config,
    house: {
      door,
      signInSecret: config.access.signInSecret,
      teamKeys: door.mode === 'cloudflare-access' ? teamKeys(door.certsUrl, fetcher) : null,
    },
    registry,
    telemetry,
    toolHealth,
    verdicts,
    toolNotes: (models, keep) => withToolNotes(models, registry, verdicts, toolHealth.known(keep)),
    createTools: () =>
      createToolRunner({
        tools: config.tools,
        configHash: config.hash,
        memory: toolMemory,
        fetch: fetcher,
        telemetry,
        now,
      }),
    fetch: fetcher,
    now,
    health: createHealthService({
      config,
      fetch: fetcher,
      kv: env.HEALTH_CACHE,
      now,
      memory: healthMemory,
      onChange: (changes) => {
        for (const change of changes) telemetry({ event: 'health_changed', ...change });
      },
    }),
  };
  built.set(env, services);
  return services;
}
