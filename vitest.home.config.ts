import { defineConfig } from 'vitest/config';

/** The whole program against the real LiteLLM and a real small model; `npm run test:home` installs what it needs. */
export default defineConfig({
  test: {
    name: 'home',
    include: ['home/**/*.test.ts'],
    globalSetup: ['home/stack/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 240_000,
    fileParallelism: false,
    // As in vitest.config.ts.
    retry: process.env.CI === 'true' ? 1 : 0,
  },
});
