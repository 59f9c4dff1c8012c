import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Client } from './harness/client.ts';
import { type Lab, said, startLab } from './harness/mcp-lab.ts';
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
import { newStateDir, type Program, startProgram } from './harness/program.ts';
import { StreamClient } from './harness/stream-client.ts';
import { settingsFor, startUpstream, type Upstream } from './harness/upstream.ts';

const stateDir = newStateDir();
let lab: Lab;
let upstream: Upstream;
let program: Program;

const start = () =>
  startProgram({
    stateDir,
    env: {
      ...settingsFor(upstream),
      MCP_SERVERS: servers(
        { name: 'netbox', url: lab.url, allowed_tools: ['get_objects', 'update_object', 'create_object'] },
        { name: 'careful', url: lab.url, allowed_tools: ['list_sites'], mode: 'ask' },
        { name: 'away', url: lab.url, allowed_tools: ['forget_all'], mode: 'off' },
      ),
    },
  });

beforeAll(async () => {
  lab = await startLab();
  lab.set('get_objects', () => said('core-1'));
  lab.set('update_object', ({ id }) => said(`changed ${id}`), { isReadOnly: false });
  lab.set('create_object', ({ id }) => said(`created ${id}`), { isReadOnly: false });
  lab.set('list_sites', () => said('dc14'));
  lab.set('forget_all', () => said('gone'));
  upstream = await startUpstream();
  program = await start();
});
afterAll(async () => {
  await program?.stop();
  await upstream?.close();
  await lab?.close();
  rmSync(stateDir, { recursive: true, force: true });
});

const write = (id: number) => ({ name: 'update_object', args: { id } });
/** The calls that came to the server since then. */
const callsSince = (before: number) => lab.calls().slice(before);

/** An answer that waits for a person, with everything that it has done so far. */
async function waiting(model: string, word: string, ...calls: Parameters<typeof calling>[1][]) {
  inRounds(upstream, word, calling('Let me.', ...calls), saying('Done.'));
  const before = lab.calls().length;
  const opened = await open(program, model);
  opened.client.send({ type: 'chat', message: word });
  const accepted = await opened.client.next('message_accepted');
  const request = await opened.client.next('tool_request');
  return { ...opened, accepted, request, before };
}

const decide = (client: Client, call_id: string, allow: boolean, remember?: boolean) =>
  client.send({ type: 'tool_decision', call_id, allow, ...(remember !== undefined && { remember }) });

