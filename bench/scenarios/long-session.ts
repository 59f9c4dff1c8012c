import * as z from 'zod/mini';
import { question } from '../arms/arm.ts';
import { readDirectly } from '../arms/direct.ts';
import { Client, clock } from '../client.ts';
import { fileOf, fill, longTexts } from '../long-session.ts';
import type { Stage } from '../stage.ts';
import { type Figure, median, rounded, spread } from '../stats.ts';

const GOAL = 1.5;
const SCRIPT = { deltas: 1, everyMs: 0 };

const openSchema = z.object({
  session_id: z.string(),
  conversation: z.object({ id: z.string(), message_count: z.number() }),
});

type Kind = 'long' | 'empty';
const KINDS = ['empty', 'long'] as const;

/**
 * A session of many messages beside empty ones: from opening the socket to the state of the chat, the first time after
 * the start of the process and then again; and the first delta of an answer in it, next to a direct reader that asks
 * with as much history.
 */
export async function longSession(
  stage: Stage,
  options: { messages: number; sessions: number; times: number },
): Promise<Figure[]> {
  const { messages, times } = options;
  const disk = stage.folder();
  try {
    const texts = longTexts(messages);
    const sessions = await makeSessions(stage, disk.path, options.sessions, texts);
    const { host, close } = await stage.fresh('session', { folder: disk.path });
    try {
      // The process itself is not what is measured.
      await opening(host.url, null);
      const cold: Record<Kind, number[]> = { empty: [], long: [] };
      const warm: Record<Kind, number[]> = { empty: [], long: [] };
      for (let i = 0; i < options.sessions * (times + 1); i++) {
        stage.signal.throwIfAborted();
        const times = i < options.sessions ? cold : warm;
        for (const kind of KINDS) {
          const { ms, count } = await opening(host.url, sessions[kind][i % options.sessions] ?? null);
          if (count !== (kind === 'long' ? messages : 0)) throw new Error(`A ${kind} one holds ${count}.`);
          times[kind].push(ms);
        }
      }
      const answers = await asked(stage, host.url, sessions, texts, times * 2);
      return [
        opened(`opening a session, ${messages} messages, first time`, cold),
        opened(`opening a session, ${messages} messages, again`, warm),
        { name: `first delta, ${messages} messages`, arm: 'session', ...answers },
      ];
    } finally {
      await close();
    }
  } finally {
    disk.remove();
  }
}

function opened(name: string, ms: Record<Kind, number[]>): Figure {
  const ratio = rounded(median(ms.long) / median(ms.empty));
  const goal = { goal: `ratio <= ${GOAL}`, ok: ratio <= GOAL };
  return { name, arm: 'session', ...spread(ms.long), empty_p50: spread(ms.empty).p50, ratio, ...goal };
}

async function opening(url: string, session: string | null): Promise<{ ms: number; count: number }> {
  const start = clock();
  const client = await Client.open(url, session);
  const { at, frame } = await client.next('session');
  client.close();
  return { ms: at - start, count: z.parse(openSchema, frame).conversation.message_count };
}

/** Sessions of both kinds on one disk, which no process has open when they are there. */
async function makeSessions(
  stage: Stage,
  disk: string,
  count: number,
  texts: string[],
): Promise<Record<Kind, string[]>> {
  const { host, close } = await stage.fresh('session', { folder: disk });
  const made: { session_id: string; conversation: { id: string } }[] = [];
  try {
    for (let i = 0; i < 2 * count; i++) {
      const client = await Client.open(host.url);
      made.push(z.parse(openSchema, (await client.next('session')).frame));
      client.close();
    }
  } finally {
    await close();
  }
  const long = made.slice(0, count);
  for (const { session_id, conversation } of long) fill(fileOf(session_id, disk), conversation.id, texts);
  const ids = made.map(({ session_id }) => session_id);
  return { long: ids.slice(0, count), empty: ids.slice(count) };
}

async function asked(
  stage: Stage,
  url: string,
  sessions: Record<Kind, string[]>,
  texts: string[],
  times: number,
) {
  const history = texts.map((content, i) => ({ role: i % 2 === 0 ? 'user' : 'assistant', content }));
  const messages = [...history, { role: 'user', content: question(SCRIPT) }];
  const upstream = await stage.upstreamUrl();
  const direct = async () => {
    const { askedAt, deltas } = await readDirectly(upstream, { messages });
    return (deltas[0]?.at ?? Number.NaN) - askedAt;
  };
  const [long, empty] = await Promise.all([
    Client.open(url, sessions.long[0]),
    Client.open(url, sessions.empty[0]),
  ]);
  const took = { long: [] as number[], empty: [] as number[], direct: [] as number[] };
  for (let i = 0; i < times; i++) {
    stage.signal.throwIfAborted();
    took.direct.push(await direct());
    took.long.push(await ask(long));
    empty.send({ type: 'reset' });
    await empty.next('conversation_reset');
    took.empty.push(await ask(empty));
  }
  long.close();
  empty.close();
  const p50 = (samples: number[]) => rounded(median(samples));
  return { ...spread(took.long), empty_p50: p50(took.empty), direct_as_long_p50: p50(took.direct) };
}

async function ask(client: Client): Promise<number> {
  const start = clock();
  client.send({ type: 'chat', message: question(SCRIPT) });
  const { at } = await client.next('text_delta');
  await client.next('message_end');
  return at - start;
}
