/** `npm run -s route`: the automatic router as shipped, JSON lines in, JSON lines out (CONTRACT CMD3). */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { command } from './children.ts';
import { routeLine } from './route-lines.ts';

await command(async (signal) => {
  let faults = 0;
  for await (const line of createInterface({ input: process.stdin, signal })) {
    if (line.trim() === '') continue;
    const { ok, output } = routeLine(line);
    if (!ok) faults += 1;
    if (!process.stdout.write(`${output}\n`)) await once(process.stdout, 'drain');
  }
  if (faults > 0) process.stderr.write(`${faults} of the lines could not be read.\n`);
  return faults > 0 ? 1 : 0;
});
