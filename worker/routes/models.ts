import { Hono } from 'hono';
import { isChoosable } from '../../shared/index.ts';
import type { AppEnv } from '../app.ts';
import { listModels } from '../models/catalogue.ts';
import { failure } from './errors.ts';

/** H1, H2 */
export const models = new Hono<AppEnv>().get('/models', async (c) => {
  const { config, registry, health, verdicts, toolNotes, now } = c.get('services');
  if (registry.fatal.length > 0) return failure(c, 'not_configured', registry.fatal.join(' '));
  const keep = (work: Promise<unknown>) => c.executionCtx.waitUntil(work);
  const noting = config.tools.servers.length > 0 ? verdicts.load([...registry.entries.values()]) : null;
  const [snapshot] = await Promise.all([health.current(keep), noting]);
  const list = listModels(registry, config, snapshot, now());
  c.header('Cache-Control', 'no-store');
  if (c.req.query('all') === '1') return c.json(toolNotes(list, keep));
  return c.json(list.filter(isChoosable));
});