describe.each(PATHS)('C6 approval, $way', ({ model, path }) => {
  test('what does not say that it only reads asks first, and runs once it is allowed', async () => {
    const word = `allow ${model}`;
    const { client, session, accepted, request, before } = await waiting(model, word, write(7));
    expect(request).toMatchObject({
      ...{ name: 'update_object', server: 'netbox', arguments: { id: 7 }, round: 1, at: 7 },
      message_id: accepted.reply_id,
    });
    const { session: reloaded } = await comeBack(program, session);
    expect(reloaded.run).toEqual({ message_id: accepted.reply_id, seq: accepted.seq });
    expect(reloaded.conversation.messages[1]).toMatchObject({
      status: 'streaming',
      tools: [{ call_id: request.call_id, state: 'waiting', arguments: { id: 7 }, ok: null }],
    });
    expect(callsSince(before)).toEqual([]);

    decide(client, request.call_id, true);
    const answer = await client.answerTo(accepted);
    expect(answer).toMatchObject({ text: 'Let me.\n\nDone.', end: { stop_reason: 'end_turn' } });
    expect(answer.end.usage).toMatchObject({ input_tokens: 24 });
    expect(kindsOf(client)).toEqual([
      ...['message_accepted', 'message_start', 'text_delta', 'tool_request', 'tool_call', 'tool_result'],
      ...['text_delta', 'message_end'],
    ]);
    expect(client.seqs).toEqual(countedFrom(1, client.seqs));
    expect(callsSince(before)).toEqual([write(7)].map(({ name, args }) => ({ name, arguments: args })));
    expect(await auditOf(program, session)).toMatchObject([{ tool: 'update_object', decided_by: 'person' }]);
    const [, second] = askedBy(upstream, word);
    expect(second?.rounds).toMatchObject([{ calls: [{ name: 'update_object' }], results: [{ ok: true }] }]);
    expect(second?.rounds[0]?.results[0]?.content).toContain('changed 7');
  });

  test('denied: it is not called, the model is told and goes on', async () => {
    const word = `deny ${model}`;
    const { client, session, accepted, request, before } = await waiting(model, word, write(8));
    decide(client, request.call_id, false);
    expect((await client.answerTo(accepted)).end.stop_reason).toBe('end_turn');
    expect(callsSince(before)).toEqual([]);
    expect(client.frames.find(({ type }) => type === 'tool_result')).toMatchObject({ ok: false });
    const [, second] = askedBy(upstream, word);
    expect(second?.rounds[0]?.results).toMatchObject([
      { ok: false, content: expect.stringContaining('did not allow') },
    ]);
    expect(await auditOf(program, session)).toMatchObject([{ decided_by: 'denied', ok: false }]);
  });

  test('what only reads does not wait for what writes, and is not made twice', async () => {
    const word = `both ${model}`;
    const read = { name: 'get_objects', args: { q: 'core' } };
    const { client, accepted, request, before } = await waiting(model, word, write(9), read);
    await client.next('tool_result', ({ name }) => name === 'get_objects');
    expect(callsSince(before).map(({ name }) => name)).toEqual(['get_objects']);
    decide(client, request.call_id, true);
    await client.answerTo(accepted);
    expect(callsSince(before).map(({ name }) => name)).toEqual(['get_objects', 'update_object']);
    const [, second] = askedBy(upstream, word);
    const [round] = second?.rounds ?? [];
    expect(round?.results.map(({ id }) => id)).toEqual(round?.calls.map(({ id }) => id));
    expect(round?.results.every(({ ok }) => ok)).toBe(true);
  });

  test('remembered: the same tool asks no more in this conversation; another one does, and so does the next', async () => {
    const word = `remember ${model}`;
    inRounds(
      upstream,
      word,
      calling('', write(1)),
      calling('', write(2)),
      calling('', { name: 'create_object', args: { id: 3 } }),
      saying('Done.'),
    );
    const before = lab.calls().length;
    const { client } = await open(program, model);
    client.send({ type: 'chat', message: word });
    const accepted = await client.next('message_accepted');
    const first = await client.next('tool_request');
    decide(client, first.call_id, true, true);
    const other = await client.next('tool_request');
    expect(other.name).toBe('create_object');
    expect(callsSince(before).map(({ arguments: args }) => args)).toEqual([{ id: 1 }, { id: 2 }]);
    decide(client, other.call_id, false, true);
    await client.answerTo(accepted);
    client.send({ type: 'reset' });
    await client.next('conversation_reset');
    client.send({ type: 'chat', message: word });
    expect((await client.next('tool_request')).name).toBe('update_object');
    client.send({ type: 'stop' });
    await client.next('message_end');
  });

  test('R4 two tabs: both see it, the first decision counts, the second is told that nothing waits', async () => {
    const word = `two tabs ${model}`;
    const { client, session, accepted, request, before } = await waiting(model, word, write(4));
    const other = (await comeBack(program, session)).client;
    decide(other, request.call_id, true);
    await client.answerTo(accepted);
    decide(client, request.call_id, false);
    expect(await client.next('error')).toMatchObject({ code: 'not_found', retryable: false });
    expect(callsSince(before)).toHaveLength(1);
    await other.next('message_end');
    expect(other.seqs).toEqual(countedFrom(5, other.seqs));
    expect(kindsOf(other)).toEqual(['tool_call', 'tool_result', 'text_delta', 'message_end']);
  });

  test('R11 a killed process: what waits still waits, and can be allowed from another device', async () => {
    const word = `killed ${model}`;
    inRounds(
      upstream,
      word,
      (stream) => {
        stream.start();
        stream.thinking('Shall I?');
        stream.text('Let me.');
        stream.tools([{ name: 'get_objects', args: { q: 'a' } }, write(5)]);
        stream.end();
      },
      saying('Done.'),
    );
    const before = lab.calls().length;
    const { client, session, conversation } = await open(program, model);
    client.send({ type: 'chat', message: word });
    const accepted = await client.next('message_accepted');
    const request = await client.next('tool_request');
    await client.next('tool_result');
    // The object writes that its answer waits before it tells anybody anything more.
    const { session: asItWas } = await comeBack(program, session);
    await program.kill();
    program = await start();

    const after = client.seqs.at(-1) ?? 0;
    const back = await comeBack(program, session, { conversation, after });
    expect(back.session).toMatchObject({ resumed_after: after, run: { message_id: accepted.reply_id } });
    const fresh = await comeBack(program, session);
    expect(fresh.session.conversation.messages).toEqual(asItWas.conversation.messages);
    expect(fresh.session.conversation.messages[1]).toMatchObject({
      status: 'streaming',
      tools: expect.arrayContaining([
        expect.objectContaining({ name: 'get_objects', state: 'done', ok: true }),
        expect.objectContaining({ call_id: request.call_id, state: 'waiting' }),
      ]),
    });
    expect(askedBy(upstream, word)).toHaveLength(1);

    back.client.send({ type: 'chat', message: 'hello?' });
    expect((await back.client.next('error')).code).toBe('busy');
    decide(fresh.client, request.call_id, true);
    const end = await back.client.next('message_end');
    expect(end).toMatchObject({ stop_reason: 'end_turn', usage: { input_tokens: 24 } });
    expect([...client.seqs, ...back.client.seqs]).toEqual(
      countedFrom(1, [...client.seqs, ...back.client.seqs]),
    );
    expect(callsSince(before).map(({ name }) => name)).toEqual(['get_objects', 'update_object']);
    const [, second, ...more] = askedBy(upstream, word);
    expect(more).toEqual([]);
    expect(second?.rounds).toMatchObject([
      {
        calls: [{ name: 'get_objects' }, write(5)].map(({ name }) => ({ name })),
        results: [{ ok: true }, { ok: true }],
      },
    ]);
    expect(second?.tools).toEqual(askedBy(upstream, word)[0]?.tools);
    if (path === '/v1/messages') {
      expect(second?.body.messages[1]).toMatchObject({
        content: [{ type: 'thinking', thinking: 'Shall I?', signature: 'c2ln' }, { type: 'text' }, {}, {}],
      });
    }
    const { session: done } = await comeBack(program, session);
    expect(done.conversation.messages[1]).toMatchObject({ text: 'Let me.\n\nDone.', status: 'complete' });
  });

  test.each([
    ['C4 a stop', { type: 'stop' }],
    ['C2 a switch', { type: 'model_change', model: 'claude-haiku-5-5' }],
    ['C3 a reset', { type: 'reset' }],
  ])('%s ends what waits, for good', async (what, frame) => {
    const word = `${what} ${model}`;
    const { client, session, accepted, request, before } = await waiting(model, word, write(6));
    client.send(frame);
    expect((await client.answerTo(accepted)).end.stop_reason).toBe('stopped');
    decide(client, request.call_id, true);
    expect((await client.next('error')).code).toBe('not_found');
    client.send({ type: 'chat', message: `next of ${word.replace(word, model)}` });
    await client.next('message_end');
    expect(callsSince(before)).toEqual([]);
    expect(askedBy(upstream, word)).toHaveLength(1);
    expect(await auditOf(program, session)).toMatchObject([{ decided_by: 'answer_ended', ok: false }]);
  });

  test('H9 a decision over plain HTTP', async () => {
    const word = `over http ${model}`;
    const { client, session, accepted, request, before } = await waiting(model, word, write(10));
    const { client: plain } = await StreamClient.connect(program, { session });
    onTestFinished(() => plain.cut());
    await plain.send({ type: 'tool_decision', call_id: 'nobody', allow: true });
    expect((await plain.next('error')).code).toBe('not_found');
    expect((await plain.send({ type: 'tool_decision', call_id: request.call_id })).status).toBe(400);
    expect(callsSince(before)).toEqual([]);
    const sent = await plain.send({ type: 'tool_decision', call_id: request.call_id, allow: true });
    expect(sent.status).toBe(202);
    await client.answerTo(accepted);
    await plain.next('message_end');
    expect(kindsOf(client).at(-1)).toBe('message_end');
    expect(callsSince(before)).toHaveLength(1);
  });
});

