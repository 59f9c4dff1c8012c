import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { freePort } from '../../e2e/harness/program.ts';
import { ROOT } from '../../scripts/paths.ts';
import { inVenv } from './python.ts';
import { type Service, startService } from './service.ts';

export type LiteLlm = Service & {
  masterKey: string;
  port: number;
  /** `METHOD path status` of each request in its access log, oldest first. */
  accesses(): string[];
};

/** What the compose file gives to the container: the test proves that these names are enough. */
export function litellmEnvironment(ollamaUrl: string, masterKey: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    // The program has to live without a home directory that can be written, as in its container.
    HOME: '/nonexistent',
    LANG: 'C.UTF-8',
    PYTHONUNBUFFERED: '1',
    LITELLM_MASTER_KEY: masterKey,
    OLLAMA_API_BASE: ollamaUrl,
    OLLAMA_KEEP_ALIVE: '24h',
    LITELLM_LOCAL_MODEL_COST_MAP: 'True',
    DISABLE_ADMIN_UI: 'True',
    NO_DOCS: 'True',
    NO_REDOC: 'True',
    NO_OPENAPI: 'True',
  };
}

export function newMasterKey(): string {
  return `sk-${randomBytes(24).toString('hex')}`;
}

/** Starts the real LiteLLM on a file of the folder `litellm/`, unchanged. */
export async function startLiteLlm(options: {
  ollamaUrl: string;
  config?: 'config.yaml' | 'config.claude.yaml';
  port?: number;
  masterKey?: string;
  env?: NodeJS.ProcessEnv;
}): Promise<LiteLlm> {
  const port = options.port ?? (await freePort());
  const masterKey = options.masterKey ?? newMasterKey();
  const service = await startService({
    command: inVenv('litellm'),
    args: [
      ...['--config', join(ROOT, 'litellm', options.config ?? 'config.yaml')],
      ...['--host', '127.0.0.1', '--port', String(port), '--num_workers', '1'],
    ],
    env: { ...litellmEnvironment(options.ollamaUrl, masterKey), ...options.env },
    url: `http://127.0.0.1:${port}`,
    readyPath: '/health/liveliness',
  });
  return { ...service, masterKey, port, accesses: () => readAccesses(service.log()) };
}

/** Lines of uvicorn's access log: `INFO:     127.0.0.1:1234 - "GET /v1/models HTTP/1.1" 200 OK`. */
function readAccesses(log: string): string[] {
  return [...log.matchAll(/"([A-Z]+) (\S+) HTTP\/[\d.]+" (\d{3})/g)].map(
    ([, method, path, status]) => `${method} ${path} ${status}`,
  );
}
