import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { outbound } from './worker/testing/outbound.ts';

/**
 * On a machine that others use a real browser, a process killed in the middle or a proxy that starts may once be too
 * late for a test. There, and only there, such a test is run a second time; what is broken fails twice.
 */
const retry = process.env.CI === 'true' ? 1 : 0;

/** pure: plain functions in Node. workerd: the real runtime. web: the page's own modules. e2e: whole program, real browser. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'pure',
          include: ['{shared,worker,simulator,scripts,bench}/**/*.test.ts'],
          exclude: ['**/*.workerd.test.ts', '**/node_modules/**'],
        },
      },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              bindings: { LOCAL: 'true', ANTHROPIC_API_KEY: 'sk-ant-test', LOG_LEVEL: 'ERROR' },
              // Whatever a test does not answer itself must not leave the machine.
              outboundService: outbound,
            },
          }),
        ],
        // Putting an object to sleep takes the runtime five seconds.
        test: { name: 'workerd', include: ['worker/**/*.workerd.test.ts'], testTimeout: 30_000 },
      },
      {
        plugins: [svelte()],
        resolve: { conditions: ['browser'] },
        test: { name: 'web', include: ['web/src/**/*.test.ts'] },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          retry,
        },
      },
    ],
  },
});