describe('C6 decisions about nothing', () => {
  test.each([
    [{ type: 'tool_decision', call_id: 'no-such-call', allow: true }, 'not_found'],
    [{ type: 'tool_decision', call_id: 'no-such-call', allow: false, remember: true }, 'not_found'],
    [{ type: 'tool_decision', call_id: 'x' }, 'bad_frame'],
    [{ type: 'tool_decision', allow: true }, 'bad_frame'],
    [{ type: 'tool_decision', call_id: 7, allow: true }, 'bad_frame'],
    [{ type: 'tool_decision', call_id: 'x', allow: 'yes' }, 'bad_frame'],
    [{ type: 'tool_decision', call_id: 'x', allow: true, remember: 1 }, 'bad_frame'],
    [{ type: 'tool_decision', call_id: '', allow: true }, 'bad_frame'],
  ])('%j is %s, with and without an answer that waits', async (frame, code) => {
    const { client } = await open(program, 'claude-sonnet-5-5');
    client.send(frame);
    expect((await client.next('error')).code).toBe(code);
    const waits = await waiting('claude-sonnet-5-5', `nonsense ${JSON.stringify(frame)}`, write(11));
    waits.client.send(frame);
    expect((await waits.client.next('error')).code).toBe(code);
    decide(waits.client, waits.request.call_id, false);
    expect((await waits.client.answerTo(waits.accepted)).end.stop_reason).toBe('end_turn');
    expect(callsSince(waits.before)).toEqual([]);
  });
});

describe('the mode of a server', () => {
  test('ask: what only reads asks as well; off: its tools are not there', async () => {
    const word = 'mode of a server';
    const { client, accepted, request, before } = await waiting('claude-sonnet-5-5', word, {
      name: 'list_sites',
    });
    expect(request).toMatchObject({ server: 'careful', name: 'list_sites' });
    decide(client, request.call_id, true);
    await client.answerTo(accepted);
    expect(callsSince(before)).toHaveLength(1);
    const [first] = askedBy(upstream, word);
    expect(first?.tools).toEqual(['create_object', 'get_objects', 'update_object', 'list_sites']);
  });
});
