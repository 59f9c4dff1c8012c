/**
 * `npm run bench`: the shipped Worker in plain workerd against an upstream on the same machine. One JSON
 * object a line; `ok: false` where a goal was missed, and then exit code 1. Figures of one run belong together;
 * compare runs only as ratios to the direct readers beside them.
 *
 *   npm run bench -- streams home    runs the scenarios whose names begin so
 */
import { existsSync } from 'node:fs';
import { command } from '../scripts/children.ts';
import { select } from '../scripts/select.ts';
import { catchUp } from './scenarios/catch-up.ts';
import { firstDelta } from './scenarios/first-delta.ts';
import { homeFirstToken } from './scenarios/home-first-token.ts';
import { streams } from './scenarios/streams.ts';
import { switching } from './scenarios/switching.ts';
import type { Figure } from './stats.ts';
import { startWorld, type World } from './world.ts';

const inMemory = existsSync('/dev/shm') ? '/dev/shm' : null;
const say = (line: string) => void process.stderr.write(`${line}\n`);

/** In the order in which they run. */
const SCENARIOS: Record<string, (world: () => Promise<World>, signal: AbortSignal) => Promise<Figure[]>> = {
  'first-delta': async (world) => firstDelta(await world(), 300),
  'streams-1': async (world) => streams(await world(), { streams: 1, everyMs: 20, deltas: 250, goalP95: 5 }),
  'streams-50': async (world) =>
    streams(await world(), { streams: 50, everyMs: 20, deltas: 250, goalP95: 5 }),
  'streams-500': async (world) =>
    streams(await world(), { streams: 500, everyMs: 50, deltas: 100, goalP95: 50 }),
  'catch-up': async (world) => catchUp(await world(), 100),
  switching: async (world) => switching(await world(), 400),
  'home-first-token': async (_, signal) => homeFirstToken({ rounds: 42, storage: inMemory, signal, say }),
};

await command(async (signal) => {
  let missed = 0;
  const shared: { world?: Promise<World> } = {};
  const world = () => {
    shared.world ??= startWorld(inMemory);
    return shared.world;
  };
  try {
    for (const name of select(Object.keys(SCENARIOS), process.argv.slice(2))) {
      signal.throwIfAborted();
      for (const figure of (await SCENARIOS[name]?.(world, signal)) ?? []) {
        if (figure.ok === false) missed += 1;
        process.stdout.write(
          `${JSON.stringify({ ...figure, disk: inMemory === null ? 'disk' : 'memory' })}\n`,
        );
      }
    }
  } finally {
    await (await shared.world)?.close();
  }
  return missed === 0 ? 0 : 1;
});
