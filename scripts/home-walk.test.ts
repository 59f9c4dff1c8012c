import { describe, expect, it } from 'vitest';
import { type Agent, AgentError, type AgentEvent } from '../worker/agents/agent.ts';
import { aConfig, aSnapshot } from '../worker/models/test-world.ts';
import type { Link } from './home-links.ts';
import { type HomeWalkDeps, walkHome } from './home-walk.ts';

/** Answers with these words, so many milliseconds apart. */
function answering(words: string[], apartMs: number): HomeWalkDeps {
  let time = 0;
  const agent: Agent = {
    async *stream(): AsyncGenerator<AgentEvent> {
      for (const text of words) {
        time += apartMs;
        yield { type: 'text', text };
      }
      yield { type: 'end', stop: 'end_turn' };
    },
  };
  const never = () => new Promise(() => {});
  return { agent, signal: new AbortController().signal, now: () => time, pause: never };
}
const failing: Agent = {
  // biome-ignore lint/correctness/useYield: it fails before the first event
  async *stream() {
    throw new AgentError('transient', 'LiteLLM answers with an error (500).', { status: 500 });
  },
};
const words = ['one ', 'two ', 'three ', 'four ', 'five '];
const config = aConfig();

async function walked(deps: HomeWalkDeps, snapshot = aSnapshot(config)): Promise<Link[]> {
  const links: Link[] = [];
  for await (const link of walkHome('ollama-qwen2.5', snapshot, deps)) links.push(link);
  return links;
}

describe('the walk to the home model', () => {
  it('goes from the tunnel to a stream that comes piece by piece', async () => {
    const links = await walked(answering(words, 50));
    expect(links.every(({ state }) => state === 'ok')).toBe(true);
    expect(links.map(({ name }) => name)).toEqual([
      ...['tunnel', 'Access', 'proxy', 'key', 'version', 'model list', 'Ollama', 'loading'],
      ...['completion', 'streaming'],
    ]);
  });

  it('finds a layer that gathers the stream', async () => {
    const links = await walked(answering(words, 0));
    expect(links.at(-1)).toMatchObject({ name: 'streaming', state: 'broken' });
  });

  it('ends at the first broken link, without asking a model', async () => {
    const reason = 'The tunnel to LiteLLM is not connected: start cloudflared.';
    const snapshot = aSnapshot(config, { home_model: { state: 'tunnel_down', reason } });
    const links = await walked({ ...answering([], 0), agent: failing }, snapshot);
    expect(links).toEqual([{ name: 'tunnel', state: 'broken', told: reason }]);
  });

  it('waits for a cold model, and says so first', async () => {
    const snapshot = aSnapshot(config, { home_model: { state: 'cold', reason: null } });
    const links = await walked(answering(words, 50), snapshot);
    expect(links.map(({ name, state }) => `${state} ${name}`).slice(-3)).toEqual([
      ...['waiting loading', 'ok completion', 'ok streaming'],
    ]);
  });

  it('tells a completion that fails in the words of its fault', async () => {
    const links = await walked({ ...answering([], 0), agent: failing });
    const told = 'LiteLLM answers with an error (500).';
    expect(links.at(-1)).toEqual({ name: 'completion', state: 'broken', told });
  });
});
