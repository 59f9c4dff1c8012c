import type { ArmName } from './arms/arm.ts';
import { catchUp } from './scenarios/catch-up.ts';
import { compression } from './scenarios/compression.ts';
import { firstDelta } from './scenarios/first-delta.ts';
import { homeFirstToken } from './scenarios/home-first-token.ts';
import { longSession } from './scenarios/long-session.ts';
import { memory } from './scenarios/memory.ts';
import { misbehaving } from './scenarios/misbehaving.ts';
import { rows } from './scenarios/rows.ts';
import { streams } from './scenarios/streams.ts';
import { switching } from './scenarios/switching.ts';
import { toolRound } from './scenarios/tool-round.ts';
import { wake } from './scenarios/wake.ts';
import { type Disk, hasMemoryDisk, type Stage } from './stage.ts';
import type { Figure } from './stats.ts';

type Scenario = {
  disk: Disk;
  run(stage: Stage, say: (line: string) => void): Promise<Figure[]>;
};

/**
 * Those whose figures the disk can change.
 * @param size how much of each: 2 is whole, 1 half of it and without a round that warms up the streams
 */
function storing(size: 1 | 2): Record<string, Scenario['run']> {
  const rounds = size === 2 ? 3 : 1;
  const lag =
    (options: Omit<Parameters<typeof streams>[1], 'rounds' | 'warmUp'>): Scenario['run'] =>
    (stage) =>
      streams(stage, { ...options, rounds, warmUp: size === 2 });
  const all: ArmName[] = ['direct', 'bare', 'session', 'peer'];
  const many: ArmName[] = ['direct', 'bare', 'session'];
  return {
    'first-delta': (stage) => firstDelta(stage, { rounds, conversations: 2 * size }),
    'lag-1': lag({ arms: all, streams: 1, everyMs: 20, deltas: 100, goalP95: 5, goalCpu: null }),
    'lag-50': lag({ arms: all, streams: 50, everyMs: 20, deltas: 160, goalP95: 5, goalCpu: 120 }),
    'lag-500': lag({ arms: many, streams: 500, everyMs: 50, deltas: 90, goalP95: 50, goalCpu: 120 }),
    'coming-back': (stage) => catchUp(stage, { rounds, cuts: 10 * size }),
    switching: (stage) => switching(stage, 200 * size),
    'tool-round': (stage) => toolRound(stage, { rounds, answers: 15 * size }),
    wake: (stage) => wake(stage, 25 * size),
    'long-session': (stage) => longSession(stage, { messages: 10_000, sessions: 10 * size, times: 5 * size }),
  };
}

function on(disk: Disk, prefix: string, runs: Record<string, Scenario['run']>): Record<string, Scenario> {
  return Object.fromEntries(Object.entries(runs).map(([name, run]) => [prefix + name, { disk, run }]));
}

/** In the order in which they run. */
export const SCENARIOS: Record<string, Scenario> = {
  ...on('memory', '', storing(2)),
  ...on('memory', '', {
    compression: (stage) => compression(stage, { streams: 50, everyMs: 20, deltas: 160, rounds: 2 }),
    rows: (stage) => rows(stage, { seconds: 30, everyMs: 50 }),
    memory: (stage) => memory(stage, 500),
    misbehaving: (stage) => misbehaving(stage, { good: 450, bad: 50, answers: 5, deltas: 20, rounds: 3 }),
    'home-first-token': (stage, say) =>
      homeFirstToken({ rounds: 42, storage: hasMemoryDisk ? '/dev/shm' : null, signal: stage.signal, say }),
  }),
  ...on('disk', 'disk/', storing(1)),
};
