import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import * as z from 'zod/mini';
import type { Client } from '../e2e/harness/client.ts';
import { http } from '../e2e/harness/http.ts';
import { auditOf, open, servers } from '../e2e/harness/mcp-world.ts';
import { type Program, startProgram } from '../e2e/harness/program.ts';
import { type Everything, startEverything } from '../worker/tools/test-support.ts';
import type { OllamaRequest } from './stack/ollama-api.ts';
import type { Chat } from './stack/ollama-chat.ts';
import { callText } from './stack/qwen-template.ts';
import { isProbe, PASSED, PROBED } from './stack/tool-probe.ts';
import { startWorld, TAG, type World } from './stack/world.ts';

let everything: Everything;
let world: World;

beforeAll(async () => {
  everything = await startEverything();
  world = await startWorld(inject('modelUrl'));
});
afterEach(() => {
  world.ollama.hasTools = true;
  world.ollama.manner = () => 'real';
});
afterAll(async () => {
  await world?.close();
  await everything?.stop();
});

const HOME = 'ollama-qwen2.5';
const settings = () => ({
  ...world.settings,
  MCP_SERVERS: servers({ name: 'lab', url: everything.url, allowed_tools: ['echo', 'get-sum', 'get-env'] }),
  TOOL_ROUNDS: '2',
});

/** Calls as the model writes them in the marks of its template, or any other text. */
const calls = (...made: [name: string, args: Record<string, unknown>][]): string =>
  made.map(([name, args]) => callText({ name, arguments: args })).join('\n');

const roundsOf = ({ messages }: Chat): number => {
  const since = messages.findLastIndex(({ role }) => role === 'user');
  return messages.slice(since).filter(({ tool_calls }) => tool_calls !== undefined).length;
};

/** A model that writes these texts, one for each round, and takes the probe as it is told to. */
function writes(texts: string[], probe = PASSED): void {
  world.ollama.manner = (chat) => ({
    text: isProbe(chat) ? probe : (texts[roundsOf(chat)] ?? 'I know no more.'),
  });
}

const chatBody = z.object({
  messages: z.array(z.looseObject({ role: z.string(), content: z.optional(z.string()) })),
  tools: z.optional(z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) }))),
  options: z.record(z.string(), z.unknown()),
  keep_alive: z.string(),
});

const isProbeRequest = ({ path, body }: OllamaRequest): boolean =>
  path === '/api/chat' && z.parse(chatBody, body).tools?.[0]?.function.name === PROBED;

/** What Ollama was asked from here on, without the probe. */
function asking(): () => z.infer<typeof chatBody>[] {
  const from = world.ollama.requests.length;
  return () =>
    world.ollama.requests
      .slice(from)
      .filter((request) => request.path === '/api/chat' && !isProbeRequest(request))
      .map(({ body }) => z.parse(chatBody, body));
}

const resultsOf = (client: Client) =>
  client.frames.flatMap((frame) =>
    frame.type === 'tool_result' ? [{ name: frame.name, ok: frame.ok, content: frame.content }] : [],
  );

const modelsSchema = z.array(z.object({ id: z.string(), tool_state: z.optional(z.string()) }));
async function toolState(program: Program): Promise<string | undefined> {
  const models = z.parse(modelsSchema, (await http(program, '/models?all=1')).json);
  return models.find(({ id }) => id === HOME)?.tool_state;
}

