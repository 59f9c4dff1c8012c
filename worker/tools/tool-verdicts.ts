import type { ToolState } from '../../shared/index.ts';
import type { HealthKv } from '../health/cache.ts';
import type { ModelEntry } from '../models/types.ts';

/** A model that can use tools will not forget it; one that could not may have been exchanged behind its name. Seconds. */
const KEPT_S = { verified: 30 * 86_400, failed: 86_400 } as const;
type Verdict = keyof typeof KEPT_S;

/** One an isolate: what is known of local models, and what is being found out. */
export type VerdictMemory = Map<string, { verdict: Verdict | null; wasProbed: boolean; until: number }>;

export type ToolVerdicts = {
  /** Without asking anybody: what was loaded, and of Claude what everybody knows. */
  stateOf(entry: ModelEntry): ToolState;
  /** Looks up what an earlier probe has found. Never rejects. */
  load(entries: readonly ModelEntry[]): Promise<void>;
  /**
   * Has a local model probed that nobody knows anything about; once, whoever asks. Never rejects.
   * @param probe null: it could not be asked
   * @returns whether something new is known
   */
  findOut(entry: ModelEntry, probe: () => Promise<boolean | null>): Promise<boolean>;
};

/** After a probe that came to nothing, and where KV had nothing, it is not asked again so soon. Milliseconds. */
const AGAIN_MS = 300_000;

export function createToolVerdicts(deps: {
  /** Of the whole configuration: another proxy is another model. */
  configHash: string;
  kv: HealthKv | undefined;
  memory: VerdictMemory;
  now: () => number;
}): ToolVerdicts {
  const { configHash, kv, memory, now } = deps;
  const keyOf = ({ upstream_model, id }: ModelEntry) => `tools:v1:${configHash}:${upstream_model ?? id}`;
  const isLocal = ({ provider, capabilities }: ModelEntry) => provider !== 'anthropic' && capabilities.tools;

  function known(entry: ModelEntry): { verdict: Verdict | null; wasProbed: boolean } | null {
    const found = memory.get(keyOf(entry));
    return found !== undefined && now() < found.until ? found : null;
  }

  function note(entry: ModelEntry, verdict: Verdict | null, wasProbed: boolean, ms: number): void {
    memory.set(keyOf(entry), { verdict, wasProbed, until: now() + ms });
  }

  return {
    stateOf(entry) {
      if (!entry.capabilities.tools) return 'unsupported';
      if (!isLocal(entry)) return 'verified';
      return known(entry)?.verdict ?? 'untested';
    },

    async load(entries) {
      await Promise.all(
        entries
          .filter((entry) => isLocal(entry) && known(entry) === null)
          .map(async (entry) => {
            const stored = await kv?.get(keyOf(entry)).catch(() => null);
            const verdict = stored === 'verified' || stored === 'failed' ? stored : null;
            note(entry, verdict, false, AGAIN_MS);
          }),
      );
    },

    async findOut(entry, probe) {
      if (!isLocal(entry) || now() - (asking.get(keyOf(entry)) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS)
        return false;
      const before = known(entry);
      if (before !== null && (before.verdict !== null || before.wasProbed)) return false;
      asking.set(keyOf(entry), now());
      try {
        const did = await probe();
        if (did === null) {
          note(entry, null, true, AGAIN_MS);
          return false;
        }
        const verdict: Verdict = did ? 'verified' : 'failed';
        note(entry, verdict, true, KEPT_S[verdict] * 1000);
        await kv?.put(keyOf(entry), verdict, { expirationTtl: KEPT_S[verdict] }).catch(() => {});
        return true;
      } catch {
        return false;
      } finally {
        asking.delete(keyOf(entry));
      }
    },
  };
}

/** What is being probed in this isolate, and since when: a probe may be gone with the object that asked. */
const asking = new Map<string, number>();
