import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import type { SeenRequest } from '../simulator/control.ts';
import { type Simulator, startSimulator } from '../simulator/server.ts';
import type { Answer } from './harness/client.ts';
import { open } from './harness/mcp-world.ts';
import { type Program, startProgram } from './harness/program.ts';

let simulator: Simulator;
let program: Program;

beforeAll(async () => {
  simulator = await startSimulator({ pace: 0 });
  program = await startProgram({
    env: {
      ANTHROPIC_API_KEY: 'sk-ant-for-tests',
      ANTHROPIC_BASE_URL: simulator.anthropicUrl,
      NETBOX_MCP_URL: simulator.netboxMcpUrl,
    },
  });
});
afterAll(async () => {
  await program?.stop();
  await simulator?.close();
});

const bodySchema = z.looseObject({
  model: z.string(),
  tools: z.array(z.looseObject({ name: z.string() })),
  system: z.array(z.looseObject({ text: z.string() })),
});

/** Every request for an answer since then. */
const asked = (since: number): SeenRequest[] =>
  simulator.control.requests.filter(
    ({ id, path, stream }) => id > since && path.endsWith('/messages') && stream,
  );
const lastId = () => simulator.control.requests.at(-1)?.id ?? 0;

/** Tokens of the tools and the system text alone, as the provider counts them. */
async function commonTokens(request: SeenRequest | undefined): Promise<number> {
  const { model, tools, system } = bodySchema.parse(request?.body);
  const client = new Anthropic({ apiKey: 'sk-ant-for-tests', baseURL: simulator.anthropicUrl });
  const { input_tokens } = await client.post<{ input_tokens: number }>('/v1/messages/count_tokens', {
    body: { model, tools, system, messages: [{ role: 'user', content: '.' }] },
  });
  // The dot, and what the simulator leaves out at the end of what it caches.
  return input_tokens - 4;
}

const QUESTIONS = [
  'List the devices in DC14',
  'Which sites are there?',
  'What changed in the last week?',
  'Which devices are offline in DC14?',
];

describe('prompt caching of a NetBox conversation', () => {
  test.each(['claude-sonnet-5-5', 'claude-haiku-5-5'])(
    'every question to %s after the first reads the tools and the system text from the cache, in each of its rounds',
    async (model) => {
      const { client } = await open(program, model);
      const turns: { answer: Answer; requests: SeenRequest[] }[] = [];
      for (const question of QUESTIONS) {
        const since = lastId();
        const answer = await client.ask(question);
        expect(answer.end.stop_reason).toBe('end_turn');
        turns.push({ answer, requests: asked(since) });
      }
      const [first, ...later] = turns;
      const common = await commonTokens(first?.requests[0]);
      expect(common).toBeGreaterThan(1_000);
      expect(first?.requests.length).toBeGreaterThan(1);
      expect(first?.answer.end.usage?.cache_write_tokens).toBeGreaterThan(common);
      // Its second round reads what its first has written.
      expect(first?.answer.end.usage?.cache_read_tokens).toBeGreaterThanOrEqual(
        common * ((first?.requests.length ?? 0) - 1),
      );
      let before = common;
      for (const { answer, requests } of later) {
        expect(requests.length).toBeGreaterThan(0);
        const { cache_read_tokens, input_tokens } = answer.end.usage ?? {};
        expect(cache_read_tokens).toBeGreaterThanOrEqual(before * requests.length);
        // What is neither read nor written is a few tokens at the end of each request.
        expect(input_tokens).toBeLessThanOrEqual(3 * requests.length);
        // The conversation so far is read as well: what is read grows with it.
        before += 50;
      }
      const prefixes = turns.flatMap(({ requests }) =>
        requests.map(({ body }) => {
          const { tools, system } = bodySchema.parse(body);
          return JSON.stringify({ tools, system });
        }),
      );
      expect(new Set(prefixes).size).toBe(1);
      client.send({ type: 'reset' });
      await client.next('conversation_reset');
      const since = lastId();
      const fresh = await client.ask('Which sites are there?');
      expect(fresh.end.usage?.cache_read_tokens).toBeGreaterThanOrEqual(common * asked(since).length);
    },
  );
});