describe('tools of a home model, through the real LiteLLM', () => {
  let program: Program;
  beforeAll(async () => {
    program = await startProgram({ env: settings() });
  });
  afterAll(() => program?.stop());

  test('S10 the first answer has the model probed, and everybody is told that it can use tools', async () => {
    writes(['Hello.']);
    expect(await toolState(program)).toBe('untested');
    const { client } = await open(program, HOME);
    expect((await client.ask('Hello?')).text).toBe('Hello.');
    const told = await client.next('models', ({ models }) =>
      models.some(({ id, tool_state }) => id === HOME && tool_state === 'verified'),
    );
    expect(told.models).not.toEqual([]);
    expect(await toolState(program)).toBe('verified');
  });

  test('S5 tools reach Ollama whole, its call is made, the result goes up, the answer follows', async () => {
    writes([`Let me add.${calls(['get-sum', { a: 7, b: 35 }])}`, 'It is 42.']);
    const asked = asking();
    const { client, session } = await open(program, HOME);
    const answer = await client.ask('What is 7 and 35?');
    expect(answer).toMatchObject({
      text: 'Let me add.\n\nIt is 42.',
      fallback: null,
      end: { stop_reason: 'end_turn', error_code: null, cost_usd: 0 },
    });
    expect(resultsOf(client)).toEqual([
      { name: 'get-sum', ok: true, content: expect.stringContaining('42') },
    ]);

    const [first, second, ...more] = asked();
    expect(more).toEqual([]);
    expect(first?.tools?.map((tool) => tool.function.name).toSorted()).toEqual([
      'echo',
      'get-env',
      'get-sum',
    ]);
    expect(first?.tools?.find((tool) => tool.function.name === 'get-sum')).toEqual({
      type: 'function',
      function: {
        name: 'get-sum',
        description: expect.any(String),
        parameters: expect.objectContaining({
          type: 'object',
          properties: { a: expect.objectContaining({ type: 'number' }), b: expect.anything() },
          required: ['a', 'b'],
        }),
      },
    });
    expect(second?.tools).toEqual(first?.tools);
    const [call, result] = second?.messages.slice(-2) ?? [];
    expect(call).toMatchObject({
      role: 'assistant',
      content: 'Let me add.',
      tool_calls: [{ function: { name: 'get-sum', arguments: { a: 7, b: 35 } } }],
    });
    expect(result).toMatchObject({ role: 'tool', content: expect.stringContaining('42') });
    expect(result?.content).toMatch(/^<tool_data from="lab">/);
    // Rounds with tools ask for the same model in the same way, so that it is not loaded anew.
    for (const one of asked()) {
      expect(one.keep_alive).toBe('24h');
      expect(one.options).not.toHaveProperty('num_ctx');
      expect(one.options).toHaveProperty('num_predict');
    }
    expect(await auditOf(program, session)).toMatchObject([{ server: 'lab', tool: 'get-sum', ok: true }]);
  });

  test('the next question brings the call and its result along', async () => {
    writes([calls(['get-sum', { a: 1, b: 2 }]), 'Three.']);
    const { client } = await open(program, HOME);
    await client.ask('What is 1 and 2?');
    writes(['You asked for 1 and 2.']);
    const asked = asking();
    await client.ask('What did I ask?');
    expect(asked()[0]?.messages.map(({ role }) => role)).toEqual([
      ...['system', 'user', 'assistant', 'tool', 'assistant', 'user'],
    ]);
  });

  test('several calls at once, one of them without arguments', async () => {
    writes([
      calls(
        ['echo', { message: 'first “one” 👋🏽' }],
        ['echo', { message: 'second' }],
        ['get-env', {}],
        ['get-sum', { a: 2, b: 3 }],
      ),
      'Done.',
    ]);
    const asked = asking();
    const { client } = await open(program, HOME);
    expect((await client.ask('Do all of it.')).text).toBe('Done.');
    expect(resultsOf(client)).toMatchObject([
      { name: 'echo', ok: true, content: 'Echo: first “one” 👋🏽' },
      { name: 'echo', ok: true, content: 'Echo: second' },
      { name: 'get-env', ok: true },
      { name: 'get-sum', ok: true },
    ]);
    const [, second] = asked();
    expect(second?.messages.slice(-5).map(({ role }) => role)).toEqual([
      ...['assistant', 'tool', 'tool', 'tool', 'tool'],
    ]);
    expect(second?.messages.at(-1)?.content).toContain('5');
  });

  test.each([
    ['in a fence', '```json\n{"name": "echo", "arguments": {"message": "printed"}}\n```'],
    [
      'in marks that its template does not know',
      '[TOOL_CALLS] [{"name": "echo", "arguments": {"message": "printed"}}]',
    ],
  ])('a call that the model prints %s is made, and not shown', async (_, printed) => {
    writes([printed, 'It said so.']);
    const { client } = await open(program, HOME);
    expect((await client.ask('Say it.')).text).toBe('It said so.');
    expect(resultsOf(client)).toEqual([{ name: 'echo', ok: true, content: 'Echo: printed' }]);
  });

  test('in the last round nothing is offered, and the model has to answer', async () => {
    writes([calls(['get-sum', { a: 1, b: 1 }]), calls(['get-sum', { a: 2, b: 2 }]), 'Enough.']);
    const asked = asking();
    const { client } = await open(program, HOME);
    expect(await client.ask('Go on.')).toMatchObject({ text: 'Enough.', end: { stop_reason: 'end_turn' } });
    expect(asked().map(({ tools }) => tools?.length ?? 0)).toEqual([3, 3, 0]);
  });

  test('the real model calls, held to the form of a call by a grammar, and reads the result', async () => {
    const digits = '[1-9] [0-9]?';
    const grammar = `root ::= "<tool_call>\\n{\\"name\\": \\"get-sum\\", \\"arguments\\": {\\"a\\": " n ", \\"b\\": " n "}}\\n</tool_call>"\nn ::= ${digits}`;
    world.ollama.manner = (chat) => (roundsOf(chat) === 0 ? { grammar } : 'real');
    const asked = asking();
    const { client } = await open(program, HOME);
    client.send({ type: 'chat', message: 'What is 12 and 30?', client_id: 'real' });
    // Half a thousand tokens of tools are read first, which takes its time on a busy machine.
    const ends = () => client.frames.filter(({ type }) => type === 'message_end');
    await expect.poll(ends, { timeout: 90_000 }).toMatchObject([{ error_code: null }]);
    const call = client.frames.find((frame) => frame.type === 'tool_call');
    expect(call).toMatchObject({ name: 'get-sum', arguments: { a: expect.any(Number) } });
    const { a, b } = z.parse(z.object({ a: z.number(), b: z.number() }), call?.arguments);
    expect(resultsOf(client)).toEqual([
      { name: 'get-sum', ok: true, content: expect.stringContaining(String(a + b)) },
    ]);
    expect(asked()).toHaveLength(2);
  });
});

