import { type Config, readConfig } from './config.ts';
import type { Env } from './env.ts';
import { teamKeys } from './guard/access-token.ts';
import type { House } from './guard/caller.ts';
import { doorOf } from './guard/door.ts';
import { createHealthMemory, createHealthService, type HealthService } from './health/service.ts';
import { homeFetch } from './home-fetch.ts';
import { buildRegistry, type Registry } from './models/registry.ts';
import { createTelemetry, type Telemetry } from './telemetry/telemetry.ts';

/** What the routes and the sessions of one isolate share, built once from its environment. */
export type Services = {
  config: Config;
  registry: Registry;
  /** What the sign-in of a request is judged by. */
  house: House;
  health: HealthService;
  telemetry: Telemetry;
  fetch: typeof fetch;
  now: () => number;
};

/** One an isolate: every request and every object in it shares what was found out about the upstreams. */
const healthMemory = createHealthMemory();
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
  const services: Services = {
    config,
    house: {
      door,
      signInSecret: config.access.signInSecret,
      teamKeys: door.mode === 'cloudflare-access' ? teamKeys(door.certsUrl, fetcher) : null,
    },
    registry: buildRegistry(config),
    telemetry,
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
