import type { Config } from '../config.ts';
import { contentOf, type HealthKv, readCached, writeCached } from './cache.ts';
import { type HealthChange, healthChanges } from './changes.ts';
import { foldRound } from './fold.ts';
import { probeAll } from './probes.ts';
import type { HealthSnapshot } from './types.ts';

/** Served without asking again (CONTRACT H3). */
const FRESH_MS = 30_000;
/** Served while a refresh runs; older than this the caller waits. */
const STALE_MS = 600_000;
/** A caller waits less than 5 s (H3), with time left for the answer to get out. */
const WAIT_MS = 4_800;
/** KV is asked for a short while only: it is there to save time. */
const KV_MS = 400;
/**
 * After this a service that has not answered is down. With KV before it well under {@link WAIT_MS}: a caller must
 * see what the others answered, not give up at the same moment.
 */
const ROUND_MS = 4_200;
/** Unchanged news are written this often: the free plan has 1,000 writes a day. */
const REWRITE_MS = 300_000;

/** What an isolate remembers between requests; the caller keeps it, one an isolate. */
export type HealthMemory = {
  snapshot: HealthSnapshot | null;
  /** The last write to KV that is known: when (milliseconds), and what it said. */
  written: { at: number; content: string } | null;
  /** The round that is running. Its request may be gone and never end it, so it counts for its budget only. */
  running: { configHash: string; since: number; result: Promise<HealthSnapshot> } | null;
};

export function createHealthMemory(): HealthMemory {
  return { snapshot: null, written: null, running: null };
}

export type HealthService = {
  /**
   * The health as H3 wants it: fresh for 30 s; an older one at once while one refresh runs; only without one, or
   * with one older than 10 minutes, the caller waits, under 5 s. Never rejects.
   * @param waitUntil keeps the refresh alive after the answer
   */
  current(waitUntil: (work: Promise<unknown>) => void): Promise<HealthSnapshot>;
  /** What is known without asking anybody; null where that is nothing, or older than 10 minutes. */
  peek(): HealthSnapshot | null;
  /** {@link peek}, and what other isolates have left in KV; waits for no service. Never rejects. */
  known(): Promise<HealthSnapshot | null>;
  /** Asks all services now; callers at the same time share one round. Never rejects. */
  refresh(): Promise<HealthSnapshot>;
};

export type HealthDeps = {
  config: Config;
  fetch: typeof fetch;
  /** Null: memory alone. */
  kv: HealthKv | null;
  /** Milliseconds since the epoch. */
  now: () => number;
  memory: HealthMemory;
  /** Called with what changed, at most once a round, never with an empty list. */
  onChange: (changes: HealthChange[]) => void;
  /** Aborts after so many milliseconds. */
  deadline?: (ms: number) => AbortSignal;
};

export function createHealthService(deps: HealthDeps): HealthService {
  const { config, kv, now, memory, onChange, deadline = (ms) => AbortSignal.timeout(ms) } = deps;

  const ageOf = (snapshot: HealthSnapshot) => now() - Date.parse(snapshot.checked_at);

  function peek(): HealthSnapshot | null {
    const { snapshot } = memory;
    return snapshot?.config_hash === config.hash && ageOf(snapshot) < STALE_MS ? snapshot : null;
  }

  function whenAborted(ms: number): Promise<null> {
    const signal = deadline(ms);
    return new Promise((resolve) => {
      if (signal.aborted) resolve(null);
      else signal.addEventListener('abort', () => resolve(null), { once: true });
    });
  }

  /** Takes up what another isolate found out, where that is newer than what this one knows. */
  async function readKv(): Promise<void> {
    if (kv === null) return;
    const cached = await Promise.race([readCached(kv, config.hash), whenAborted(KV_MS)]);
    if (cached === null || ageOf(cached) >= STALE_MS) return;
    const known = peek();
    if (known !== null && Date.parse(known.checked_at) >= Date.parse(cached.checked_at)) return;
    memory.snapshot = cached;
    memory.written = { at: Date.parse(cached.checked_at), content: contentOf(cached) };
  }

  async function writeKv(snapshot: HealthSnapshot): Promise<void> {
    const content = contentOf(snapshot);
    const { written } = memory;
    if (kv === null || (written?.content === content && now() - written.at < REWRITE_MS)) return;
    if (await writeCached(kv, snapshot)) memory.written = { at: now(), content };
  }

  async function runRound(): Promise<HealthSnapshot> {
    const round = await probeAll(config, { fetch: deps.fetch, now, signal: deadline(ROUND_MS) });
    const before = memory.snapshot?.config_hash === config.hash ? memory.snapshot : null;
    const snapshot = foldRound(round, config, now());
    memory.snapshot = snapshot;
    const changes = healthChanges(before, snapshot);
    try {
      if (changes.length > 0) onChange(changes);
    } catch {
      // A log that fails must not take the health along.
    }
    return snapshot;
  }

  /** One round for all who want one; `result` is there before KV is written, `done` after. */
  function shareRound(): { result: Promise<HealthSnapshot>; done: Promise<unknown> } {
    const { running } = memory;
    if (running?.configHash === config.hash && now() - running.since < WAIT_MS) {
      return { result: running.result, done: running.result };
    }
    const mine = { configHash: config.hash, since: now(), result: runRound() };
    memory.running = mine;
    const done = mine.result.then(writeKv).finally(() => {
      if (memory.running === mine) memory.running = null;
    });
    return { result: mine.result, done };
  }

  async function refresh(): Promise<HealthSnapshot> {
    const { result, done } = shareRound();
    // As in `current`: a round of another request may never end.
    await Promise.race([done, whenAborted(WAIT_MS)]);
    return (await Promise.race([result, whenAborted(0)])) ?? givenUp();
  }

  /** For a caller whose time is up: what has not answered is down. It is not kept; the round is still running. */
  async function givenUp(): Promise<HealthSnapshot> {
    const round = await probeAll(config, { fetch: deps.fetch, now, signal: AbortSignal.abort() });
    return foldRound(round, config, now());
  }

  async function current(waitUntil: (work: Promise<unknown>) => void): Promise<HealthSnapshot> {
    const known = peek();
    if (known !== null) {
      if (ageOf(known) >= FRESH_MS) waitUntil(shareRound().done);
      return known;
    }
    // One clock for KV and probes together. A round of another request may never end: its I/O dies with it.
    const timeUp = whenAborted(WAIT_MS);
    await readKv();
    const cached = peek();
    if (cached !== null && ageOf(cached) < FRESH_MS) return cached;
    const { result, done } = shareRound();
    waitUntil(done);
    return cached ?? (await Promise.race([result, timeUp])) ?? givenUp();
  }

  async function known(): Promise<HealthSnapshot | null> {
    if (peek() === null) await readKv();
    return peek();
  }

  return { current, known, peek, refresh };
}
