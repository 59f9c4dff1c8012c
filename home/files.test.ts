import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { ROOT } from '../scripts/paths.ts';
import { matchRule, type Rule, readIngress } from './stack/ingress.ts';
import { litellmEnvironment, newMasterKey } from './stack/litellm.ts';
import { inVenv, readYaml, run } from './stack/python.ts';
import { TAG } from './stack/world.ts';

const serviceSchema = z.object({
  image: z.string(),
  command: z.optional(z.array(z.string())),
  ports: z.optional(z.array(z.string())),
  environment: z.optional(z.record(z.string(), z.string())),
  restart: z.optional(z.string()),
  cap_drop: z.optional(z.array(z.string())),
  read_only: z.optional(z.boolean()),
  healthcheck: z.optional(z.object({ test: z.array(z.string()) })),
  logging: z.optional(z.object({ options: z.record(z.string(), z.string()) })),
  deploy: z.optional(
    z.object({ resources: z.object({ limits: z.optional(z.object({ memory: z.string() })) }) }),
  ),
});

async function compose() {
  const file = z.object({ services: z.record(z.string(), serviceSchema) });
  return z.parse(file, await readYaml('litellm/docker-compose.yml')).services;
}

describe('the compose file', () => {
  for (const name of ['docker-compose.yml', 'docker-compose.gpu.yml', 'docker-compose.tunnel-only.yml']) {
    test(`${name} is one by the Compose Specification's schema`, async () => {
      // Through JSON: the tag !reset is Compose's own, which the schema's checker does not know.
      const json = JSON.stringify(await readYaml(`litellm/${name}`));
      const { code, stdout, stderr } = await check(json);
      expect([code, stdout + stderr]).toEqual([0, expect.stringContaining('ok')]);
    });
  }

  test('the check fails where a word is wrong', async () => {
    const broken = JSON.stringify({ services: { litellm: { image: 'x', restarts: 'always' } } });
    expect((await check(broken)).code).toBe(1);
  });

  test('no port is open to the network, and no program looks whether a model answers by asking it', async () => {
    for (const [name, service] of Object.entries(await compose())) {
      for (const port of service.ports ?? [])
        expect([name, port]).toEqual([name, expect.stringMatching(/^127\.0\.0\.1:/)]);
      const looks = service.healthcheck?.test.join(' ') ?? '';
      expect(looks).not.toMatch(/\/health(?!\/liveliness)|run|generate|chat/);
    }
  });

  test('every service is pinned, limited, restarted, without privileges, and its log cannot fill the disk', async () => {
    for (const [name, service] of Object.entries(await compose())) {
      expect([name, service]).toEqual([
        name,
        expect.objectContaining({
          image: expect.stringMatching(/:v?\d+\.\d+\.\d+$/),
          restart: 'unless-stopped',
          cap_drop: ['ALL'],
          logging: { options: expect.objectContaining({ 'max-size': '10m' }) },
          deploy: { resources: { limits: expect.objectContaining({ memory: expect.any(String) }) } },
        }),
      ]);
      // Ollama keeps its models in root's home.
      expect([name, service.read_only ?? false]).toEqual([name, name !== 'ollama']);
    }
  });

  test('the container gets what the tests give to the real LiteLLM, in the version that the tests run', async () => {
    const { litellm } = await compose();
    const given = Object.keys(litellmEnvironment('http://127.0.0.1:1', 'sk-x'));
    const own = ['PATH', 'LANG', 'PYTHONUNBUFFERED'];
    expect(Object.keys(litellm?.environment ?? {})).toEqual(
      expect.arrayContaining(given.filter((name) => !own.includes(name))),
    );
    const version = /^litellm==(.+)$/m.exec(readFileSync(join(ROOT, 'home/requirements.txt'), 'utf8'))?.[1];
    expect(litellm?.image.endsWith(`:v${version}`)).toBe(true);
  });
});

async function check(json: string) {
  const file = join(ROOT, '.cache', 'home', `compose-${process.pid}.json`);
  writeFileSync(file, json);
  try {
    return await run(inVenv('check-jsonschema'), ['--builtin-schema', 'vendor.compose-spec', file]);
  } finally {
    rmSync(file);
  }
}

