import { onTestFinished } from 'vitest';
import { Client } from './client.ts';
import { http } from './http.ts';
import type { Program } from './program.ts';
import type { ScriptedCall } from './tool-wire.ts';
import type { Script, Upstream } from './upstream.ts';

/** Tests of tools run on both. */
export const PATHS = [
  { way: 'Claude direct', model: 'claude-sonnet-5-5', path: '/v1/messages' },
  { way: 'home through LiteLLM', model: 'ollama-qwen2.5', path: '/v1/chat/completions' },
] as const;

/** A new session bound to this model; its socket goes with the test. */
export async function open(program: Program, model: string) {
  const { client, session } = await Client.connect(program.url);
  onTestFinished(() => client.close());
  client.send({ type: 'model_change', model });
  const { conversation_id: conversation } = await client.next('model_changed');
  return { client, session: session.session_id, conversation };
}

/** Comes back to a session, with a cursor or without. */
export async function comeBack(
  program: Program,
  session: string,
  cursor: { conversation?: string; after?: number } = {},
) {
  const back = await Client.connect(program.url, { session, ...cursor });
  onTestFinished(() => back.client.close());
  return back;
}

/** A step of a model: words, and then calls. */
export function calling(text: string, ...calls: ScriptedCall[]): Script {
  return (stream) => {
    stream.start();
    if (text !== '') stream.text(text);
    stream.tools(calls);
    stream.end();
  };
}

/** The last step of a model. */
export function saying(...pieces: string[]): Script {
  return (stream) => {
    stream.start();
    for (const piece of pieces) stream.text(piece);
    stream.end();
  };
}

/** A question with this word is answered by these steps: the first, then one for each round that has its results. */
export function inRounds(upstream: Upstream, word: string, ...steps: [Script, ...Script[]]): void {
  upstream.on(word, (stream, asked) => {
    const step = steps[asked.rounds.length];
    if (step === undefined)
      return stream.refuse(500, 'api_error', `no step after round ${asked.rounds.length}`);
    return step(stream, asked);
  });
}

/** All requests for answers that were asked by this word, oldest first. */
export function askedBy(upstream: Upstream, word: string) {
  return upstream.asked.filter(({ question }) => question.includes(word));
}

/** The kinds of frames that have a number, repeated ones once. */
export function kindsOf(client: Client): string[] {
  const kinds = client.frames.flatMap((frame) => ('seq' in frame ? [frame.type as string] : []));
  return kinds.filter((kind, index) => kind !== kinds[index - 1]);
}

export function countedFrom(first: number, seqs: readonly number[]): number[] {
  return seqs.map((_, index) => first + index);
}

/** The audit of a session, newest first. */
export async function auditOf(program: Program, session: string): Promise<Record<string, unknown>[]> {
  const headers = { Authorization: `Bearer ${session}`, Origin: program.url };
  const { json } = await http(program, '/tool-calls', { headers });
  return (json as { tool_calls: Record<string, unknown>[] }).tool_calls;
}

/** `MCP_SERVERS` as text. */
export const servers = (...entries: object[]): string => JSON.stringify(entries);
