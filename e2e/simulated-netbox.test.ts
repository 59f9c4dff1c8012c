import { afterAll, expect, test } from 'vitest';
import { Client } from './harness/client.ts';
import { type Program, startProgram } from './harness/program.ts';

let program: Program | undefined;
afterAll(() => program?.stop());

const resultsOf = (client: Client, message: string) =>
  client.frames.filter((frame) => frame.type === 'tool_result' && frame.message_id === message);

test('CMD5, S5 on a fresh machine the devices of a site come from the simulated NetBox, for Claude and for the home model', async () => {
  program = await startProgram({ env: { PATH: process.env.PATH ?? '' } });
  const { client } = await Client.connect(program.url);
  for (const model of ['auto', 'ollama-qwen2.5']) {
    if (model !== 'auto') {
      client.send({ type: 'model_change', model });
      await client.next('model_changed');
    }
    const answer = await client.ask('List the devices in DC14');
    expect(answer.end.stop_reason, model).toBe('end_turn');
    expect(new Set(answer.text.match(/dc14-[a-z]+-\d\d/g)).size, model).toBe(40);
    // Two pages: as many as it asks for at once, or as the home model has room for.
    const page = { name: 'netbox_get_objects', ok: true };
    expect(resultsOf(client, answer.accepted.reply_id), model).toMatchObject([page, page]);
  }
  const health: unknown = await (await fetch(`${program.url}/health`)).json();
  expect(health).toMatchObject({ tool_servers: [{ name: 'netbox', simulated: true }] });
  client.close();
});