describe("LiteLLM's files", () => {
  for (const [name, count] of [
    ['config.yaml', 1],
    ['config.claude.yaml', 5],
  ] as const) {
    test(`${name} is accepted by the real LiteLLM`, async () => {
      const { stdout, stderr } = await run(
        inVenv('litellm'),
        ['--config', join(ROOT, 'litellm', name), '--validate_config'],
        {
          env: { ...litellmEnvironment('http://127.0.0.1:1', newMasterKey()), ANTHROPIC_API_KEY: 'sk-ant-x' },
        },
      );
      expect(stdout + stderr).toContain(`config OK (${count} models)`);
    });
  }

  test('without a master key, or with the public example, it does not start', async () => {
    for (const key of ['', 'sk-1234']) {
      const env = litellmEnvironment('http://127.0.0.1:1', key);
      const { code, stdout, stderr } = await run(
        inVenv('litellm'),
        ['--config', join(ROOT, 'litellm', 'config.yaml'), '--host', '127.0.0.1', '--port', '1'],
        { env, timeoutMs: 60_000 },
      );
      expect([key, code]).not.toEqual([key, 0]);
      expect(stdout + stderr).toMatch(/master.key/i);
    }
  });

  test('no shell variables, which LiteLLM would take as they stand, and the context in the Modelfile alone', () => {
    const read = (name: string) =>
      readFileSync(join(ROOT, 'litellm', name), 'utf8').replace(/^\s*#.*$/gm, '');
    expect(read('config.yaml')).not.toContain('${');
    expect(read('config.claude.yaml')).not.toContain('${');
    expect(read('config.yaml')).not.toContain('num_ctx');
    expect(read('config.yaml')).toContain(`ollama_chat/${TAG}`);
    expect(read('Modelfile')).toMatch(/^PARAMETER num_ctx 8192$/m);
  });
});

const LLM = 'llm.example.com';
const OLLAMA = 'ollama.example.com';

/** What the Worker uses: worker/health/probes.ts and worker/agents/. */
const ALLOWED = [
  [LLM, '/v1/chat/completions'],
  [LLM, '/v1/messages'],
  [LLM, '/v1/models'],
  [LLM, '/health/liveliness'],
  [LLM, '/health/readiness'],
  [LLM, '/health/readiness/details'],
  [OLLAMA, '/api/tags'],
  [OLLAMA, '/api/ps'],
  [OLLAMA, '/api/version'],
] as const;

const FORBIDDEN = [
  ...[
    '/',
    '/health',
    '/health/',
    '/health/backlog',
    '/health/services',
    '/ui',
    '/ui/',
    '/login',
    '/sso/key/generate',
  ],
  ...[
    '/key/generate',
    '/key/list',
    '/user/new',
    '/team/new',
    '/model/new',
    '/v1/model/info',
    '/config/update',
  ],
  ...[
    '/v1/models/',
    '/v1/models/ollama-qwen2.5',
    '/v1/messages/count_tokens',
    '/v1/responses',
    '/v1/embeddings',
  ],
  ...[
    '/v1/chat/completions/../../../key/generate',
    '//v1/models',
    '/x/v1/models',
    '/v1/models\n',
    '/V1/MODELS',
  ],
  ...[
    '/mcp',
    '/docs',
    '/openapi.json',
    '/routes',
    '/metrics',
    '/anthropic/v1/messages',
    '/public/model_hub/info',
  ],
  ...[
    '/api/chat',
    '/api/generate',
    '/api/pull',
    '/api/delete',
    '/api/create',
    '/api/copy',
    '/api/push',
    '/api/show',
  ],
  ...['/api/embed', '/api/blobs/sha256:0', '/api/tags/x', '/chat/completions', '/models'],
];

describe('the ingress of the tunnel', () => {
  test('it lets through what the Worker uses, to the right program', async () => {
    const rules = await readIngress();
    for (const [host, path] of ALLOWED) {
      const { service } = matchRule(rules, host, path);
      expect([path, service]).toEqual([path, host === LLM ? 'http://litellm:4000' : 'http://ollama:11434']);
    }
  });

  test('and nothing else, on no host name', async () => {
    const rules = await readIngress();
    const forbidden = [
      ...FORBIDDEN.flatMap((path) => [[LLM, path] as const, [OLLAMA, path] as const]),
      ...ALLOWED.map(([host, path]) => [host === LLM ? OLLAMA : LLM, path] as const),
      ...ALLOWED.map(([, path]) => ['other.example.com', path] as const),
    ];
    for (const [host, path] of forbidden)
      expect([host, path, serviceOf(rules, host, path)]).toEqual([host, path, 'http_status:404']);
  });

  test('the README gives the same expressions for a tunnel that is managed in the dashboard', async () => {
    const readme = readFileSync(join(ROOT, 'litellm', 'README.md'), 'utf8');
    for (const { path } of await readIngress()) if (path !== undefined) expect(readme).toContain(path);
  });

  test('cloudflared itself takes it, where it is installed', async ({ skip }) => {
    if ((await run('cloudflared', ['--version'])).code !== 0) skip('cloudflared is not on this machine');
    const file = join(ROOT, 'litellm', 'cloudflared', 'config.yml');
    const { stdout, stderr } = await run('cloudflared', ['tunnel', '--config', file, 'ingress', 'validate']);
    expect(stdout + stderr).toMatch(/^OK$/m);
    for (const [host, path] of ALLOWED) {
      const rule = await run('cloudflared', [
        'tunnel',
        '--config',
        file,
        'ingress',
        'rule',
        `https://${host}${path}`,
      ]);
      expect([path, rule.stdout]).toEqual([path, expect.stringMatching(/service: http:\/\//)]);
    }
  });
});

function serviceOf(rules: Rule[], host: string, path: string): string {
  return matchRule(rules, host, path).service;
}
