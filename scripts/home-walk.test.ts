import { describe, expect, it } from 'vitest';
import { type Agent, AgentError, type AgentEvent } from '../worker/agents/agent.ts';
import { aConfig, aSnapshot } from '../worker/models/test-world.ts';
import { walkHome } from './home-walk.ts';

/** Answers with these words, so many milliseconds apart. */
function answering(words: string[], apartMs: number) {
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
  return { agent, signal: new AbortController().signal, now: () => time };
}
const failing: Agent = {
  // biome-ignore lint/correctness/useYield: it fails before the first event
  async *stream() {
    throw new AgentError('transient', 'LiteLLM answers with an error (500).', { status: 500 });
  },
};
const words = ['one ', 'two ', 'three ', 'four ', 'five '];

describe('the walk to the home model', () => {
  it('goes from the tunnel to a stream that comes piece by piece', async () => {
    const config = aConfig();
    const links = await walkHome(config, aSnapshot(config), answering(words, 50));
    expect(links.every((link) => link.ok)).toBe(true);
    expect(links.map((link) => link.name)).toEqual([
      'tunnel, access, proxy, key',
      'version',
      'model',
      'Ollama',
      'one token',
      'streaming',
    ]);
  });

  it('finds a layer that gathers the stream', async () => {
    const config = aConfig();
    const links = await walkHome(config, aSnapshot(config), answering(words, 0));
    expect(links.at(-1)).toMatchObject({ name: 'streaming', ok: false });
  });

  it('ends at the first broken link', async () => {
    const config = aConfig();
    const home_model = {
      state: 'tunnel_down',
      reason: 'The tunnel to LiteLLM is not connected: start cloudflared.',
    } as const;
    const links = await walkHome(config, aSnapshot(config, { home_model }), answering(words, 50));
    expect(links).toEqual([{ name: 'tunnel', ok: false, told: home_model.reason }]);
  });

  it('tells a completion that fails in the words of its fault', async () => {
    const config = aConfig();
    const links = await walkHome(config, aSnapshot(config), { ...answering([], 0), agent: failing });
    expect(links.at(-1)).toEqual({
      name: 'completion',
      ok: false,
      told: 'LiteLLM answers with an error (500).',
    });
  });

  it('has nothing to walk where there is no home side', async () => {
    const config = aConfig({ LITELLM_ENABLED: 'false' });
    expect(await walkHome(config, aSnapshot(config), answering([], 0))).toEqual([]);
  });
});
