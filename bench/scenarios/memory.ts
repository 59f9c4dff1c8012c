import { setTimeout as pause } from 'node:timers/promises';
import type { Stage } from '../stage.ts';
import type { Figure } from '../stats.ts';

/** What an open chat costs: the growth of a new process, once its first objects are there. */
export async function memory(stage: Stage, sessions: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const name of await stage.hosted()) {
    const { arm, host, close } = await stage.fresh(name);
    try {
      const open = (count: number) => Promise.all(Array.from({ length: count }, () => arm.open()));
      const first = await open(20);
      await pause(500);
      const before = host.memoryMiB();
      const chats = await open(sessions);
      await pause(500);
      const after = host.memoryMiB();
      for (const chat of [...first, ...chats]) chat.close();
      const kib = before === null || after === null ? null : Math.round(((after - before) * 1024) / sessions);
      figures.push({ name: 'memory of an open chat, KiB', arm: name, kib, n: sessions });
    } finally {
      await close();
    }
  }
  return figures;
}
