import type { Config } from './config.ts';

/** The part of a Workers VPC binding that is used; a connection that fails throws, as with the global `fetch`. */
export type PrivateWay = { fetch: typeof fetch };

function isUnder(url: string, base: string): boolean {
  return url === base || url.startsWith(`${base}/`);
}

/**
 * The `fetch` of every request that leaves: to the home side over a private way where there is one (Workers VPC: no
 * public host name, no Access), everything else as it is. Of the address the binding uses no more than path and Host.
 * @param ways bindings of wrangler.toml: `litellm` for what is under LITELLM_PROXY_URL (in scenario 3 Claude too),
 *   `ollama` for what is under OLLAMA_BASE_URL; absent where the public address is used
 */
export function homeFetch(
  config: Pick<Config, 'litellm' | 'ollama'>,
  ways: { litellm?: PrivateWay | undefined; ollama?: PrivateWay | undefined },
  direct: typeof fetch,
): typeof fetch {
  const routes: [string, PrivateWay][] = [];
  if (config.litellm !== null && ways.litellm) routes.push([config.litellm.proxyUrl, ways.litellm]);
  if (config.ollama.baseUrl !== null && ways.ollama) routes.push([config.ollama.baseUrl, ways.ollama]);
  if (routes.length === 0) return direct;
  return (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const way = routes.find(([base]) => isUnder(url, base))?.[1];
    return way === undefined ? direct(input, init) : way.fetch(input, init);
  };
}
