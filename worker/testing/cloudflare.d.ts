import type { Env as WorkerEnv } from '../env.ts';

/** What `cloudflare:workers` exports in the tests that run in workerd. */
declare global {
  namespace Cloudflare {
    interface Env extends WorkerEnv {}
    interface GlobalProps {
      mainModule: typeof import('../index.ts');
    }
  }
}
