/**
 * What proxy and Worker add to the home model's first token, as a part of what the model itself needs for it. One JSON
 * object: medians in milliseconds over the rounds of one run. Both times are of the same request: the model's from its
 * arrival at Ollama's API to its first piece of text, the whole from the question's frame to the first frame of text.
 *
 *   node scripts/bootstrap.mjs home/delay.ts [rounds]
 */
import { Client } from '../e2e/harness/client.ts';
import { startProgram } from '../e2e/harness/program.ts';
import { command, Trouble } from '../scripts/children.ts';
import { buildWeb } from '../scripts/web-build.ts';
import { startModelServer } from './stack/model-server.ts';
import { prepareVenv } from './stack/python.ts';
import { startWorld } from './stack/world.ts';

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Forty words, as an ordinary question has, with another beginning each time: the server keeps what it has read. */
function question(at: number): string {
  return (
    `In building ${at} we have ${at + 3} access switches and two routers, and since the change of last night the clients ` +
    'in VLAN 20 get no address any more while those in VLAN 30 do. Which three things should I look at first, and why?'
  );
}

const round = (value: number) => Math.round(value * 1000) / 1000;

await command(async (signal) => {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const missing = await prepareVenv(signal, say);
  if (missing !== null) throw new Trouble(missing);
  await buildWeb(signal, say);
  // At home the model runs on a graphics card: here it must not take the processor from what is measured.
  const model = await startModelServer(1);
  const world = await startWorld(model.url);
  const program = await startProgram({ env: world.settings });
  const { client } = await Client.connect(program.url);
  const pairs: { model: number; whole: number }[] = [];
  try {
    const rounds = Number(process.argv[2] ?? 20);
    // The first ones warm LiteLLM up, which imports what it needs with the first question.
    for (let at = -3; at < rounds; at++) {
      signal.throwIfAborted();
      client.send({ type: 'model_change', model: 'ollama-qwen2.5' });
      await client.next('model_changed');
      const sent = performance.now();
      client.send({ type: 'chat', message: question(at + 100), client_id: `delay-${at}` });
      await client.next('text_delta');
      const whole = performance.now() - sent;
      const asked = world.ollama.requests.findLast(({ path }) => path === '/api/chat');
      if (asked?.answeredAt == null) throw new Error('The model did not answer.');
      if (at >= 0) pairs.push({ model: asked.answeredAt - asked.arrivedAt, whole });
      client.send({ type: 'stop' });
      await client.next('message_end');
    }
    const figure = {
      name: 'home_first_token',
      rounds: pairs.length,
      model_ms: round(median(pairs.map((pair) => pair.model))),
      whole_ms: round(median(pairs.map((pair) => pair.whole))),
      added_ms: round(median(pairs.map((pair) => pair.whole - pair.model))),
      added_ratio: round(median(pairs.map((pair) => (pair.whole - pair.model) / pair.model))),
    };
    process.stdout.write(`${JSON.stringify(figure)}\n`);
    return 0;
  } finally {
    client.close();
    await program.stop();
    await world.close();
    await model.stop();
  }
});
