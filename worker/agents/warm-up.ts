import type { Till } from '../guard/till.ts';
import type { Visitor } from '../guard/visitor.ts';
import type { ModelEntry } from '../models/types.ts';
import type { Agent, AgentRequest } from './agent.ts';

/** A load takes a minute or two; asking again meanwhile would only queue at home. Milliseconds. */
export const WARM_UP_PAUSE_MS = 120_000;

/** When the home model was last asked to load; one an isolate, kept by the caller. */
export type WarmUpMemory = { at: number };

/**
 * Makes Ollama load the home model: one token of an answer to a greeting, nothing of any conversation. It is
 * left to run to its end: Ollama itself gives a load up when its asker leaves. Never rejects: a home that does
 * not answer is the health's to tell.
 * Where `MODELS` gives it a price, that is paid for like any other call.
 * @param payer who is about to choose it
 * @returns false when it was asked a short while ago, or there is no money for it
 */
export async function warmUp(
  entry: ModelEntry,
  payer: Visitor,
  deps: { createAgent: (entry: ModelEntry) => Agent; till: Till; now: () => number; memory: WarmUpMemory },
): Promise<boolean> {
  const { createAgent, till, now, memory } = deps;
  if (now() - memory.at < WARM_UP_PAUSE_MS) return false;
  memory.at = now();
  const request: AgentRequest = {
    upstreamModel: entry.upstream_model ?? entry.id,
    turns: [{ role: 'user', text: 'Hello' }],
    system: '',
    maxTokens: 1,
    thinking: 'none',
  };
  const paid = await till.reserve({ entry, request, payer });
  if (!paid.ok) return false;
  try {
    const events = createAgent(entry).stream(request, new AbortController().signal);
    for await (const event of events) if (event.type === 'usage') paid.charge.counted(event.usage);
    paid.charge.settle('complete');
  } catch {
    // See above.
  } finally {
    paid.charge.settle('cut');
  }
  return true;
}
