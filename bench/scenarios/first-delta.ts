import { Client, clock, readDirectly } from '../client.ts';
import { type Figure, percentile, spread } from '../stats.ts';
import type { World } from '../world.ts';

/** Time from the question to the first delta, next to reading the same stream directly, in turns. */
export async function firstDelta(world: World, rounds: number): Promise<Figure[]> {
  const client = await Client.open(world.url);
  await client.next('session');
  const direct: number[] = [];
  const ours: number[] = [];
  for (let i = 0; i < rounds + 20; i++) {
    const floor = await readDirectly(world.upstreamUrl, 2, 0);
    const start = clock();
    client.ask(2, 0);
    const { at } = await client.next('text_delta');
    await client.next('message_end');
    // A conversation grows; a new one every twenty turns keeps what goes upstream small.
    if (i % 20 === 19) {
      client.send({ type: 'reset' });
      await client.next('conversation_reset');
    }
    if (i < 20) continue;
    direct.push((floor.arrivals[0]?.at ?? Number.NaN) - floor.start);
    ours.push(at - start);
  }
  client.close();
  const added = (share: number) =>
    Math.round((percentile(ours, share) - percentile(direct, share)) * 100) / 100;
  return [
    { name: 'first delta, direct', ...spread(direct) },
    { name: 'first delta, session', ...spread(ours) },
    {
      name: 'first delta, added',
      p50: added(0.5),
      p95: added(0.95),
      goal: 'p50 < 2, p95 < 5',
      ok: added(0.5) < 2 && added(0.95) < 5,
    },
  ];
}
