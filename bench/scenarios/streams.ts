import { Client, lags, readDirectly } from '../client.ts';
import { type Figure, spread } from '../stats.ts';
import type { World } from '../world.ts';

/** Lag of every delta over `streams` at once, next to the same number of direct readers; CPU for 1,000 deltas. */
export async function streams(
  world: World,
  options: { streams: number; everyMs: number; deltas: number; goalP95: number },
): Promise<Figure[]> {
  const { everyMs, deltas, goalP95 } = options;
  const name = `${options.streams} streams at ${1000 / everyMs}/s`;
  const floor = await Promise.all(
    Array.from({ length: options.streams }, () => readDirectly(world.upstreamUrl, deltas, everyMs)),
  );
  const direct = floor.flatMap(({ arrivals }) => arrivals.map(({ at, sent }) => at - sent));

  const clients = await Promise.all(Array.from({ length: options.streams }, () => Client.open(world.url)));
  for (const client of clients) await client.next('session');
  const cpuBefore = world.cpuMs();
  for (const client of clients) client.ask(deltas, everyMs);
  for (const client of clients) await client.next('message_end', 120_000);
  const cpuAfter = world.cpuMs();
  const lag = clients.flatMap((client) => lags(client.frames));
  for (const client of clients) client.close();
  const ours = spread(lag);
  const lost = options.streams * deltas - lag.length;
  const cpu =
    cpuBefore === null || cpuAfter === null ? null : Math.round(((cpuAfter - cpuBefore) / lag.length) * 1000);
  return [
    { name: `${name}, direct`, ...spread(direct) },
    {
      name: `${name}, session`,
      ...ours,
      lost,
      cpu_ms_per_1000: cpu,
      goal: `p95 < ${goalP95}, none lost`,
      ok: ours.p95 < goalP95 && lost === 0,
    },
  ];
}
