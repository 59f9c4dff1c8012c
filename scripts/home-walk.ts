import { type Agent, AgentError, type AgentRequest } from '../worker/agents/agent.ts';
import type { HealthSnapshot } from '../worker/health/types.ts';
import { type Arrival, completionLink, patiently, streamingLink, watchArrival } from './arrival.ts';
import { type Link, probedLinks } from './home-links.ts';

export type HomeWalkDeps = {
  agent: Agent;
  signal: AbortSignal;
  /** Milliseconds, of any beginning. */
  now: () => number;
  pause: (ms: number) => Promise<unknown>;
};

async function complete(request: AgentRequest, deps: HomeWalkDeps): Promise<Arrival> {
  const arrival = watchArrival(deps.now);
  for await (const event of deps.agent.stream(request, deps.signal)) {
    if (event.type === 'text' || event.type === 'thinking') arrival.piece(event.text);
  }
  deps.signal.throwIfAborted();
  return arrival.result();
}

/**
 * Walks to the home model link by link, and ends at the first one that is broken: the way and the gate before the
 * proxy, the proxy, its key, its version, its model list, Ollama, then a completion of one token and a short one
 * that must arrive piece by piece.
 * @param model `model_name` of LiteLLM
 * @param snapshot a round of probes of just now
 */
export async function* walkHome(
  model: string,
  snapshot: HealthSnapshot,
  deps: HomeWalkDeps,
): AsyncGenerator<Link> {
  const { state, reason } = snapshot.home_model;
  const probed = probedLinks(snapshot.services, reason, state === 'cold');
  yield* probed;
  if (probed.some((link) => link.state === 'broken')) return;

  const ask = (question: string, maxTokens: number) =>
    patiently(
      complete(
        {
          upstreamModel: model,
          turns: [{ role: 'user', text: question }],
          system: '',
          maxTokens,
          thinking: 'none',
        },
        deps,
      ),
      deps.pause,
    );
  try {
    yield completionLink(yield* ask('Hello', 1));
    yield streamingLink(yield* ask('Count from one to twenty in words.', 60));
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    yield { name: 'completion', state: 'broken', told: error.message };
  }
}
