import { Hono } from 'hono';
import type { AppEnv } from '../app.ts';
import { toHealth } from '../health/fold.ts';
import { failure } from './errors.ts';

/** H3 */
export const health = new Hono<AppEnv>().get('/health', async (c) => {
  const { config, registry, health, toolHealth, now } = c.get('services');
  if (registry.fatal.length > 0) return failure(c, 'not_configured', registry.fatal.join(' '));
  const keep = (work: Promise<unknown>) => c.executionCtx.waitUntil(work);
  const [snapshot, toolServers] = await Promise.all([health.current(keep), toolHealth.current(keep)]);
  const body = toHealth(snapshot, config, registry, now(), toolServers);
  c.header('Cache-Control', 'no-store');
  return c.json(body, body.status === 'down' ? 503 : 200);
});
