/**
 * `npm run chaos`: many sessions at once on a local Worker whose lines are cut, whose objects are evicted and whose
 * process is killed at random places; no character may be lost or doubled (docs/chaos.md). The last line is one
 * JSON object; exit code 1 where something was found, or where a fault put in on purpose was not.
 *
 *   npm run chaos -- --seed 7                  replays seed 7 (with the same --cuts, --kills and --sessions)
 *   npm run chaos -- --program                 on the whole of `npm start` instead of plain workerd
 *   npm run chaos -- --no-control              leaves out the negative control
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { command, Trouble } from '../../scripts/children.ts';
import { type Bundle, bundleWorker } from './bundle.ts';
import { findSabotage } from './control.ts';
import { CARRIERS, SETTINGS } from './defaults.ts';
import { runChaos } from './run.ts';
import { SABOTAGES } from './sabotage.ts';
import { ScriptedUpstream } from './scripted-upstream.ts';
import { startProgramWorld, startWorld } from './world.ts';

const say = (line: string) => void process.stderr.write(`${line}\n`);

function readOptions() {
  const { values } = parseArgs({
    allowNegative: true,
    options: {
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
      cuts: { type: 'string', default: '2000' },
      kills: { type: 'string', default: '20' },
      sessions: { type: 'string', default: '24' },
      program: { type: 'boolean', default: false },
      control: { type: 'boolean', default: true },
    },
  });
  const [seed, cuts, kills, sessions] = (['seed', 'cuts', 'kills', 'sessions'] as const).map((name) => {
    const number = Number(values[name]);
    if (!Number.isInteger(number) || number < 0) throw new Trouble(`--${name} is a whole number from 0 on.`);
    return number;
  });
  const size = { seed: seed ?? 0, cuts: cuts ?? 0, kills: kills ?? 0, sessions: Math.max(1, sessions ?? 1) };
  return { ...size, program: values.program, control: values.control };
}

/** @returns the names of what was put in on purpose and not found */
async function missedSabotages(
  bundle: Bundle,
  upstream: ScriptedUpstream,
  scratch: string,
  signal: AbortSignal,
): Promise<string[]> {
  const missed: string[] = [];
  for (const [name, { finding }] of Object.entries(SABOTAGES)) {
    signal.throwIfAborted();
    const found = await findSabotage(name, bundle, upstream, scratch, signal);
    const isFound = found !== null && finding.test(found);
    if (!isFound) missed.push(name);
    say(`control: ${name}: ${isFound ? 'found' : `not found (${found?.split('\n')[0] ?? 'nothing was'})`}`);
  }
  return missed;
}

await command(async (signal) => {
  const { program, control, ...size } = readOptions();
  say(`seed ${size.seed}`);
  const scratch = mkdtempSync(join(tmpdir(), 'chatbox-chaos-'));
  const upstream = await ScriptedUpstream.start();
  try {
    const settings = { ...upstream.settings, ...SETTINGS };
    const bundle = await bundleWorker(join(scratch, 'shipped'), signal);
    const missed = control ? await missedSabotages(bundle, upstream, scratch, signal) : null;
    const world = program ? await startProgramWorld(settings) : await startWorld(bundle, settings);
    const menu = { silence: true, long: true };
    const { report, findings } = await runChaos({
      ...size,
      world,
      upstream,
      menu,
      carriers: CARRIERS,
      signal,
    }).finally(() => world.close());
    for (const finding of findings) say(`\n${finding}`);
    const { seed, cuts, kills, sessions } = size;
    if (findings.length > 0) {
      say(`\nAgain: npm run chaos -- --seed ${seed} --cuts ${cuts} --kills ${kills} --sessions ${sessions}`);
    }
    process.stdout.write(`${JSON.stringify({ ...report, control_missed: missed })}\n`);
    return findings.length === 0 && (missed ?? []).length === 0 ? 0 : 1;
  } finally {
    await upstream.close();
    rmSync(scratch, { recursive: true, force: true });
  }
});
