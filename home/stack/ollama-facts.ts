import { isIP } from 'node:net';

/** The newest release whose API was compared with this. */
export const VERSION = '0.34.2';

/** An entry of `/api/tags`. */
export function describeModel(name: string): object {
  return {
    name,
    model: name,
    modified_at: '2026-10-01T08:00:00Z',
    size: 98_362_432,
    digest: '7cdf5a0187d5c58cc5d369b255592f7841d1c4696d45a8c8a9489440385b22f6',
    details: {
      parent_model: '',
      format: 'gguf',
      family: 'llama',
      families: ['llama'],
      parameter_size: '134.52M',
      quantization_level: 'Q4_1',
    },
  };
}

/**
 * Whether Ollama, bound to a loopback address, serves a request with this Host; otherwise it answers 403 with an
 * empty body. Source: allowedHostsMiddleware in Ollama's server/routes.go.
 */
export function isHostAllowed(host: string): boolean {
  const name = host
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
  if (name === '' || name === 'localhost') return true;
  if (isIP(name) !== 0) return /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|::1$|f[cd])/.test(name);
  return /\.(localhost|local|internal)$/.test(name);
}
