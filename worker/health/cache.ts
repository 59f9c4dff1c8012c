import * as z from 'zod/mini';
import { homeStateSchema, serviceHealthSchema } from '../../shared/index.ts';
import type { HealthSnapshot } from './types.ts';

/** The two methods of a KV namespace that are used. */
export type HealthKv = {
  get(key: string): Promise<string | null>;
  put(key: string, value: string, options: { expirationTtl: number }): Promise<void>;
};

/** Older than this a snapshot is not served, so KV need not keep it. KV takes no less than 60 s. */
const EXPIRATION_S = 600;

const snapshotSchema = z.object({
  config_hash: z.string(),
  checked_at: z.string().check(z.refine((text) => !Number.isNaN(Date.parse(text)))),
  services: z.object({
    anthropic: serviceHealthSchema,
    litellm: serviceHealthSchema,
    ollama: serviceHealthSchema,
  }),
  live_models: z.array(
    z.object({
      id: z.string(),
      lifecycle: z.enum(['active', 'deprecated', 'retired']),
      retires_at: z.nullable(z.string()),
    }),
  ),
  home_model: z.object({ state: homeStateSchema, reason: z.nullable(z.string()) }),
  litellm_refused: z.nullable(z.string()),
  proxy_models: z.nullable(z.array(z.string())),
});

function keyOf(configHash: string): string {
  return `health:v3:${configHash}`;
}

/** The stored snapshot of this configuration; null where there is none, or KV fails, or it holds something else. */
export async function readCached(kv: HealthKv, configHash: string): Promise<HealthSnapshot | null> {
  try {
    const text = await kv.get(keyOf(configHash));
    const parsed = text === null ? null : z.safeParse(snapshotSchema, JSON.parse(text));
    return parsed?.success && parsed.data.config_hash === configHash ? parsed.data : null;
  } catch {
    return null;
  }
}

/** @returns whether it was written; KV refuses more than 1,000 writes a day on the free plan, and one a second a key */
export async function writeCached(kv: HealthKv, snapshot: HealthSnapshot): Promise<boolean> {
  try {
    await kv.put(keyOf(snapshot.config_hash), JSON.stringify(snapshot), { expirationTtl: EXPIRATION_S });
    return true;
  } catch {
    return false;
  }
}

/**
 * Equal for two snapshots that say the same: when it was asked, and how long it took, is not part of it. Nor is a slow
 * home model, which comes and goes with every round: each difference is one of the day's writes.
 */
export function contentOf(snapshot: HealthSnapshot): string {
  const { services, live_models, home_model, litellm_refused, proxy_models } = snapshot;
  const spoken = Object.entries(services).map(([name, { status, detail, version }]) => [
    name,
    status,
    detail,
    version,
  ]);
  const state = home_model.state === 'slow' ? 'ready' : home_model.state;
  return JSON.stringify([spoken, live_models, state, home_model.reason, litellm_refused, proxy_models]);
}
