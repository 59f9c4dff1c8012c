/**
 * `npm run bench`: the shipped Worker in plain workerd next to direct readers, a bare relay and a peer, all on one
 * upstream on the same machine. One JSON object a line, a table of them at the end on stderr; `ok: false` where a goal
 * was missed, and then exit code 1. Figures of one run belong together; compare runs only as ratios to the direct
 * readers beside them.
 *
 *   npm run bench -- lag home    runs the scenarios whose names begin so
 */
import { command } from '../scripts/children.ts';
import { select } from '../scripts/select.ts';
import { SCENARIOS } from './scenarios.ts';
import { hasMemoryDisk, Stage, Workshop } from './stage.ts';
import type { Figure } from './stats.ts';
import { asText } from './table.ts';

const say = (line: string) => void process.stderr.write(`${line}\n`);

await command(async (signal) => {
  const names = select(Object.keys(SCENARIOS), process.argv.slice(2));
  const shop = new Workshop(signal, say);
  const stages = {
    memory: new Stage(shop, hasMemoryDisk ? 'memory' : 'disk'),
    disk: new Stage(shop, 'disk'),
  };
  const figures: Figure[] = [];
  try {
    for (const name of names) {
      signal.throwIfAborted();
      const scenario = SCENARIOS[name];
      if (scenario === undefined) continue;
      say(`${name} ...`);
      const stage = stages[scenario.disk];
      for (const figure of await scenario.run(stage, say)) {
        // A machine's own disk is told beside, without a goal.
        const { goal, ok, ...bare } = figure;
        const line = { ...(scenario.disk === 'disk' ? bare : figure), disk: stage.disk };
        figures.push(line);
        process.stdout.write(`${JSON.stringify(line)}\n`);
      }
    }
    const skipped = await shop.peerSkipped();
    if (skipped !== null) process.stdout.write(`${JSON.stringify({ name: 'peer', skipped })}\n`);
  } finally {
    for (const stage of Object.values(stages)) await stage.close();
    await shop.close();
  }
  say(asText(figures));
  return figures.some((figure) => figure.ok === false) ? 1 : 0;
});
