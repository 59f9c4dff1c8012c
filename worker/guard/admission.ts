import type { Config } from '../config.ts';
import type { Registry } from '../models/registry.ts';
import { doorOf } from './door.ts';

export type Refusal = { code: 'not_configured'; message: string };

/**
 * Whether this deployment may answer at all, whoever asks: there must be a model to offer, and a rule for who may come
 * in. Closed, it serves the page with the reason and nothing else.
 */
export function refusalOf(config: Config, registry: Registry): Refusal | null {
  if (registry.fatal.length > 0) return { code: 'not_configured', message: registry.fatal.join(' ') };
  const door = doorOf(config);
  return door.mode === 'closed' ? { code: 'not_configured', message: door.message } : null;
}
