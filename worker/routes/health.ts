import { Hono } from 'hono';
import type { AppEnv } from '../app.ts';
import { toHealth } from '../health/fold.ts';
import { failure } from './errors.ts';

/** H3 */
export const health = new Hono<AppEnv>().get('/health', async (c) => {
  const { config, registry, health, now } = c.get('services');
  if (registry.fatal.length > 0) return failure(c, 'not_configured', registry.fatal.join(' '));
  const snapshot = await health.current((work) => c.executionCtx.waitUntil(work));
  const body = toHealth(snapshot, config, registry, now());
  c.header('Cache-Control', 'no-store');
  return c.json(body, body.status === 'down' ? 503 : 200);
});
