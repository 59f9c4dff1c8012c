import { describe, expect, it } from 'vitest';
import { createAgent } from './factory.ts';
import { aRequest, run } from './test-support.ts';

type FactoryConfig = Parameters<typeof createAgent>[1];

const claude = { provider: 'anthropic' as const, name: 'Claude Sonnet 5.5' };
const home = { provider: 'ollama' as const, name: 'Qwen 2.5' };

function aConfig(more: Partial<FactoryConfig> = {}): FactoryConfig {
  return {
    anthropic: {
      apiKey: 'sk-ant-key',
      baseUrl: 'https://api.anthropic.invalid',
      timeoutMs: 60_000,
      routingPath: 'sdk_direct',
      headers: {},
    },
    litellm: {
      proxyUrl: 'https://home.invalid',
      masterKey: 'sk-home',
      model: 'ollama-qwen2.5',
      minVersion: '1.84.0',
      timeoutMs: 120_000,
      maxRetries: 0,
      headers: { 'CF-Access-Client-Id': 'abc' },
    },
    anthropicOffReason: null,
    litellmOffReason: null,
    ...more,
  };
}

/** The address and key that an agent would have used, and what it says when that fails. */
async function where(entry: typeof claude | typeof home, config: FactoryConfig) {
  const calls: { url: string; key: string | null; access: string | null }[] = [];
  const agent = createAgent(entry, config, async (input, init) => {
    const headers = new Headers(init?.headers);
    calls.push({
      url: String(input),
      key: headers.get('authorization'),
      access: headers.get('cf-access-client-id'),
    });
    return Response.json({ error: { type: 'authentication_error', message: '' } }, { status: 401 });
  });
  const { error } = await run(agent, aRequest());
  return { ...calls[0], says: error?.message };
}

describe('createAgent', () => {
  it('sends Claude to Anthropic', async () => {
    expect(await where(claude, aConfig())).toEqual({
      url: 'https://api.anthropic.invalid/v1/messages',
      key: 'Bearer sk-ant-key',
      access: null,
      says: 'Anthropic refused the key; set a valid ANTHROPIC_API_KEY.',
    });
  });

  it('sends the home model to LiteLLM', async () => {
    expect(await where(home, aConfig())).toMatchObject({
      url: 'https://home.invalid/v1/chat/completions',
      key: 'Bearer sk-home',
      access: 'abc',
      says: expect.stringContaining('LITELLM_MASTER_KEY'),
    });
  });

  it('sends Claude through the proxy in scenario 3, and names the key of the proxy', async () => {
    const config = aConfig({
      anthropic: {
        apiKey: 'sk-home',
        baseUrl: 'https://home.invalid',
        timeoutMs: 60_000,
        routingPath: 'litellm_proxy',
        headers: { 'CF-Access-Client-Id': 'abc' },
      },
    });
    expect(await where(claude, config)).toMatchObject({
      url: 'https://home.invalid/v1/messages',
      key: 'Bearer sk-home',
      access: 'abc',
      says: expect.stringContaining('LITELLM_MASTER_KEY'),
    });
  });

  it('says why a side that is off cannot answer, and leaves the other one alone (H7)', () => {
    const noClaude = aConfig({ anthropic: null, anthropicOffReason: 'Set ANTHROPIC_API_KEY.' });
    const fetcher = async () => new Response();
    expect(() => createAgent(claude, noClaude, fetcher)).toThrow('Set ANTHROPIC_API_KEY.');
    expect(() => createAgent(home, noClaude, fetcher)).not.toThrow();
    const noHome = aConfig({ litellm: null });
    expect(() => createAgent(home, noHome, fetcher)).toThrow('Qwen 2.5 is not configured.');
    expect(() => createAgent(claude, noHome, fetcher)).not.toThrow();
  });
});
