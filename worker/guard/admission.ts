import type { Config } from '../config.ts';
import type { Registry } from '../models/registry.ts';

export type Refusal = { code: 'not_configured'; message: string };

/**
 * Whether this deployment may answer at all. A paid key stands behind the page: without a way to sign in
 * it is closed, unless `npm start` (or a laptop's `.dev.vars`) says that it is local (CMD6).
 */
export function refusalOf(config: Config, registry: Registry): Refusal | null {
  if (registry.fatal.length > 0) return { code: 'not_configured', message: registry.fatal.join(' ') };
  if (config.local) return null;
  return {
    code: 'not_configured',
    message:
      'This deployment has no sign-in, and a paid key would be open to everybody, so it answers no chat. Run it locally with npm start.',
  };
}