describe('a home model that cannot use tools', () => {
  test('S10 one that only talks of it is told of, and is offered none any more', async () => {
    writes(['Hello.'], `I have reported the number 7.`);
    const program = await startProgram({ env: settings() });
    try {
      const { client } = await open(program, HOME);
      const asked = asking();
      await client.ask('Hello?');
      await client.next('models', ({ models }) => models.some(({ tool_state }) => tool_state === 'failed'));
      expect((await client.ask('And now?')).text).toBe('Hello.');
      expect(asked().map(({ tools }) => tools?.length ?? 0)).toEqual([3, 0]);
    } finally {
      await program.stop();
    }
  });

  test('C7 one whose Ollama refuses tools is told of when the selector opens, and answers without', async () => {
    world.ollama.hasTools = false;
    writes(['Hello.']);
    const program = await startProgram({ env: settings() });
    try {
      const { client } = await open(program, HOME);
      const asked = asking();
      world.ollama.loaded.add(TAG);
      client.send({ type: 'models' });
      await client.next('models', ({ models }) => models.some(({ tool_state }) => tool_state === 'failed'));
      expect(await client.ask('Hello?')).toMatchObject({ text: 'Hello.', fallback: null });
      expect(asked().map(({ tools }) => tools?.length ?? 0)).toEqual([0]);
    } finally {
      await program.stop();
    }
  });

  test('one whose Ollama refuses tools answers its first question all the same', async () => {
    world.ollama.hasTools = false;
    writes(['Hello.']);
    const program = await startProgram({ env: settings() });
    try {
      const { client } = await open(program, HOME);
      const asked = asking();
      expect(await client.ask('Hello?')).toMatchObject({
        text: 'Hello.',
        fallback: null,
        end: { error_code: null },
      });
      await client.next('models', ({ models }) => models.some(({ tool_state }) => tool_state === 'failed'));
      expect((await client.ask('And now?')).text).toBe('Hello.');
      expect(asked().map(({ tools }) => tools?.length ?? 0)).toEqual([3, 0, 0]);
    } finally {
      await program.stop();
    }
  });

  test('a probe in which the runner breaks down says nothing of its tools', async () => {
    world.ollama.manner = (chat) => (isProbe(chat) ? { text: 'I will', breaks: true } : { text: 'Hello.' });
    const program = await startProgram({ env: settings() });
    try {
      const { client } = await open(program, HOME);
      const from = world.ollama.requests.length;
      const probes = () => world.ollama.requests.slice(from).filter(isProbeRequest);
      const asked = asking();
      await client.ask('Hello?');
      await expect.poll(probes).toHaveLength(1);
      await probes()[0]?.left;
      await client.ask('Hello again?');
      await client.ask('And again?');
      expect(asked().map(({ tools }) => tools?.length ?? 0)).toEqual([3, 3, 3]);
      expect(await toolState(program)).toBe('untested');
    } finally {
      await program.stop();
    }
  });
});
