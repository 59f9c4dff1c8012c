import { readCounts } from '../door.ts';
import type { Stage } from '../stage.ts';
import type { Figure } from '../stats.ts';

const GOAL = 35;

/** Rows that one answer of half a minute costs, by the count that is billed; the question is part of it. */
export async function rows(stage: Stage, options: { seconds: number; everyMs: number }): Promise<Figure[]> {
  const names = await stage.hosted();
  const script = { deltas: (options.seconds * 1_000) / options.everyMs, everyMs: options.everyMs };
  const opened = [];
  for (const name of names) opened.push(await stage.fresh(name, { door: true }));
  try {
    const written = await Promise.all(
      opened.map(async ({ arm, host }) => {
        const chat = await arm.open();
        const before = await readCounts(host.url);
        await chat.ask(script);
        const after = await readCounts(host.url);
        chat.close();
        return after.rows - before.rows;
      }),
    );
    return names.map((arm, i): Figure => {
      const line = {
        name: `rows written for an answer of ${options.seconds} s`,
        arm,
        rows: written[i] ?? null,
      };
      return arm === 'session' ? { ...line, goal: `rows <= ${GOAL}`, ok: (written[i] ?? 0) <= GOAL } : line;
    });
  } finally {
    for (const { close } of opened) await close();
  }
}
