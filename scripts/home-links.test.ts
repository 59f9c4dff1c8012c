import { describe, expect, test } from 'vitest';
import { toAgentError } from '../worker/agents/errors.ts';
import { homeModel } from '../worker/health/home-model.ts';
import type { LitellmProbe, OllamaProbe } from '../worker/health/probes.ts';
import { probeLitellm, probeOllama } from '../worker/health/probes.ts';
import { parseVersion, versionRefusal } from '../worker/health/version.ts';
import { aConfig, aService } from '../worker/models/test-world.ts';
import { findingOf, type LinkName, linkOf, probedLinks } from './home-links.ts';

const config = aConfig();
const litellm: LitellmProbe = {
  ...{ isUp: true, latency_ms: 1, detail: 'LiteLLM answers.' },
  ...{ models: [], version: null },
};

/** What a probe says of a service that answers everything like this. */
async function probing(service: 'LiteLLM' | 'Ollama', answer: () => Response): Promise<string> {
  const io = { fetch: async () => answer(), now: () => 0, signal: new AbortController().signal };
  if (config.litellm === null) throw new Error('no home side');
  const { detail } =
    service === 'LiteLLM'
      ? await probeLitellm(config.litellm, io)
      : await probeOllama({ baseUrl: 'http://ollama', model: 'x', headers: {} }, io);
  return detail;
}

const noTag: OllamaProbe = {
  ...{ isUp: true, latency_ms: 1, detail: 'Ollama is reachable but does not have the model x.' },
  ...{ hasModel: false, isLoaded: false },
};

describe('the link of a fault, by the very sentences of the Worker', () => {
  const status = (code: number) => () => new Response(null, { status: code });
  const broken = (): never => {
    throw new TypeError('fetch failed');
  };
  const SENTENCES: [LinkName, string, () => string | null | Promise<string>][] = [
    ['tunnel', '530', () => probing('LiteLLM', status(530))],
    ['tunnel', 'nothing at the address', () => probing('LiteLLM', broken)],
    ['proxy', '502', () => probing('LiteLLM', status(502))],
    ['proxy', '524', () => probing('LiteLLM', status(524))],
    ['proxy', '500', () => probing('LiteLLM', status(500))],
    ['Access', '302', () => probing('LiteLLM', status(302))],
    ['Access', '403 before the proxy', () => probing('LiteLLM', status(403))],
    [
      'key',
      '401 of the list',
      () => {
        const answers = [200, 401, 401, 404];
        return probing('LiteLLM', () => new Response('{}', { status: answers.shift() ?? 404 }));
      },
    ],
    ['version', 'too old', () => versionRefusal(parseVersion('1.55.0'), '1.84.0')],
    ['version', 'malicious', () => versionRefusal(parseVersion('1.82.7'), '1.84.0')],
    [
      'model list',
      'not listed',
      () => homeModel({ anthropic: null, litellm, ollama: null }, null, config).reason,
    ],
    ['model list', 'not to be read', () => probing('LiteLLM', status(404))],
    [
      'Ollama',
      'no tag',
      () =>
        homeModel({ anthropic: null, litellm: { ...litellm, models: null }, ollama: noTag }, null, config)
          .reason,
    ],
    ['Ollama', 'its own tunnel', () => probing('Ollama', status(530))],
    ['Ollama', 'its own gate', () => probing('Ollama', status(302))],
    ['Ollama', 'an unknown host name', () => probing('Ollama', status(403))],
    ['Ollama', 'nothing at the address', () => probing('Ollama', broken)],
    [
      'tunnel',
      'a lost connection',
      () => toAgentError(new TypeError('fetch failed'), 'litellm', 'x').message,
    ],
  ];
  test.each(SENTENCES)('%s: %s', async (link, _, sentence) => {
    expect(linkOf((await sentence()) ?? '')).toBe(link);
  });

  test('a completion that fails gets the advice of the link that its sentence names', () => {
    const told = 'The home side sent nothing for too long (524); its model may still be loading.';
    expect(findingOf({ name: 'completion', state: 'broken', told })).toContain('preload.sh');
    const other = 'LiteLLM has no model x (404): check its model_list.';
    expect(findingOf({ name: 'completion', state: 'broken', told: other })).toContain('config.yaml');
  });
});

describe('what the probes have looked at', () => {
  const up = { litellm: aService({ version: '1.104.2' }), ollama: aService() };

  test('everything up to Ollama, and that the model is loaded', () => {
    const links = probedLinks(up, null, false);
    expect(links.map(({ name, state }) => `${state} ${name}`)).toEqual([
      ...['ok tunnel', 'ok Access', 'ok proxy', 'ok key', 'ok version', 'ok model list'],
      ...['ok Ollama', 'ok loading'],
    ]);
  });

  test('ends at the broken one, and claims nothing of the key where the version was told without it', () => {
    const names = (reason: string) => probedLinks(up, reason, false).map(({ name }) => name);
    expect(names('LiteLLM 1.55.0 is older than 1.84.0 (LITELLM_MIN_VERSION): update LiteLLM.')).toEqual([
      ...['tunnel', 'Access', 'proxy', 'version'],
    ]);
    expect(names('The tunnel to LiteLLM is not connected: start cloudflared.')).toEqual(['tunnel']);
  });

  test('what nobody asked is told as such', () => {
    const ollama = aService({ status: 'unconfigured', detail: 'OLLAMA_BASE_URL is not set.' });
    const links = probedLinks({ litellm: aService(), ollama }, null, false);
    expect(links.filter(({ state }) => state === 'skipped')).toEqual([
      { name: 'version', state: 'skipped', told: 'not told by LiteLLM' },
      { name: 'Ollama', state: 'skipped', told: 'OLLAMA_BASE_URL is not set.' },
    ]);
    expect(links.map(({ name }) => name)).not.toContain('loading');
  });

  test('a list that cannot be read is a broken link, although the proxy counts as up', () => {
    const unread = aService({ detail: 'LiteLLM answers; its model list cannot be read.' });
    expect(probedLinks({ ...up, litellm: unread }, null, false).at(-1)).toMatchObject({
      name: 'model list',
      state: 'broken',
    });
  });
});
