import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { healthSchema, modelSchema } from '../shared/index.ts';
import { type Everything, startEverything } from '../worker/tools/test-support.ts';
import { http } from './harness/http.ts';
import { type Lab, said, startLab } from './harness/mcp-lab.ts';
import { type Recorder, startRecorder } from './harness/mcp-recorder.ts';
import {
  askedBy,
  auditOf,
  calling,
  comeBack,
  countedFrom,
  inRounds,
  kindsOf,
  open,
  PATHS,
  saying,
  servers,
} from './harness/mcp-world.ts';
import { type Program, startProgram } from './harness/program.ts';
import { settingsFor, startUpstream, type Upstream } from './harness/upstream.ts';

const USED = [
  ...['echo', 'get-sum', 'get-structured-content', 'get-tiny-image', 'get-resource-links'],
  ...['get-resource-reference', 'get-annotated-message', 'trigger-long-running-operation'],
];

let everything: Everything;
let recorder: Recorder;
let lab: Lab;
let upstream: Upstream;
let program: Program;
/** What the tool `wait` waits for. */
let waiting = Promise.resolve();
let release = () => {};

beforeAll(async () => {
  everything = await startEverything();
  recorder = await startRecorder(everything.url);
  lab = await startLab();
  lab.set('find', ({ q }) => said(`found ${q}`));
  lab.set('listen', () => ({ content: [{ type: 'audio', data: 'AAAA', mimeType: 'audio/wav' }] }));
  lab.set('wait', async () => {
    await waiting;
    return said('at last');
  });
  upstream = await startUpstream();
  program = await startProgram({
    env: {
      ...settingsFor(upstream),
      MCP_SERVERS: servers(
        { name: 'everything', url: recorder.url, token_secret: 'EVERYTHING_TOKEN', allowed_tools: USED },
        { name: 'lab', url: lab.url },
      ),
      EVERYTHING_TOKEN: 'token-of-everything',
      MCP_TIMEOUT_S: '2',
    },
  });
});
afterAll(async () => {
  await program?.stop();
  await upstream?.close();
  await lab?.close();
  await recorder?.close();
  await everything?.stop();
});

