import { spawn } from 'node:child_process';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Program, startProgram } from '../e2e/harness/program.ts';
import { ROOT } from '../scripts/paths.ts';
import { newMasterKey } from './stack/litellm.ts';
import type { Weather } from './stack/tunnel.ts';
import { startWorld, TAG, type World } from './stack/world.ts';

let world: World;

/** The small model may be done after a word, of which nobody can tell how it came. */
const ANSWER = { text: 'One, two, three, four, five, six, seven, eight, nine. '.repeat(5), paceMs: 20 };

beforeAll(async () => {
  world = await startWorld(inject('modelUrl'));
  world.ollama.loaded.add(TAG);
  world.ollama.manner = () => ANSWER;
});
afterEach(() => {
  world.tunnel.weather = 'fine';
  world.tunnel.access = 'strict';
  world.ollama.tags.add(TAG);
  world.ollama.loadMs = 0;
});
afterAll(async () => {
  await world?.close();
});

type Visit = {
  code: number | null;
  output: string;
  /** Mark and name of each link of the walk, as printed. */
  links: string[];
};

/** `npm run doctor` as a person runs it, with these settings and no other. Nothing that it prints is a secret. */
async function doctor(settings: Record<string, string>, address?: string): Promise<Visit> {
  const child = spawn('npm', ['run', '-s', 'doctor', ...(address ? ['--', address] : [])], {
    cwd: ROOT,
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...settings },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const { LITELLM_MASTER_KEY, CF_ACCESS_CLIENT_ID, CF_ACCESS_CLIENT_SECRET, ANTHROPIC_API_KEY } = settings;
  for (const secret of [
    ...[LITELLM_MASTER_KEY, CF_ACCESS_CLIENT_ID, CF_ACCESS_CLIENT_SECRET, ANTHROPIC_API_KEY],
    ...[world.litellm.masterKey, world.tunnel.token.id, world.tunnel.token.secret],
  ]) {
    if (secret) expect(output).not.toContain(secret);
  }
  const walk = output.split('The way to the home model:\n')[1] ?? '';
  const links = [...walk.matchAll(/^ {2}(ok|BROKEN|-|…) +(\S+(?: \S+)*?) {2,}\S/gm)];
  return { code, output, links: links.map(([, mark, name]) => `${mark} ${name}`) };
}

function chatsAtOllama(): number {
  return world.ollama.requests.filter(({ path }) => path === '/api/chat').length;
}

function weather(next: Weather) {
  return () => {
    world.tunnel.weather = next;
    return undefined;
  };
}

const PROBED = ['ok tunnel', 'ok Access', 'ok proxy', 'ok key', 'ok version', 'ok model list'];

describe('CMD3 doctor with the settings of a laptop', () => {
  test('walks every link, and finds nothing wrong', async () => {
    const { code, output, links } = await doctor(world.settings);
    expect(links).toEqual([...PROBED, 'ok Ollama', 'ok loading', 'ok completion', 'ok streaming']);
    expect(output).toContain('1.104.2');
    expect(output).toMatch(/ok +streaming +\d+ pieces over/);
    expect(output).toContain('Nothing is wrong.');
    expect(code).toBe(0);
  });

  test('waits for a cold model, and says so', async () => {
    world.ollama.loaded.clear();
    world.ollama.loadMs = 6_000;
    const { code, links } = await doctor(world.settings);
    expect(links).toEqual([
      ...PROBED,
      ...['ok Ollama', '… loading', '… loading', 'ok completion', 'ok streaming'],
    ]);
    expect(code).toBe(0);
  });

  const FAULTS: {
    what: string;
    at: string;
    says: RegExp;
    arrange: () => Record<string, string> | undefined;
  }[] = [
    {
      what: 'a tunnel without a connector (530)',
      at: 'tunnel',
      says: /The tunnel to LiteLLM is not connected: start cloudflared\. At home.*docker compose/,
      arrange: weather(530),
    },
    {
      what: 'an address at which connections break',
      at: 'tunnel',
      says: /LiteLLM cannot be reached: check LITELLM_PROXY_URL/,
      arrange: weather('drop'),
    },
    {
      what: 'another service token',
      at: 'Access',
      says: /check CF_ACCESS_CLIENT_ID and CF_ACCESS_CLIENT_SECRET\. litellm\/README.md, 4\.1/,
      arrange: () => ({ CF_ACCESS_CLIENT_SECRET: 'cfast_another' }),
    },
    {
      what: 'another service token, at an organisation that shows its login page',
      at: 'Access',
      says: /redirects elsewhere, as a login page does.*CF_ACCESS_CLIENT_ID.*Service Auth/,
      arrange: () => {
        world.tunnel.access = 'login page';
        return { CF_ACCESS_CLIENT_SECRET: 'cfast_another' };
      },
    },
    {
      what: 'nothing at the end of the tunnel (502)',
      at: 'proxy',
      says: /nothing answers at its end: start LiteLLM\. .*docker compose logs litellm/,
      arrange: weather(502),
    },
    {
      what: 'a proxy that answers nothing in time (524)',
      at: 'proxy',
      says: /did not answer its gateway in time\. .*docker compose logs litellm/,
      arrange: weather(524),
    },
    {
      what: 'another key',
      at: 'key',
      says: /refuses the key: check LITELLM_MASTER_KEY on both sides\. .*litellm\/\.env/,
      arrange: () => ({ LITELLM_MASTER_KEY: newMasterKey() }),
    },
    {
      what: 'a LiteLLM below the floor',
      at: 'version',
      says: /LiteLLM 1\.104\.2 is older than 2\.0\.0 \(LITELLM_MIN_VERSION\): update LiteLLM\. .*docker-compose\.yml/,
      arrange: () => ({ LITELLM_MIN_VERSION: '2.0.0' }),
    },
    {
      what: 'a name that LiteLLM does not have',
      at: 'model list',
      says: /does not list the model another: .*LITELLM_MODEL.*config\.yaml/,
      arrange: () => ({ LITELLM_MODEL: 'another', MODELS: '' }),
    },
    {
      what: 'a tag that Ollama does not have',
      at: 'Ollama',
      says: /does not have the model qwen2\.5:14b-instruct-8k\. .*make-model\.sh/,
      arrange: () => void world.ollama.tags.clear(),
    },
    {
      what: 'no Ollama',
      at: 'Ollama',
      says: /Ollama cannot be reached: check OLLAMA_BASE_URL\. .*docker compose logs ollama/,
      arrange: () => ({ OLLAMA_BASE_URL: 'http://127.0.0.1:9' }),
    },
  ];
  for (const { what, at, says, arrange } of FAULTS) {
    test(`${what}: ends at ${at}, says what to do, and asks no model`, async () => {
      const chats = chatsAtOllama();
      const { code, output, links } = await doctor({ ...world.settings, ...arrange() });
      expect(links.at(-1)).toBe(`BROKEN ${at}`);
      expect(links.filter((link) => link.startsWith('BROKEN'))).toHaveLength(1);
      expect(output).toMatch(/^One thing is wrong:$/m);
      expect(output.split('is wrong:')[1]).toMatch(says);
      expect(chatsAtOllama()).toBe(chats);
      expect(code).toBe(1);
    });
  }

  test('a missing tag that only the completion finds, where Ollama itself is not looked at', async () => {
    world.ollama.tags.clear();
    const { code, output, links } = await doctor({ ...world.settings, OLLAMA_BASE_URL: '' });
    expect(links).toEqual([...PROBED, '- Ollama', 'BROKEN completion']);
    expect(output.split('is wrong:')[1]).toMatch(/has no model.*ollama list/);
    expect(code).toBe(1);
  });

  test('a tunnel that gathers the answer', async () => {
    world.tunnel.weather = 'buffer';
    const { code, output, links } = await doctor(world.settings);
    expect(links.slice(-2)).toEqual(['ok completion', 'BROKEN streaming']);
    expect(output.split('is wrong:')[1]).toMatch(/something on the way gathers it\. Take a named tunnel/);
    expect(code).toBe(1);
  });
});

describe('CMD3 doctor with the address of a Worker', () => {
  /** Its health looks through LiteLLM alone, so that a missing tag is found by a question. */
  let program: Program;
  beforeAll(async () => {
    program = await startProgram({ env: { ...world.settings, OLLAMA_BASE_URL: '' } });
  });
  afterAll(async () => {
    await program?.stop();
  });

  const WALKED = [...PROBED, '- Ollama', 'ok chat'];

  test('walks every link through it, and leaves no answer running', async () => {
    const from = world.ollama.requests.length;
    const { code, output, links } = await doctor({}, program.url);
    expect(links).toEqual([...WALKED, 'ok completion', 'ok streaming']);
    expect(output).toContain('costs nothing');
    expect(code).toBe(0);
    const chats = world.ollama.requests.slice(from).filter(({ path }) => path === '/api/chat');
    expect(chats).toHaveLength(2);
    // They were stopped when enough was seen, or had come to their end.
    await Promise.all(chats.map(({ left }) => left));
    expect(world.claude.asked).toEqual([]);
  });

  test('a tunnel that gathers the answer', async () => {
    world.tunnel.weather = 'buffer';
    const { code, output, links } = await doctor({}, program.url);
    expect(links).toEqual([...WALKED, 'ok completion', 'BROKEN streaming']);
    expect(output.split('is wrong:')[1]).toMatch(/something on the way gathers it\. Take a named tunnel/);
    expect(code).toBe(1);
  });

  test('a fault that only a question finds: the announced fallback is the finding, and is stopped', async () => {
    world.ollama.tags.clear();
    // Goes on until it is left.
    world.claude.on('Hello', (stream, { closed }) => {
      stream.start();
      const beat = setInterval(() => stream.ping(), 1_000);
      void closed.then(() => clearInterval(beat));
    });
    const { code, output, links } = await doctor({}, program.url);
    expect(links).toEqual([...WALKED, 'BROKEN completion']);
    await Promise.all(world.claude.asked.map(({ closed }) => closed));
    expect(world.claude.asked.length).toBeLessThanOrEqual(1);
    expect(output.split('is wrong:')[1]).toMatch(/has no model.*was stopped at once\..*ollama list/);
    expect(code).toBe(1);
  });

  const FAULTS: { what: string; at: string; arrange: () => Record<string, string> | undefined }[] = [
    {
      what: 'a tunnel without a connector',
      at: 'tunnel',
      arrange: weather(530),
    },
    {
      what: 'another service token',
      at: 'Access',
      arrange: () => ({ CF_ACCESS_CLIENT_SECRET: 'cfast_another' }),
    },
    { what: 'another key', at: 'key', arrange: () => ({ LITELLM_MASTER_KEY: newMasterKey() }) },
    {
      what: 'a LiteLLM below the floor',
      at: 'version',
      arrange: () => ({ LITELLM_MIN_VERSION: '2.0.0' }),
    },
    {
      what: 'a tag that Ollama does not have',
      at: 'Ollama',
      arrange: () => void world.ollama.tags.clear(),
    },
  ];
  for (const { what, at, arrange } of FAULTS) {
    test(`${what}: the deployment itself tells it, and no model is asked`, async () => {
      const broken = await startProgram({ env: { ...world.settings, ...arrange() } });
      try {
        const chats = chatsAtOllama();
        const { code, output, links } = await doctor({}, broken.url);
        expect(links.at(-1)).toBe(`BROKEN ${at}`);
        expect(output).toMatch(/^One thing is wrong:$/m);
        expect(chatsAtOllama()).toBe(chats);
        expect(code).toBe(1);
      } finally {
        await broken.stop();
      }
    });
  }

  test('a deployment without a home model is told in one line, and is no finding', async () => {
    const { ANTHROPIC_API_KEY = '', ANTHROPIC_BASE_URL = '' } = world.settings;
    const cloud = await startProgram({ env: { ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL } });
    try {
      const { code, output, links } = await doctor({}, cloud.url);
      expect(links).toEqual(['- settings']);
      expect(output).toContain('this deployment has no home model');
      expect(code).toBe(0);
    } finally {
      await cloud.stop();
    }
  });
});

test('CMD3 doctor: a proxy that was killed', async () => {
  await world.killProxy();
  const { code, output, links } = await doctor(world.settings);
  expect(links).toEqual(['ok tunnel', 'ok Access', 'BROKEN proxy']);
  expect(output.split('is wrong:')[1]).toContain('start LiteLLM');
  expect(code).toBe(1);
});
