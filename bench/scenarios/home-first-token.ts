import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod/mini';
import { prepareVenv } from '../../home/stack/python.ts';
import { TAG } from '../../home/stack/world.ts';
import { Trouble } from '../../scripts/children.ts';
import { Client, clock } from '../client.ts';
import { HOME_MODEL, type HomeWorld, startHomeWorld } from '../home-world.ts';
import { type Figure, percentile } from '../stats.ts';

const NAME = 'home first token';
/** The part of the model's own time that the way to it may add. Source: the requirements plan. */
const GOAL = 0.2;
/** LiteLLM imports what it needs with the first questions. */
const WARM_UP_ROUNDS = 5;
/** Every answer ends by itself, so that none is still running when the next question comes. */
const ANSWER_TOKENS = 8;
/** Lets the last answer's clearing up end, ms. */
const REST_MS = 50;

const WAYS = ['alone', 'litellm', 'session'] as const;
type Way = (typeof WAYS)[number];

/** One question: the whole time to its first text, and the part that Ollama's API had it, ms. */
type Sample = { whole: number; model: number };
type Turn = { role: string; content: string };

/**
 * What LiteLLM and the Worker add to the home model's first token, as a part of what the model alone needs for it. In
 * turns: the model alone, through LiteLLM, through the Worker and LiteLLM. The same system prompt and questions of the
 * same length whose beginning none had before, so that what the model remembers helps each way alike.
 * @returns one row, which says why where it was skipped
 */
export async function homeFirstToken(options: {
  rounds: number;
  /** As in `startWorld`. */
  storage: string | null;
  signal: AbortSignal;
  say: (line: string) => void;
}): Promise<Figure[]> {
  const { rounds, storage, signal, say } = options;
  const missing = await prepareVenv(signal, say).catch((error: unknown) => {
    if (error instanceof Trouble && !signal.aborted) return error.message;
    throw error;
  });
  if (missing !== null) return [{ name: NAME, skipped: missing }];
  const world = await startHomeWorld({ storage, maxTokens: ANSWER_TOKENS, signal });
  try {
    return [figureOf(await measure(world, rounds, signal))];
  } finally {
    await world.close();
  }
}

async function measure(
  world: HomeWorld,
  rounds: number,
  signal: AbortSignal,
): Promise<Record<Way, Sample[]>> {
  const client = await Client.open(world.url);
  await client.next('session');
  await askSession(client, question(0));
  const system = lastChat(world).messages.slice(0, -1);
  const { litellm, ollama } = world;
  const ask: Record<Way, (text: string) => Promise<number>> = {
    alone: (text) => askDirectly(`${ollama.url}/api/chat`, null, ollamaBody(system, text)),
    litellm: (text) =>
      askDirectly(`${litellm.url}/v1/chat/completions`, litellm.masterKey, openAiBody(system, text)),
    session: (text) => askSession(client, text),
  };
  const samples: Record<Way, Sample[]> = { alone: [], litellm: [], session: [] };
  for (let turn = 0; turn < (WARM_UP_ROUNDS + rounds) * WAYS.length; turn++) {
    signal.throwIfAborted();
    const round = Math.floor(turn / WAYS.length);
    // Who is first moves on with each round.
    const way = WAYS[(turn + round) % WAYS.length] ?? 'alone';
    const whole = await ask[way](question(turn + 1));
    const { model } = lastChat(world);
    if (round >= WARM_UP_ROUNDS) samples[way].push({ whole, model });
    await pause(REST_MS);
  }
  client.close();
  return samples;
}

/** Forty words, as an ordinary question has. */
function question(at: number): string {
  return (
    `In building ${at + 100} we have ${at + 300} access switches and two routers, and since the change of last night the ` +
    'clients in VLAN 20 get no address any more while those in VLAN 30 do. Which three things should I look at first?'
  );
}

const chatSchema = z.object({ messages: z.array(z.object({ role: z.string(), content: z.string() })) });

/** The last question that came to the model, however it came. */
function lastChat(world: HomeWorld): { messages: Turn[]; model: number } {
  const asked = world.ollama.requests.findLast(({ path }) => path === '/api/chat');
  if (asked?.answeredAt == null) throw new Error('The model did not answer.');
  return { messages: chatSchema.parse(asked.body).messages, model: asked.answeredAt - asked.arrivedAt };
}

/** As LiteLLM asks Ollama. */
function ollamaBody(system: Turn[], text: string): object {
  const messages = [...system, { role: 'user', content: text }];
  return { model: TAG, messages, stream: true, options: { num_predict: ANSWER_TOKENS } };
}

/** As the Worker asks LiteLLM. */
function openAiBody(system: Turn[], text: string): object {
  const messages = [...system, { role: 'user', content: text }];
  const stream = { stream: true, stream_options: { include_usage: true } };
  return { model: HOME_MODEL, messages, max_tokens: ANSWER_TOKENS, ...stream };
}

/** Milliseconds from a question in a conversation of its own to the first frame of text; returns after the answer. */
async function askSession(client: Client, text: string): Promise<number> {
  client.send({ type: 'reset' });
  await client.next('conversation_reset');
  const start = clock();
  client.send({ type: 'chat', message: text });
  const { at } = await client.next('text_delta');
  await client.next('message_end');
  return at - start;
}

/** Milliseconds from a request to its first piece of text, in Ollama's stream or OpenAI's; returns after the answer. */
async function askDirectly(url: string, key: string | null, body: object): Promise<number> {
  const start = clock();
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify(body),
  });
  let first: number | null = null;
  let answer = '';
  for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    answer += piece;
    if (first === null && /"content":\s*"[^"]/.test(answer)) first = clock() - start;
  }
  if (first === null) throw new Error(`${url} answered ${response.status} without text: ${answer}`);
  return first;
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

function figureOf(samples: Record<Way, Sample[]>): Figure {
  const median = (way: Way, of: (sample: Sample) => number) => percentile(samples[way].map(of), 0.5);
  const whole = (way: Way) => median(way, (sample) => sample.whole);
  // Without the model's own time, which varies by more than what the Worker adds.
  const around = (way: Way) => median(way, (sample) => sample.whole - sample.model);
  const added = whole('session') - whole('alone');
  const ratio = added / whole('alone');
  return {
    name: NAME,
    model_p50: rounded(whole('alone'), 1),
    litellm_p50: rounded(whole('litellm'), 1),
    session_p50: rounded(whole('session'), 1),
    added: rounded(added, 1),
    added_by_litellm: rounded(around('litellm') - around('alone'), 1),
    added_by_worker: rounded(around('session') - around('litellm'), 1),
    added_ratio: rounded(ratio, 3),
    n: samples.session.length,
    goal: `added_ratio < ${GOAL}`,
    ok: ratio < GOAL,
  };
}
