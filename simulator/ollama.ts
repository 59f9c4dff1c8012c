import { HOME_TAG } from './control.ts';
import type { Exchange } from './exchange.ts';
import type { World } from './world.ts';

const OLLAMA_VERSION = '0.34.2';

/** What of Ollama's API a health probe asks: `/`, `/api/version`, `/api/tags`, `/api/ps`. It knows no keys. */
export function handleOllama(exchange: Exchange, path: string, world: World): void {
  const body = exchange.method === 'GET' ? bodyOf(path, world) : undefined;
  if (path === '/' && exchange.method === 'GET')
    exchange.send(200, 'text/plain; charset=utf-8', 'Ollama is running');
  else if (body === undefined) exchange.send(404, 'text/plain', '404 page not found');
  else exchange.json(200, body);
}

function bodyOf(path: string, world: World): object | undefined {
  const { homeLoaded, ollamaTags } = world.control;
  switch (path) {
    case '/api/version':
      return { version: OLLAMA_VERSION };
    case '/api/tags':
      return { models: ollamaTags.map(entry) };
    case '/api/ps': {
      const loaded = homeLoaded && ollamaTags.includes(HOME_TAG) ? [entry(HOME_TAG)] : [];
      const expires_at = new Date(world.now().getTime() + 30 * 60_000).toISOString();
      return {
        models: loaded.map((model) => ({
          ...model,
          expires_at,
          size_vram: 10_800_000_000,
          context_length: 8192,
        })),
      };
    }
    default:
      return undefined;
  }
}

function entry(tag: string) {
  return {
    name: tag,
    model: tag,
    modified_at: '2026-10-01T08:00:00Z',
    size: 8_988_124_069,
    digest: '7cdf5a0187d5c58cc5d369b255592f7841d1c4696d45a8c8a9489440385b22f6',
    details: {
      parent_model: '',
      format: 'gguf',
      family: 'qwen2',
      families: ['qwen2'],
      parameter_size: '14.8B',
      quantization_level: 'Q4_K_M',
    },
  };
}
