import { Client, clock } from '../client.ts';
import { type Figure, spread } from '../stats.ts';
import type { World } from '../world.ts';

/** The same socket through many switches, with a turn in each conversation; memory must not follow their number. */
export async function switching(world: World, rounds: number): Promise<Figure[]> {
  const client = await Client.open(world.url);
  await client.next('session');
  const took: number[] = [];
  const memory: (number | null)[] = [];
  for (let i = 0; i < rounds; i++) {
    client.ask(1, 0);
    await client.next('message_end');
    const start = clock();
    client.send({ type: 'model_change', model: i % 2 ? 'auto' : 'claude-sonnet-5-5' });
    const { at } = await client.next('model_changed');
    took.push(at - start);
    if (i === Math.floor(rounds / 4) || i === rounds - 1) memory.push(world.memoryMiB());
  }
  client.close();
  const times = spread(took);
  const [early, late] = memory.map((mib) => (mib === null ? null : Math.round(mib)));
  return [
    { name: 'model switch', ...times, goal: 'p99 < 50', ok: times.p99 < 50 },
    {
      name: 'memory over switches, MiB',
      after_a_quarter: early ?? null,
      at_the_end: late ?? null,
      n: rounds,
    },
  ];
}
