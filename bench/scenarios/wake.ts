import { setTimeout as pause } from 'node:timers/promises';
import type { Chat } from '../arms/arm.ts';
import { readCounts } from '../door.ts';
import type { Stage } from '../stage.ts';
import { type Figure, rounded, spread } from '../stats.ts';

/** Objects hibernate after 10 s without an event or a timer; a round of probes at the start sets one of 5 s. */
const IDLE_MS = 17_000;

/**
 * The first delta for who comes back to an object that has hibernated, next to a question right after it. `woken`
 * tells how many really had: objects that were built anew.
 */
export async function wake(stage: Stage, chats: number): Promise<Figure[]> {
  const opened = [];
  for (const name of await stage.hosted())
    opened.push({ name, ...(await stage.fresh(name, { door: true })) });
  try {
    const idle = await Promise.all(
      opened.map(async ({ arm }) => {
        const all = await Promise.all(Array.from({ length: chats }, () => arm.open()));
        for (const chat of all) await firstDeltaOf(chat);
        return all;
      }),
    );
    await pause(IDLE_MS, undefined, { signal: stage.signal });
    const figures: Figure[] = [];
    for (const [i, { name, host }] of opened.entries()) {
      const before = await readCounts(host.url);
      const cold: number[] = [];
      const warm: number[] = [];
      for (const chat of idle[i] ?? []) {
        cold.push(await firstDeltaOf(chat));
        warm.push(await firstDeltaOf(chat));
      }
      const woken = (await readCounts(host.url)).built - before.built;
      const added = rounded(spread(cold).p50 - spread(warm).p50);
      figures.push({ name: 'first delta after hibernation', arm: name, ...spread(cold), added, woken });
      for (const chat of idle[i] ?? []) chat.close();
    }
    return figures;
  } finally {
    for (const { close } of opened) await close();
  }
}

async function firstDeltaOf(chat: Chat): Promise<number> {
  const { askedAt, deltas } = await chat.ask({ deltas: 1, everyMs: 0 });
  return (deltas[0]?.at ?? Number.NaN) - askedAt;
}
