import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errorBodySchema, readServerFrame } from '../shared/index.ts';
import { Client } from './harness/client.ts';
import { http, type Reply } from './harness/http.ts';
import { newStateDir, type Program, startProgram } from './harness/program.ts';
import { settingsFor, startUpstream, type Upstream } from './harness/upstream.ts';

const stateDir = newStateDir();
let upstream: Upstream;
let program: Program;

async function restart(): Promise<void> {
  await program?.stop();
  program = await startProgram({ env: settingsFor(upstream), stateDir });
}

beforeAll(async () => {
  upstream = await startUpstream();
  await restart();
});
afterAll(async () => {
  await program?.stop();
  await upstream?.close();
  rmSync(stateDir, { recursive: true, force: true });
});

function ask(method: string, path: string, session?: string, body?: object): Promise<Reply> {
  const headers: Record<string, string> = { Origin: program.url };
  if (session !== undefined) headers.Authorization = `Bearer ${session}`;
  return http(program, path, { method, headers, body: body && JSON.stringify(body) });
}

const codeOf = ({ json }: Reply) => errorBodySchema.parse(json).error.code;

/** Whether a text is anywhere in what the program has stored. */
function isStored(text: string): boolean {
  return readdirSync(stateDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .some((entry) => readFileSync(join(entry.parentPath, entry.name)).includes(text));
}

async function isUnknown(session: string): Promise<void> {
  for (const [method, path] of [
    ['GET', '/conversations'],
    ['DELETE', '/sessions'],
    ['POST', '/links'],
  ] as const) {
    expect((await ask(method, path, session)).status, `${method} ${path}`).toBe(404);
  }
  const back = new Client(program.url, { session });
  await back.opened;
  expect((await back.closed).code).toBe(4404);
  expect(back.frames).toEqual([]);
}

describe('deleting', () => {
  test('an old conversation: every socket hears it, and it stays gone after a restart', async () => {
    const { client, session } = await Client.connect(program.url);
    const { client: other } = await Client.connect(program.url, { session: session.session_id });
    await client.ask('Forget this');
    const { id } = session.conversation;
    const current = await ask('DELETE', `/conversations/${id}`, session.session_id);
    expect([current.status, codeOf(current)]).toEqual([409, 'busy']);
    client.send({ type: 'reset' });
    await client.next('conversation_reset');

    expect((await ask('DELETE', `/conversations/${id}`, session.session_id)).status).toBe(204);
    for (const one of [client, other]) {
      expect((await one.next('conversation_deleted')).conversation_id).toBe(id);
      one.close();
    }
    await restart();
    const back = await Client.connect(program.url, { session: session.session_id });
    expect(back.session.archives).toEqual([]);
    back.client.send({ type: 'open', conversation_id: id });
    expect((await back.client.next('error')).code).toBe('not_found');
    expect((await ask('DELETE', `/conversations/${id}`, session.session_id)).status).toBe(404);
    back.client.close();
  });

  test('a session with an answer running: 4404, the upstream is left, nothing of it stays', async () => {
    const { client, session } = await Client.connect(program.url);
    const secret = 'Pomegranate-7f3a';
    await client.ask(`Remember ${secret}`);
    let left: Promise<void> | undefined;
    upstream.on('Tell me a long story', (stream, asked) => {
      left = asked.closed;
      stream.start();
      stream.text('Once upon a time');
    });
    client.send({ type: 'chat', message: 'Tell me a long story' });
    await client.when(
      'the first words',
      () =>
        client.frames.some((frame) => frame.type === 'text_delta' && frame.text.includes('Once')) ||
        undefined,
    );
    expect(isStored(secret)).toBe(true);

    expect((await ask('DELETE', '/sessions', session.session_id)).status).toBe(204);
    expect((await client.closed).code).toBe(4404);
    await left;
    await isUnknown(session.session_id);
    await restart();
    await isUnknown(session.session_id);
    expect(isStored(secret)).toBe(false);
  });

  test('only pages of ours delete', async () => {
    const { client, session } = await Client.connect(program.url);
    for (const Origin of [undefined, 'https://evil.example']) {
      const reply = await http(program, '/sessions', {
        method: 'DELETE',
        headers: { Authorization: `Bearer ${session.session_id}`, ...(Origin && { Origin }) },
      });
      expect([reply.status, codeOf(reply)]).toEqual([403, 'origin_refused']);
    }
    expect((await client.ask('Still here?')).end.stop_reason).toBe('end_turn');
    client.close();
  });
});

describe('a link to another device', () => {
  test('opens the same session there, once, and stands in no log', async () => {
    const { client, session } = await Client.connect(program.url);
    await client.ask('Asked on the laptop');
    const made = await ask('POST', '/links', session.session_id);
    expect(made.status).toBe(201);
    expect(made.json).toEqual({
      code: expect.stringMatching(/^[\w-]{22,}$/),
      expires_at: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    const { code } = made.json as { code: string };

    const replies = await Promise.all([1, 2, 3].map(() => ask('POST', '/links/redeem', undefined, { code })));
    expect(replies.map((one) => one.status).sort()).toEqual([200, 404, 404]);
    expect(replies.find((one) => one.status === 200)?.json).toEqual({ session_id: session.session_id });

    const phone = await Client.connect(program.url, { session: session.session_id });
    expect(phone.session.conversation.messages.map((one) => one.text)).toEqual([
      'Asked on the laptop',
      'You said: Asked on the laptop',
    ]);
    const answer = await phone.client.ask('Asked on the phone');
    await client.when('the phone’s answer', () =>
      client.raw
        .map(readServerFrame)
        .find((frame) => frame?.type === 'message_end' && frame.message_id === answer.accepted.reply_id),
    );
    expect(program.output()).not.toContain(code);
    expect(program.output()).not.toContain(session.session_id);
    for (const one of [client, phone.client]) one.close();
  });

  test('outlives a restart of the program, and leads nowhere when its session is deleted', async () => {
    const { client, session } = await Client.connect(program.url);
    client.close();
    const codes: string[] = [];
    for (let i = 0; i < 2; i += 1) {
      codes.push(((await ask('POST', '/links', session.session_id)).json as { code: string }).code);
    }
    await restart();
    const first = await ask('POST', '/links/redeem', undefined, { code: codes[0] });
    expect(first.json).toEqual({ session_id: session.session_id });
    expect((await ask('DELETE', '/sessions', session.session_id)).status).toBe(204);
    const second = await ask('POST', '/links/redeem', undefined, { code: codes[1] });
    expect([second.status, codeOf(second)]).toEqual([404, 'not_found']);
  });
});
