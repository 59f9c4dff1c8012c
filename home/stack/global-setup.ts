import type { TestProject } from 'vitest/node';
import { startModelServer } from './model-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the model server that all test files share. */
    modelUrl: string;
  }
}

/** One model server for all test files. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startModelServer();
  project.provide('modelUrl', server.url);
  return () => server.stop();
}
