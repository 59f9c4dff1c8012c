import { Client as McpClient, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import * as z from 'zod/mini';
import { Client, clock } from '../client.ts';
import { inTurns } from '../rounds.ts';
import type { Stage } from '../stage.ts';
import { added, type Figure, middle, type Spread, spread } from '../stats.ts';
import { startToolUpstream } from '../upstream-process.ts';

/** Calls of one answer: within the rounds that a model has, each in one of its own. */
const CALLS = 10;

const marksSchema = z.array(
  z.object({ what: z.enum(['asked', 'answered', 'called', 'told']), at: z.number() }),
);

/** Milliseconds of each call of some answers: the first of each, which opens the line to the server, and the others. */
type Times = { first: number[]; later: number[]; after: number[] };

/** One who makes the calls of one answer. */
type Caller = { name: 'direct' | 'session'; answer(): Promise<{ took: number[]; after: number[] }> };

/** The official client of the protocol, and nothing around it: a new connection for each answer. */
function directCaller(url: string): Caller {
  return {
    name: 'direct',
    async answer() {
      const took: number[] = [];
      const client = new McpClient(
        { name: 'bench', version: '1' },
        { capabilities: {}, versionNegotiation: { mode: 'legacy' } },
      );
      for (let q = 0; q < CALLS; q++) {
        const start = clock();
        if (q === 0) await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)));
        await client.callTool({ name: 'find', arguments: { q } });
        took.push(clock() - start);
      }
      await client.close();
      return { took, after: [] };
    },
  };
}

/** Asks the shipped Worker; the upstream says when it had answered, and when it was asked again. */
function sessionCaller(client: Client, url: string): Caller {
  return {
    name: 'session',
    async answer() {
      client.send({ type: 'reset' });
      await client.next('conversation_reset');
      await fetch(`${url}/marks`);
      client.send({ type: 'chat', message: JSON.stringify({ rounds: CALLS }) });
      await client.next('message_end');
      const marks = z.parse(marksSchema, await (await fetch(`${url}/marks`)).json());
      const of = (what: string) => marks.filter((mark) => mark.what === what).map(({ at }) => at);
      const [asked, answered, told] = [of('asked'), of('answered'), of('told')];
      if (asked.length !== CALLS + 1 || told.length !== CALLS) throw new Error('A round is missing.');
      const until = (from: number[]) =>
        from.slice(0, CALLS).map((at, i) => (asked[i + 1] ?? Number.NaN) - at);
      return { took: until(answered), after: until(told) };
    },
  };
}

/**
 * What a round of tools takes: from the end of what the model asked for to the first byte of the next request to it,
 * beside the same call made directly by the same client. One client, one server that answers at once.
 */
export async function toolRound(
  stage: Stage,
  options: { rounds: number; answers: number },
): Promise<Figure[]> {
  const upstream = await startToolUpstream();
  const { host, close } = await stage
    .fresh('session', {
      settings: {
        ANTHROPIC_BASE_URL: upstream.url,
        NETBOX_MCP_URL: `${upstream.url}/mcp`,
        NETBOX_ALLOWED_TOOLS: 'find',
      },
    })
    .catch((error: unknown) => {
      upstream.close();
      throw error;
    });
  try {
    const client = await Client.open(host.url);
    await client.next('session');
    client.send({ type: 'model_change', model: 'claude-sonnet-5-5' });
    await client.next('model_changed');
    const callers = [directCaller(upstream.url), sessionCaller(client, upstream.url)];
    const measure = async (caller: Caller): Promise<Record<keyof Times, Spread>> => {
      const times: Times = { first: [], later: [], after: [] };
      for (let i = 0; i < options.answers; i++) {
        stage.signal.throwIfAborted();
        const { took, after } = await caller.answer();
        times.first.push(...took.slice(0, 1));
        times.later.push(...took.slice(1));
        times.after.push(...after.slice(1));
      }
      return { first: spread(times.first), later: spread(times.later), after: spread(times.after) };
    };
    const turns = { rounds: options.rounds, warmUp: true, signal: stage.signal };
    const [direct = [], session = []] = await inTurns(callers, turns, measure);
    client.close();
    const figures = (name: string, key: 'first' | 'later', beside: object = {}): Figure[] => {
      const [floor, ours] = [direct.map((one) => one[key]), session.map((one) => one[key])];
      return [
        { name, arm: 'direct', ...middle(floor) },
        { name, arm: 'session', ...middle(ours), ...beside },
        { name: `${name}, added to the direct one`, arm: 'session', ...added(ours, floor) },
      ];
    };
    const after = middle(session.map((one) => one.after));
    return [
      ...figures('tool round', 'later', { after_the_result_p50: after.p50, after_the_result_p95: after.p95 }),
      ...figures('tool round, first of an answer', 'first'),
    ];
  } finally {
    await close();
    upstream.close();
  }
}
