import { expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { FREE_TILL, type Till } from '../guard/till.ts';
import { buildRegistry } from '../models/registry.ts';
import { BOTH_SIDES } from '../testing/world.ts';
import { AgentError, type AgentRequest } from './agent.ts';
import { WARM_UP_PAUSE_MS, warmUp } from './warm-up.ts';

const entry = buildRegistry(readConfig(BOTH_SIDES)).entries.get('ollama-qwen2.5')!;

const ada = { who: 'password:ada', address: '192.0.2.1' };

function home(fail = false, till: Till = FREE_TILL) {
  const requests: AgentRequest[] = [];
  const memory = { at: Number.NEGATIVE_INFINITY };
  let time = 0;
  const createAgent = () => ({
    async *stream(request: AgentRequest) {
      requests.push(request);
      if (fail) throw new AgentError('transient', 'It is not there.');
      yield { type: 'end', stop: 'max_tokens' } as const;
    },
  });
  const ask = (at: number) => {
    time = at;
    return warmUp(entry, ada, { createAgent, till, now: () => time, memory });
  };
  return { requests, ask };
}

it('asks the home model for one token, and nothing of a conversation', async () => {
  const { requests, ask } = home();
  expect(await ask(0)).toBe(true);
  expect(requests).toMatchObject([
    { upstreamModel: 'ollama-qwen2.5', maxTokens: 1, turns: [{ text: 'Hello' }] },
  ]);
});

it('not again while it may still be loading', async () => {
  const { requests, ask } = home();
  await ask(0);
  expect(await ask(WARM_UP_PAUSE_MS - 1)).toBe(false);
  expect(await ask(WARM_UP_PAUSE_MS)).toBe(true);
  expect(requests).toHaveLength(2);
});

it('a home that does not answer is no error here', async () => {
  expect(await home(true).ask(0)).toBe(true);
});

it('is not asked where there is no money for it', async () => {
  const noMoney: Till = {
    ...FREE_TILL,
    reserve: async ({ payer }) => {
      expect(payer).toBe(ada);
      return { ok: false, refused: { code: 'budget_exhausted', message: 'Nothing is left.' }, budget: null };
    },
  };
  const { requests, ask } = home(false, noMoney);
  expect(await ask(0)).toBe(false);
  expect(requests).toEqual([]);
});
