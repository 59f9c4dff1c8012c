import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom, seedOf } from '../../simulator/random.ts';
import { audit } from './audit.ts';
import { episode } from './episode.ts';
import { Life, type Setting } from './life.ts';
import { between } from './script.ts';
import { Tally } from './tally.ts';

export type RunOptions = Omit<Setting, 'tally'> & {
  /** It goes on until so many lines were cut. */
  cuts: number;
  /** How often everything is killed on the way. */
  kills: number;
  /** Sessions at a time. */
  sessions: number;
  signal: AbortSignal;
};

/** The last line of a run. Characters are UTF-16 units. */
export type Report = {
  seed: number;
  sessions: number;
  runs: number;
  runs_by_status: Record<string, number>;
  cuts: number;
  cuts_by_kind: Record<string, number>;
  kills: number;
  evictions: number;
  carriers: string[];
  also: Record<string, number>;
  characters_compared: number;
  characters_lost_or_doubled: number;
  stale_ms_after_a_loss: number;
  findings: number;
  duration_s: number;
};

/** Questions in one session: its frames must all still be there for those who come back. */
const QUESTIONS = 14;

/** Lets many sessions live at once, kills the program now and then, and compares. The first finding ends it. */
export async function runChaos(options: RunOptions): Promise<{ report: Report; findings: string[] }> {
  const { cuts, kills, sessions, signal, seed, world } = options;
  const began = performance.now();
  const tally = new Tally();
  const findings: string[] = [];
  const living = new Set<Life>();
  const broken = new AbortController();
  let born = 0;
  const isOver = () => findings.length > 0 || signal.aborted || tally.allCuts >= cuts;

  async function one(): Promise<void> {
    while (!isOver()) {
      born += 1;
      const life = new Life(`s${born}`, { ...options, tally }, broken.signal);
      living.add(life);
      try {
        await life.begin(between(life.random('followers'), 1, 3));
        for (let number = 1; number <= QUESTIONS && !isOver(); number += 1) await episode(life, number);
        if (findings.length === 0) await audit(life);
      } catch (error) {
        // Those that end because another one found something have found nothing.
        if (!broken.signal.aborted)
          findings.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
        broken.abort();
      } finally {
        living.delete(life);
        life.close();
      }
    }
  }

  async function killer(): Promise<void> {
    const random = seededRandom(seedOf('kills', seed));
    while (!isOver() && tally.kills < kills) {
      if (tally.allCuts < ((tally.kills + 1) * cuts) / (kills + 1)) {
        await sleep(20);
        continue;
      }
      await sleep(between(random, 0, 300));
      for (const life of living) life.book.lose();
      tally.kills += 1;
      await world.restart();
    }
  }

  signal.addEventListener('abort', () => broken.abort());
  const earlier = world.faults().length;
  await Promise.all([killer(), ...Array.from({ length: sessions }, one)]);
  findings.push(...world.faults().slice(earlier));
  return {
    findings,
    report: {
      seed,
      sessions: born,
      runs: tally.allRuns,
      runs_by_status: tally.runs,
      cuts: tally.allCuts,
      cuts_by_kind: tally.cuts,
      kills: tally.kills,
      evictions: tally.evictions,
      carriers: [...new Set(options.carriers)],
      also: tally.did,
      characters_compared: tally.characters,
      characters_lost_or_doubled: tally.charactersWrong,
      stale_ms_after_a_loss: tally.staleMs,
      findings: findings.length,
      duration_s: Math.round((performance.now() - began) / 100) / 10,
    },
  };
}
