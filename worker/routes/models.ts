import { Hono } from 'hono';
import { isChoosable } from '../../shared/index.ts';
import type { AppEnv } from '../app.ts';
import { listModels } from '../models/catalogue.ts';
import { failure } from './errors.ts';

/** H1, H2 */
export const models = new Hono<AppEnv>().get('/models', async (c) => {
  const { config, registry, health, now } = c.get('services');
  if (registry.fatal.length > 0) return failure(c, 'not_configured', registry.fatal.join(' '));
  const snapshot = await health.current((work) => c.executionCtx.waitUntil(work));
  const list = listModels(registry, config, snapshot, now());
  c.header('Cache-Control', 'no-store');
  return c.json(c.req.query('all') === '1' ? list : list.filter(isChoosable));
});
