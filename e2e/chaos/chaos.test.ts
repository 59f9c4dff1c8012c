import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bundle, bundleWorker, patched } from './bundle.ts';
import { findSabotage, shortRun } from './control.ts';
import { SABOTAGES } from './sabotage.ts';
import { ScriptedUpstream } from './scripted-upstream.ts';

const { signal } = new AbortController();
let scratch: string;
let bundle: Bundle;
let upstream: ScriptedUpstream;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'chatbox-chaos-'));
  upstream = await ScriptedUpstream.start();
  bundle = await bundleWorker(join(scratch, 'shipped'), signal);
});
afterAll(async () => {
  await upstream?.close();
  rmSync(scratch, { recursive: true, force: true });
});

test('R1 R2 R3 R4 R11 nothing is lost and nothing comes twice, whatever is cut, evicted or killed', async () => {
  const size = { seed: 4, cuts: 90, kills: 1, sessions: 12 };
  const { report, findings } = await shortRun(bundle, upstream, size, signal);
  expect(findings).toEqual([]);
  expect(report.cuts).toBeGreaterThanOrEqual(size.cuts);
  expect(report).toMatchObject({ kills: 1, characters_lost_or_doubled: 0 });
  expect(report.runs_by_status).toMatchObject({
    complete: expect.any(Number),
    stopped: expect.any(Number),
    interrupted: expect.any(Number),
  });
  expect(report.characters_compared).toBeGreaterThan(10_000);
  expect(report.also['calls of tools']).toBeGreaterThan(0);
});

// The others are for `npm run chaos`, which has the time.
const BROKEN = [
  'a number is left out',
  'a delta is doubled',
  'the last delta before the end is lost',
  'numbers begin again after a loss',
  'the archive has another result of a call than was told',
];

test.each(Object.entries(SABOTAGES))('the bundled Worker still has the place for: %s', (name, patch) => {
  const broken = patched(bundle, patch, join(scratch, `place ${name}`));
  expect(broken.modulesRoot).not.toBe(bundle.modulesRoot);
});

describe('the negative control: what is broken on purpose is found', () => {
  test.each(BROKEN)('%s', async (name) => {
    const found = await findSabotage(name, bundle, upstream, scratch, signal);
    expect(found).toMatch(SABOTAGES[name]?.finding ?? /$^/);
  });
});
