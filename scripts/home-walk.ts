import { type Agent, AgentError, type AgentRequest } from '../worker/agents/agent.ts';
import type { Config } from '../worker/config.ts';
import type { HealthSnapshot } from '../worker/health/types.ts';

/** One link of the way to the home model. `finding` says what to do where it is broken. */
export type Link = { name: string; ok: boolean; told: string };

type Completion = { pieces: number; spreadMs: number; firstMs: number; text: string };

async function complete(
  agent: Agent,
  request: AgentRequest,
  signal: AbortSignal,
  now: () => number,
): Promise<Completion> {
  const started = now();
  const arrivals: number[] = [];
  let text = '';
  for await (const event of agent.stream(request, signal)) {
    if (event.type !== 'text') continue;
    arrivals.push(now());
    text += event.text;
  }
  const first = arrivals[0] ?? now();
  return {
    pieces: arrivals.length,
    spreadMs: (arrivals.at(-1) ?? first) - first,
    firstMs: first - started,
    text,
  };
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

function completionLinks(one: Completion, many: Completion): Link[] {
  const links: Link[] = [{ name: 'one token', ok: true, told: `answered after ${seconds(one.firstMs)}` }];
  // A stream that a layer on the way has gathered arrives in one go, however many pieces it was sent in.
  const streams = many.pieces > 2 && many.spreadMs > 20;
  links.push({
    name: 'streaming',
    ok: streams || many.text.length < 10,
    told: streams
      ? `${many.pieces} pieces over ${seconds(many.spreadMs)}`
      : 'the answer came all at once: something on the way gathers it. Use a named tunnel, not a quick one, and no proxy that buffers.',
  });
  return links;
}

/**
 * Walks to the home model link by link, and ends at the first one that is broken: the way and the gate before the
 * proxy, the proxy, its key, its version, its model list, Ollama, then a completion of one token and a short one
 * that must arrive piece by piece.
 * @param snapshot a round of probes of just now
 */
export async function walkHome(
  config: Config,
  snapshot: HealthSnapshot,
  deps: { agent: Agent; signal: AbortSignal; now: () => number },
): Promise<Link[]> {
  if (config.litellm === null) {
    return config.litellmEnabled
      ? [{ name: 'settings', ok: false, told: config.litellmOffReason ?? '' }]
      : [];
  }
  const { litellm, ollama } = snapshot.services;
  const { state, reason } = snapshot.home_model;
  if (reason !== null) {
    const name = {
      tunnel_down: 'tunnel',
      not_allowed: 'access and keys',
      model_missing: 'model',
      ollama_down: 'Ollama',
    }[state as string];
    return [{ name: name ?? 'proxy', ok: false, told: reason }];
  }
  const links: Link[] = [
    { name: 'tunnel, access, proxy, key', ok: true, told: litellm.detail },
    { name: 'version', ok: true, told: litellm.version ?? 'not told by the proxy' },
    { name: 'model', ok: true, told: `${config.litellm.model} is listed` },
  ];
  if (ollama.status === 'up') links.push({ name: 'Ollama', ok: true, told: ollama.detail });
  if (state === 'cold')
    links.push({ name: 'memory', ok: true, told: 'the model is not loaded yet: the next step waits for it' });
  const request = (content: string, maxTokens: number): AgentRequest => ({
    upstreamModel: config.litellm?.model ?? '',
    turns: [{ role: 'user', text: content }],
    system: '',
    maxTokens,
    thinking: 'none',
  });
  try {
    const one = await complete(deps.agent, request('Hello', 1), deps.signal, deps.now);
    const many = await complete(
      deps.agent,
      request('Count from one to twenty in words.', 60),
      deps.signal,
      deps.now,
    );
    return [...links, ...completionLinks(one, many)];
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    return [...links, { name: 'completion', ok: false, told: error.message }];
  }
}
