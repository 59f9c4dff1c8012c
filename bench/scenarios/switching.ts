import { Client, clock } from '../client.ts';
import type { Stage } from '../stage.ts';
import { type Figure, spread } from '../stats.ts';

/** The same socket through many switches, with a turn in each conversation; memory must not follow their number. */
export async function switching(stage: Stage, switches: number): Promise<Figure[]> {
  const [arm] = await stage.arms('session');
  if (arm?.host == null) return [];
  const client = await Client.open(arm.host.url);
  await client.next('session');
  const took: number[] = [];
  const memory: (number | null)[] = [];
  for (let i = 0; i < switches; i++) {
    stage.signal.throwIfAborted();
    client.send({ type: 'chat', message: JSON.stringify({ deltas: 1, every_ms: 0 }) });
    await client.next('message_end');
    const start = clock();
    client.send({ type: 'model_change', model: i % 2 ? 'auto' : 'claude-sonnet-5-5' });
    const { at } = await client.next('model_changed');
    took.push(at - start);
    if (i === Math.floor(switches / 4) || i === switches - 1) memory.push(arm.host.memoryMiB());
  }
  client.close();
  const times = spread(took);
  const [early, late] = memory.map((mib) => (mib === null ? null : Math.round(mib)));
  return [
    { name: 'model switch', arm: 'session', ...times, goal: 'p99 < 50', ok: times.p99 < 50 },
    {
      name: 'memory over switches, MiB',
      arm: 'session',
      after_a_quarter: early ?? null,
      at_the_end: late ?? null,
      n: switches,
    },
  ];
}
