import type { ModelEntry } from '../models/types.ts';
import type { Agent } from './agent.ts';

/** A load takes a minute or two; asking again meanwhile would only queue at home. Milliseconds. */
export const WARM_UP_PAUSE_MS = 120_000;

/** When the home model was last asked to load; one an isolate, kept by the caller. */
export type WarmUpMemory = { at: number };

/**
 * Makes Ollama load the home model: one token of an answer to a greeting, nothing of any conversation. It is
 * left to run to its end: Ollama itself gives a load up when its asker leaves. Never rejects: a home that does
 * not answer is the health's to tell.
 * @returns false when it was asked a short while ago
 */
export async function warmUp(
  entry: ModelEntry,
  deps: { createAgent: (entry: ModelEntry) => Agent; now: () => number; memory: WarmUpMemory },
): Promise<boolean> {
  const { createAgent, now, memory } = deps;
  if (now() - memory.at < WARM_UP_PAUSE_MS) return false;
  memory.at = now();
  try {
    const events = createAgent(entry).stream(
      {
        upstreamModel: entry.upstream_model ?? entry.id,
        turns: [{ role: 'user', text: 'Hello' }],
        system: '',
        maxTokens: 1,
        thinking: 'none',
      },
      new AbortController().signal,
    );
    for await (const _ of events) {
      // Only that it comes matters.
    }
  } catch {
    // See above.
  }
  return true;
}
