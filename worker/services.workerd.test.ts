import { createExecutionContext, env, waitOnExecutionContext } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import type { Model } from '../shared/index.ts';
import { app } from './app.ts';

describe('the Workers VPC bindings', () => {
  it('carry the probes of the home side, with the key, and no public address is asked', async () => {
    const asked: string[] = [];
    const litellm = async (input: RequestInfo | URL, init?: RequestInit) => {
      const request = new Request(input, init);
      const { pathname } = new URL(request.url);
      asked.push(`${request.url} ${request.headers.get('authorization') ?? 'no key'}`);
      if (pathname === '/v1/models') return Response.json({ data: [{ id: 'ollama-qwen2.5' }] });
      return pathname === '/health/liveliness'
        ? Response.json("I'm alive!")
        : Response.json({ litellm_version: '1.104.2' });
    };
    const ctx = createExecutionContext();
    const bindings = {
      ...env,
      LITELLM_ENABLED: 'true',
      LITELLM_PROXY_URL: 'http://litellm:4000',
      LITELLM_MASTER_KEY: 'sk-vpc',
      LITELLM_VPC: { fetch: litellm },
    };
    const response = await app.fetch(new Request('http://localhost:8787/models'), bindings, ctx);
    const models = (await response.json()) as Model[];
    await waitOnExecutionContext(ctx);
    expect(models.find(({ id }) => id === 'ollama-qwen2.5')).toMatchObject({ status: 'available' });
    expect(asked.sort()).toEqual([
      'http://litellm:4000/health/liveliness no key',
      'http://litellm:4000/health/readiness/details Bearer sk-vpc',
      'http://litellm:4000/v1/models Bearer sk-vpc',
    ]);
    expect(JSON.stringify(models)).not.toContain('litellm:4000');
  });
});
