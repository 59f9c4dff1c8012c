/**
 * `npm run bench`: the shipped Worker in plain workerd against an upstream on the same machine. One JSON
 * object a line; `ok: false` where a goal was missed, and then exit code 1. Figures of one run belong together;
 * compare runs only as ratios to the direct readers beside them.
 */
import { existsSync } from 'node:fs';
import { catchUp } from './scenarios/catch-up.ts';
import { firstDelta } from './scenarios/first-delta.ts';
import { streams } from './scenarios/streams.ts';
import { switching } from './scenarios/switching.ts';
import type { Figure } from './stats.ts';
import { startWorld } from './world.ts';

const inMemory = existsSync('/dev/shm') ? '/dev/shm' : null;
const world = await startWorld(inMemory);
let missed = 0;
function report(figures: Figure[]): void {
  for (const figure of figures) {
    if (figure.ok === false) missed += 1;
    process.stdout.write(`${JSON.stringify({ ...figure, disk: inMemory === null ? 'disk' : 'memory' })}\n`);
  }
}
try {
  report(await firstDelta(world, 300));
  report(await streams(world, { streams: 1, everyMs: 20, deltas: 250, goalP95: 5 }));
  report(await streams(world, { streams: 50, everyMs: 20, deltas: 250, goalP95: 5 }));
  report(await streams(world, { streams: 500, everyMs: 50, deltas: 100, goalP95: 50 }));
  report(await catchUp(world, 100));
  report(await switching(world, 400));
} finally {
  await world.close();
}
process.exitCode = missed === 0 ? 0 : 1;
