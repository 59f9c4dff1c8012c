import { join } from 'node:path';
import { freePort } from '../../e2e/harness/program.ts';
import { ROOT } from '../../scripts/paths.ts';
import { inVenv } from './python.ts';
import { type Service, startService } from './service.ts';

/** llama.cpp's server with a model of 135 million parameters: its texts mean little, its streams are real. */
export async function startModelServer(threads = 2): Promise<Service> {
  const port = await freePort();
  return startService({
    command: inVenv('python'),
    args: [join(ROOT, 'home', 'python', 'model_server.py'), String(port), String(threads)],
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8' },
    url: `http://127.0.0.1:${port}`,
    readyPath: '/health',
  });
}
