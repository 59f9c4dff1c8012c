import { rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { modelSchema } from '../shared/index.ts';
import { Client } from './harness/client.ts';
import { http } from './harness/http.ts';
import { newStateDir, type Program, startProgram } from './harness/program.ts';
import { settingsFor, startUpstream } from './harness/upstream.ts';

/** The plan's roll-back, step by step: the same state, another configuration. */
const upstream = await startUpstream();
const stateDir = newStateDir();
const settings = settingsFor(upstream);
let program: Program | undefined;

async function restart(env: Record<string, string>): Promise<Program> {
  await program?.stop();
  program = await startProgram({ env, stateDir });
  return program;
}

async function sessionOn(model: string, question: string): Promise<string> {
  const { client, session } = await Client.connect(program?.url ?? '');
  client.send({ type: 'model_change', model });
  await client.next('model_changed');
  await client.ask(question);
  client.close();
  return session.session_id;
}

afterAll(async () => {
  await program?.stop();
  await upstream.close();
  rmSync(stateDir, { recursive: true, force: true });
});

describe('roll-back', () => {
  test('every step keeps sessions usable and their history readable', { timeout: 180_000 }, async () => {
    let { url } = await restart(settings);
    const onSonnet = await sessionOn('claude-sonnet-5-5', 'Asked of Sonnet');
    const onHome = await sessionOn('ollama-qwen2.5', 'Asked at home');
    const onOldHaiku = await sessionOn('claude-haiku-4-5', 'Asked of the old Haiku');

    // R11: killed in the middle of an answer.
    const { client: cut, session } = await Client.connect(url);
    let generated = 0;
    upstream.on('power cut', async (stream) => {
      stream.start();
      while (!stream.response.destroyed) {
        stream.text(`${generated} `);
        generated += 1;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    });
    cut.send({ type: 'chat', message: 'power cut' });
    await cut.when('two seconds of text', () => (generated > 100 ? true : undefined));
    const requests = upstream.asked.length;
    await program?.kill();
    const lastSeq = cut.seqs.at(-1) ?? 0;

    // 1. ENABLE_MODEL_SELECTION=false while sessions are bound elsewhere (R10).
    ({ url } = await restart({ ...settings, ENABLE_MODEL_SELECTION: 'false' }));
    const afterCut = await Client.connect(url, {
      session: session.session_id,
      conversation: session.conversation.id,
      after: lastSeq,
    });
    const [, answer] = afterCut.session.conversation.messages;
    expect(answer?.status).toBe('interrupted');
    expect(afterCut.session.resumed_after).toBeNull();
    expect(afterCut.session.last_seq).toBeGreaterThan(lastSeq);
    expect(answer?.text.length).toBeGreaterThan(0);
    const all = Array.from({ length: generated }, (_, index) => `${index} `).join('');
    expect(all.startsWith(answer?.text ?? 'x')).toBe(true);
    expect(upstream.asked.length, 'no paid call is repeated by itself').toBe(requests);
    afterCut.client.close();

    for (const [id, model] of [
      [onSonnet, 'claude-sonnet-5-5'],
      [onHome, 'ollama-qwen2.5'],
    ] as const) {
      const { client } = await Client.connect(url, { session: id });
      client.send({ type: 'model_change', model: 'claude-opus-5-5' });
      expect((await client.next('error')).code).toBe('model_selection_disabled');
      const { start } = await client.ask(`Selection is off, was on ${model}`);
      expect(start?.model).toBe('auto');
      const { json } = await http(program ?? { port: 0 }, '/conversations', {
        headers: { Authorization: `Bearer ${id}` },
      });
      expect(json).toMatchObject({ conversations: [{ model, message_count: 2 }] });
      client.close();
    }

    // 2. DEFAULT_MODEL=auto: new sessions start there whatever the default was before.
    ({ url } = await restart({ ...settings, DEFAULT_MODEL: 'claude-haiku-5-5' }));
    const fixed = await Client.connect(url);
    expect(fixed.session.model).toBe('claude-haiku-5-5');
    fixed.client.close();
    ({ url } = await restart({ ...settings, DEFAULT_MODEL: 'auto' }));
    const automatic = await Client.connect(url);
    expect(automatic.session.model).toBe('auto');
    automatic.client.close();

    // 3. A model is taken out of the registry: its sessions go on, on a model that is there, and are told.
    ({ url } = await restart({
      ...settings,
      MODELS: JSON.stringify([{ id: 'claude-haiku-4-5', enabled: false }]),
    }));
    const moved = await Client.connect(url, { session: onOldHaiku });
    const changed = await moved.client.next('model_changed');
    expect(changed).toMatchObject({
      old_model: 'claude-haiku-4-5',
      replaced: { requested: 'claude-haiku-4-5' },
    });
    expect((await moved.client.ask('Who is there now?')).end.stop_reason).toBe('end_turn');
    moved.client.close();

    // 4. Emergency: LiteLLM is removed. Claude is not touched; home sessions move to Automatic.
    const { LITELLM_PROXY_URL: _, LITELLM_MASTER_KEY: __, OLLAMA_BASE_URL: ___, ...direct } = settings;
    ({ url } = await restart({ ...direct, LITELLM_ENABLED: 'false' }));
    const { json } = await http(program ?? { port: 0 }, '/models');
    const ids = Array.isArray(json) ? json.map((entry) => modelSchema.parse(entry).id) : [];
    expect(ids).not.toContain('ollama-qwen2.5');
    expect(ids).toContain('claude-sonnet-5-5');
    const { client } = await Client.connect(url);
    expect((await client.ask('Is Claude well?')).text).toBe('You said: Is Claude well?');
    client.close();
    const orphan = await Client.connect(url, { session: onHome });
    expect((await orphan.client.ask('And I?')).end.stop_reason).toBe('end_turn');
    orphan.client.close();
  });
});
