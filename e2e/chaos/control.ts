import { join } from 'node:path';
import { type Bundle, patched } from './bundle.ts';
import { CARRIERS, SETTINGS } from './defaults.ts';
import { type Report, runChaos } from './run.ts';
import { SABOTAGES } from './sabotage.ts';
import type { ScriptedUpstream } from './scripted-upstream.ts';
import { startWorld } from './world.ts';

export type Size = { seed: number; cuts: number; kills: number; sessions: number };

/** A short run without what takes seconds, on a world of its own. */
export async function shortRun(
  bundle: Bundle,
  upstream: ScriptedUpstream,
  size: Size,
  signal: AbortSignal,
): Promise<{ report: Report; findings: string[] }> {
  const world = await startWorld(bundle, { ...upstream.settings, ...SETTINGS });
  try {
    const menu = { silence: false, long: false };
    return await runChaos({ ...size, world, upstream, menu, carriers: CARRIERS, signal });
  } finally {
    await world.close();
  }
}

/**
 * Breaks the bundled Worker as one of {@link SABOTAGES} says and runs the suite on it.
 * @param scratch a folder for the broken bundle
 * @returns what was found first; null when nothing was
 */
export async function findSabotage(
  name: string,
  bundle: Bundle,
  upstream: ScriptedUpstream,
  scratch: string,
  signal: AbortSignal,
): Promise<string | null> {
  const sabotage = SABOTAGES[name];
  if (sabotage === undefined) throw new Error(`There is no sabotage "${name}".`);
  const broken = patched(bundle, sabotage, join(scratch, name.replaceAll(' ', '-')));
  const { findings } = await shortRun(
    broken,
    upstream,
    { seed: 1, cuts: 400, kills: 0, sessions: 12 },
    signal,
  );
  return findings[0] ?? null;
}