describe.each(PATHS)('$way, with server-everything', ({ model, path }) => {
  test('R1, S5 a call and its result come in order, and stay in the archive', async () => {
    const word = `look ${model}`;
    const args = { message: 'hi “there” 👋🏽' };
    inRounds(upstream, word, calling('Let me look.', { name: 'echo', args }), saying('It says ', 'hi.'));
    const { client, session } = await open(program, model);
    const answer = await client.ask(word);
    expect(kindsOf(client)).toEqual([
      ...['message_accepted', 'message_start', 'text_delta', 'tool_call', 'tool_result'],
      ...['text_delta', 'message_end'],
    ]);
    expect(client.seqs).toEqual(countedFrom(1, client.seqs));
    const call = client.frames.find((frame) => frame.type === 'tool_call');
    const result = client.frames.find((frame) => frame.type === 'tool_result');
    const place = { name: 'echo', server: 'everything', title: 'Echo Tool', round: 1, at: 12 };
    const message_id = answer.accepted.reply_id;
    expect(call).toMatchObject({ ...place, message_id, arguments: args });
    const content = `Echo: ${args.message}`;
    expect(result).toMatchObject({ ...place, call_id: call?.call_id, ok: true, content, truncated: false });
    expect(result?.duration_ms).toBeGreaterThanOrEqual(0);
    expect(answer).toMatchObject({ text: 'Let me look.\n\nIt says hi.', end: { stop_reason: 'end_turn' } });
    expect(answer.end.usage).toMatchObject({ input_tokens: 24 });
    if (path === '/v1/messages') {
      expect(answer.end.usage).toMatchObject({ cache_read_tokens: 6, cache_write_tokens: 8 });
      expect(answer.end.cost_usd).toBeGreaterThan(0);
    } else expect(answer.end.cost_usd).toBe(0);

    const { session: reloaded } = await comeBack(program, session);
    const { message_id: _, seq: __, type: ___, ...kept } = result ?? {};
    expect(reloaded.conversation.messages[1]).toMatchObject({
      text: 'Let me look.\n\nIt says hi.',
      status: 'complete',
      tools: [{ ...kept, arguments: args, state: 'done' }],
    });
  });

  test('the model is told of the tools, then of its call and the result, marked as data', async () => {
    const [first, second, ...more] = askedBy(upstream, `look ${model}`);
    expect(more).toEqual([]);
    expect(first?.path).toBe(path);
    expect(first?.tools.toSorted()).toEqual([...USED, 'find', 'listen', 'wait'].toSorted());
    expect(JSON.stringify(first?.body)).not.toContain('readOnlyHint');
    expect(second?.tools).toEqual(first?.tools);
    expect(second?.rounds).toMatchObject([
      { text: 'Let me look.', calls: [{ name: 'echo', arguments: { message: 'hi “there” 👋🏽' } }] },
    ]);
    const [{ calls, results } = { calls: [], results: [] }] = second?.rounds ?? [];
    expect(results).toMatchObject([{ id: calls[0]?.id, ok: true }]);
    expect(results[0]?.content).toMatch(
      /^<tool_data from="everything">\nEcho: hi “there” 👋🏽\n<\/tool_data>$/,
    );
  });

  test('the log tells of the call without what was asked and answered; the audit has who let it run', async () => {
    const word = `confidential ${model}`;
    inRounds(upstream, word, calling('', { name: 'echo', args: { message: 'osprey' } }), saying('ok'));
    const { client, session } = await open(program, model);
    const { accepted } = await client.ask(word);
    const event = program.events('tool_call').at(-1);
    expect(event).toMatchObject({
      ...{ server: 'everything', tool: 'echo', ok: true, fault: null, truncated: false },
      chars: 'Echo: osprey'.length,
    });
    expect(program.output()).not.toContain('osprey');
    expect(program.output()).not.toContain('token-of-everything');
    expect(await auditOf(program, session)).toMatchObject([
      {
        ...{ server: 'everything', tool: 'echo', decided_by: 'read_only', ok: true },
        message_id: accepted.reply_id,
        arguments: '{"message":"osprey"}',
      },
    ]);
    expect(recorder.passed.at(-1)?.headers.authorization).toBe('Bearer token-of-everything');
  });

  test('several calls at once, with every kind of content; results go up in the order of the calls', async () => {
    const word = `everything ${model}`;
    const asked = [
      { name: 'echo', args: { message: 'text' } },
      { name: 'get-sum', args: { a: 2, b: 40 } },
      { name: 'get-structured-content', args: { location: 'Chicago' } },
      { name: 'get-tiny-image', args: {} },
      { name: 'get-resource-links', args: { count: 2 } },
      { name: 'get-resource-reference', args: { resourceType: 'Text', resourceId: 7 } },
      { name: 'get-resource-reference', args: { resourceType: 'Blob', resourceId: 8 } },
      { name: 'get-annotated-message', args: { messageType: 'debug', includeImage: true } },
      { name: 'listen', args: {} },
    ];
    inRounds(upstream, word, calling('', ...asked), saying('done'));
    const { client } = await open(program, model);
    const answer = await client.ask(word);
    expect(answer.end.stop_reason).toBe('end_turn');
    const [, second] = askedBy(upstream, word);
    const [round] = second?.rounds ?? [];
    expect(second?.rounds).toHaveLength(1);
    expect(round?.calls.map(({ name }) => name)).toEqual(asked.map(({ name }) => name));
    expect(round?.results.map(({ id }) => id)).toEqual(round?.calls.map(({ id }) => id));
    expect(round?.results.every(({ ok }) => ok)).toBe(true);
    const shown = new Map(
      client.frames.flatMap((frame) =>
        frame.type === 'tool_result' ? [[frame.call_id, frame.content]] : [],
      ),
    );
    const texts = (round?.calls ?? []).map(({ id }) => shown.get(id) ?? '');
    for (const [index, text] of texts.entries()) expect(round?.results[index]?.content).toContain(text);
    const [echo, sum, structured, image, links, resource, blob, annotated, sound] = texts;
    expect(echo).toBe('Echo: text');
    expect(sum).toContain('42');
    expect(JSON.parse(structured ?? '')).toHaveProperty('temperature');
    expect(image).toMatch(/\[An image \(image\/png, .*not passed on\]/);
    expect(links?.match(/\[A link: /g)).toHaveLength(2);
    expect(resource).toContain('demo://resource/dynamic/text/7');
    expect(blob).toMatch(/\[The resource demo:\/\/resource\/dynamic\/blob\/8 .*not passed on\]/);
    expect(annotated).toMatch(/Debug: .*[\s\S]*\[An image/);
    expect(sound).toMatch(/\[A sound \(audio\/wav/);
  });

  test('an error of a tool is a result that the model is told of as one', async () => {
    const word = `wrong sum ${model}`;
    inRounds(upstream, word, calling('', { name: 'get-sum', args: { a: 'one' } }), saying('I see.'));
    const { client } = await open(program, model);
    const answer = await client.ask(word);
    expect(answer.text).toBe('I see.');
    expect(
      await client.when('a result', () => client.frames.find(({ type }) => type === 'tool_result')),
    ).toMatchObject({ ok: false, content: expect.stringMatching(/expected number/i) });
    const [, second] = askedBy(upstream, word);
    expect(second?.rounds[0]?.results).toMatchObject([{ ok: false }]);
  });

  test('arguments that are no JSON reach no server, and the model can try again', async () => {
    const word = `cut arguments ${model}`;
    const before = recorder.calls().length;
    inRounds(
      upstream,
      word,
      calling('', { name: 'echo', raw: '{"message": "half' }),
      calling('', { name: 'echo', args: { message: 'whole' } }),
      saying('done'),
    );
    const { client } = await open(program, model);
    expect((await client.ask(word)).text).toBe('done');
    expect(recorder.calls().slice(before)).toEqual([{ name: 'echo', arguments: { message: 'whole' } }]);
    const results = client.frames.flatMap((frame) => (frame.type === 'tool_result' ? [frame.ok] : []));
    expect(results).toEqual([false, true]);
  });

  test('a long call that tells of its progress may take longer than silence', async () => {
    const word = `long ${model}`;
    const args = { duration: 4, steps: 8 };
    inRounds(upstream, word, calling('', { name: 'trigger-long-running-operation', args }), saying('done'));
    const { client } = await open(program, model);
    const answer = await client.ask(word);
    expect(answer.end.stop_reason).toBe('end_turn');
    expect(client.frames.find(({ type }) => type === 'tool_result')).toMatchObject({
      ok: true,
      content: expect.stringContaining('completed'),
    });
  });

  test('C4 a stop in the middle of a call: the server sees it cancelled, nothing more is asked', async () => {
    const word = `stop ${model}`;
    const args = { duration: 60, steps: 120 };
    inRounds(
      upstream,
      word,
      calling('Wait.', { name: 'trigger-long-running-operation', args }),
      saying('never'),
    );
    const { client, session } = await open(program, model);
    client.send({ type: 'chat', message: word });
    const accepted = await client.next('message_accepted');
    await client.next('tool_call');
    await expect.poll(() => recorder.passed.at(-1)?.message.method).toBe('tools/call');
    const running = recorder.passed.at(-1);
    client.send({ type: 'stop' });
    const answer = await client.answerTo(accepted);
    expect(answer).toMatchObject({ text: 'Wait.', end: { stop_reason: 'stopped' } });
    await running?.closed;
    await expect
      .poll(() => recorder.passed.findLast(({ message }) => message.method === 'notifications/cancelled'))
      .toMatchObject({ message: { params: { requestId: running?.message.id } } });
    const { session: reloaded } = await comeBack(program, session);
    expect(reloaded.conversation.messages[1]).toMatchObject({
      status: 'stopped',
      tools: [{ name: 'trigger-long-running-operation', state: 'done', ok: false }],
    });
    expect(askedBy(upstream, word)).toHaveLength(1);
    expect(await auditOf(program, session)).toMatchObject([
      { tool: 'trigger-long-running-operation', decided_by: 'read_only', ok: null },
    ]);
    // What was open at the server is not left to it.
    await expect.poll(() => recorder.passed.at(-1)?.method).toBe('DELETE');

    const next = `after the ${word}`;
    upstream.on(next, saying('here'));
    expect((await client.ask(next)).text).toBe('here');
    const [asked] = askedBy(upstream, next);
    expect(asked?.earlier[0]?.results).toMatchObject([{ ok: false }]);
  });

  test('R2, R3 a cut in the middle of a call: it goes on, and the rest comes once', async () => {
    const word = `cut ${model}`;
    const before = lab.calls().length;
    waiting = new Promise((resolve) => {
      release = resolve;
    });
    inRounds(upstream, word, calling('Wait.', { name: 'wait' }), saying('There.'));
    const { client, session, conversation } = await open(program, model);
    client.send({ type: 'chat', message: word });
    await client.next('tool_call');
    client.close();
    await client.closed;
    const after = client.seqs.at(-1) ?? 0;
    const whole = await comeBack(program, session, { conversation: 'another', after: 1 });
    expect(whole.session.conversation.messages[1]).toMatchObject({
      status: 'streaming',
      text: 'Wait.',
      tools: [{ state: 'running', ok: null }],
    });
    release();
    const { client: back, session: resumed } = await comeBack(program, session, { conversation, after });
    expect(resumed.resumed_after).toBe(after);
    await back.next('message_end');
    expect([...client.seqs, ...back.seqs]).toEqual(countedFrom(1, [...client.seqs, ...back.seqs]));
    expect(kindsOf(back)).toEqual(['tool_result', 'text_delta', 'message_end']);
    await whole.client.next('message_end');
    expect(whole.client.seqs).toEqual(countedFrom(whole.session.last_seq + 1, whole.client.seqs));
    expect(lab.calls()).toHaveLength(before + 1);
  });

  test('R12 the next question brings what was found along, without thinking', async () => {
    const word = `ponder ${model}`;
    inRounds(
      upstream,
      word,
      (stream) => {
        stream.start();
        stream.thinking('First I wonder.');
        stream.text('Looking.');
        stream.tools([{ name: 'find', args: { q: 'core-1' } }]);
        stream.end();
      },
      (stream) => {
        stream.start();
        stream.thinking('Then I doubt.');
        stream.text('It is core-1.');
        stream.end();
      },
    );
    upstream.on(`and then ${model}`, saying('Nothing.'));
    const { client } = await open(program, model);
    const answer = await client.ask(word);
    expect(answer.thinking).toBe('First I wonder.Then I doubt.');
    await client.ask(`and then ${model}`);
    const [next] = askedBy(upstream, `and then ${model}`);
    expect(next?.earlier).toMatchObject([
      { text: 'Looking.', calls: [{ name: 'find', arguments: { q: 'core-1' } }], results: [{ ok: true }] },
    ]);
    expect(next?.earlier[0]?.results[0]?.content).toContain('found core-1');
    expect(next?.turns.map(({ text }) => text).filter((text) => text !== '')).toEqual(
      expect.arrayContaining([word, 'It is core-1.', `and then ${model}`]),
    );
    expect(JSON.stringify(next?.body)).not.toMatch(/I wonder|I doubt/);
    const inside = JSON.stringify(askedBy(upstream, word)[1]?.body.messages);
    if (path === '/v1/messages') expect(inside).toContain('I wonder');
    else expect(inside).not.toContain('I wonder');
  });
});

describe('Claude direct', () => {
  test('thinking goes back unchanged with its call, inside the same answer', async () => {
    const word = 'ponder claude-sonnet-5-5';
    const [, second] = askedBy(upstream, word);
    expect(second?.body.messages[1]).toMatchObject({
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'First I wonder.', signature: 'c2ln' },
        { type: 'text', text: 'Looking.' },
        { type: 'tool_use', name: 'find', input: { q: 'core-1' } },
      ],
    });
    expect(second?.body.messages[2]).toMatchObject({
      role: 'user',
      content: [{ type: 'tool_result' }],
    });
  });
});

describe('home through LiteLLM', () => {
  test.each([
    ['<tool_call>\n{"name": "find", "arguments": {"q": "core-7"}}\n</tool_call>'],
    ['```json\n{"name": "find", "parameters": {"q": "core-7"}}\n```'],
    ['{"name": "find", "arguments": {"q": "core-7"}}'],
  ])('a call that is printed as text is made, and not shown: %j', async (printed) => {
    const word = `print ${printed.length}`;
    const pieces = printed.match(/[\s\S]{1,5}/g) ?? [];
    inRounds(upstream, word, saying(...pieces), saying('It is core-7.'));
    const { client } = await open(program, 'ollama-qwen2.5');
    const answer = await client.ask(word);
    expect(answer.text).toBe('It is core-7.');
    expect(client.frames.find(({ type }) => type === 'tool_call')).toMatchObject({
      name: 'find',
      arguments: { q: 'core-7' },
    });
    expect(askedBy(upstream, word)[1]?.rounds[0]).toMatchObject({
      text: '',
      calls: [{ name: 'find' }],
      results: [{ ok: true }],
    });
  });
});

describe('H2, H3 what is told of the servers', () => {
  test('health lists each, without an address or a token', async () => {
    const { json, body } = await http(program, '/health');
    const health = healthSchema.parse(json);
    expect(health.status).toBe('ok');
    expect(health.tool_servers).toMatchObject([
      { name: 'everything', status: 'up', tools: USED.length, simulated: false },
      { name: 'lab', status: 'up', simulated: false },
    ]);
    for (const secret of ['127.0.0.1', 'token-of-everything', '/mcp']) expect(body).not.toContain(secret);
  });

  test('every model that can use tools has them in the list of all models', async () => {
    const { json, body } = await http(program, '/models?all=1');
    const models = (json as unknown[]).map((entry) => modelSchema.parse(entry));
    for (const { id, capabilities, tool_servers } of models) {
      const names = tool_servers?.map(({ name }) => name) ?? [];
      expect([id, names]).toEqual([id, capabilities.tools ? ['everything', 'lab'] : []]);
    }
    expect(models.find(({ id }) => id === 'ollama-qwen2.5')?.tool_state).toMatch(/verified|untested/);
    expect(body).not.toContain('token-of-everything');
    const plain = await http(program, '/models');
    expect(plain.body).not.toContain('tool_servers');
  });
});
