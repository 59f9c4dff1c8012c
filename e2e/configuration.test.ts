import { afterAll, describe, expect, test } from 'vitest';
import { errorBodySchema, healthSchema, modelSchema } from '../shared/index.ts';
import { Client } from './harness/client.ts';
import { http } from './harness/http.ts';
import { type Program, type ProgramOptions, startProgram } from './harness/program.ts';
import { settingsFor, startUpstream } from './harness/upstream.ts';

const running: Program[] = [];
const upstream = await startUpstream();

async function withSettings(env: Record<string, string>, more: ProgramOptions = {}): Promise<Program> {
  const program = await startProgram({ ...more, env });
  running.push(program);
  return program;
}

async function modelIds(program: Program): Promise<string[]> {
  const { json } = await http(program, '/models');
  return Array.isArray(json) ? json.map((entry) => modelSchema.parse(entry).id) : [];
}

async function health(program: Program) {
  const { status, json } = await http(program, '/health');
  return { code: status, ...healthSchema.parse(json) };
}

afterAll(async () => {
  await Promise.all(running.map((program) => program.stop()));
  await upstream.close();
});

describe('H7 configuration', () => {
  test('nothing to offer: every missing variable at once, over HTTP and at the socket', async () => {
    const program = await withSettings({ LITELLM_ENABLED: 'true' });
    for (const path of ['/models', '/health']) {
      const { status, json } = await http(program, path);
      expect(status).toBe(503);
      const { error } = errorBodySchema.parse(json);
      expect(error.code).toBe('not_configured');
      for (const name of ['ANTHROPIC_API_KEY', 'LITELLM_PROXY_URL', 'LITELLM_MASTER_KEY'])
        expect(error.message).toContain(name);
    }
    const { code } = await new Client(program.url).closed;
    expect(code).toBe(4503);
    await program.stop();
  });

  test('without a Claude key the home model works', async () => {
    const { ANTHROPIC_API_KEY: _, ANTHROPIC_BASE_URL: __, ...home } = settingsFor(upstream);
    const program = await withSettings(home);
    expect(await modelIds(program)).toEqual(['ollama-qwen2.5']);
    expect((await health(program)).services.anthropic.status).toBe('unconfigured');
    const { client, session } = await Client.connect(program.url);
    expect(session.model).toBe('ollama-qwen2.5');
    expect((await client.ask('At home?')).text).toBe('You said: At home?');
    client.close();
    await program.stop();
  });

  test('with a broken home side Claude works, and the warning names what to set', async () => {
    const { LITELLM_MASTER_KEY: _, ...broken } = settingsFor(upstream);
    const program = await withSettings(broken);
    expect(await modelIds(program)).not.toContain('ollama-qwen2.5');
    expect((await health(program)).warnings.join('\n')).toContain('LITELLM_MASTER_KEY');
    const { client } = await Client.connect(program.url);
    expect((await client.ask('In the cloud?')).text).toBe('You said: In the cloud?');
    client.close();
    await program.stop();
  });

  test('scenario 3: Claude, and Automatic, through the proxy with its key', async () => {
    const program = await withSettings({
      ALLOW_ANTHROPIC_VIA_LITELLM: 'true',
      LITELLM_ENABLED: 'true',
      LITELLM_PROXY_URL: `${upstream.url}/litellm/v1`,
      LITELLM_MASTER_KEY: 'sk-proxy-for-tests',
    });
    const { client, session } = await Client.connect(program.url);
    expect(session.model).toBe('auto');
    const answer = await client.ask('Which way?');
    expect(answer.start?.routing_path).toBe('litellm_proxy');
    const asked = upstream.asked.findLast(({ question }) => question === 'Which way?');
    expect(asked?.path).toBe('/v1/messages');
    expect(`${asked?.headers['x-api-key']} ${asked?.headers.authorization}`).toContain('sk-proxy-for-tests');
    client.close();
    await program.stop();
  });
});

describe('H3 health of upstreams that are ill', () => {
  test('one that hangs is down after at most five seconds, one that fails is told in words, the third is not touched', async () => {
    upstream.setService('litellm', 0);
    upstream.setService('ollama', 502);
    const program = await withSettings(settingsFor(upstream));
    const { services, code } = await health(program);
    expect(services.litellm.status).toBe('down');
    expect(services.ollama.status).toBe('down');
    expect(services.ollama.detail).toMatch(/\w+ \w+/);
    expect(services.ollama.detail).not.toContain('as the test says');
    expect(services.anthropic.status).toBe('up');
    expect(code).toBe(200);
    expect(await modelIds(program)).not.toContain('ollama-qwen2.5');
    upstream.setService('litellm', 200);
    upstream.setService('ollama', 200);
    await program.stop();
  });
});
