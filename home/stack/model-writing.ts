import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod/mini';
import type { OllamaTool } from './ollama-tools.ts';
import { asQwenReads, type TemplateMessage } from './qwen-template.ts';

export type Asked = {
  messages: TemplateMessage[];
  tools: OllamaTool[];
  options?: { num_predict?: number | undefined; temperature?: number | undefined } | undefined;
};

/**
 * How a question is answered: by the real model, by the real model held to a grammar (GBNF, of llama.cpp), or with a
 * text in its place, `paceMs` between its pieces, behind which the runner breaks down where that is said.
 */
export type Manner = 'real' | { grammar: string } | Recital;
type Recital = { text: string; paceMs?: number; breaks?: boolean };

/** What a model writes, piece by piece; last comes how it ended. */
export type Piece = string | { reason: string; promptTokens: number; writtenTokens: number };

const chunkSchema = z.object({
  choices: z.array(
    z.object({
      delta: z.object({ content: z.nullish(z.string()) }),
      finish_reason: z.nullish(z.string()),
    }),
  ),
  usage: z.nullish(z.object({ prompt_tokens: z.number(), completion_tokens: z.number() })),
});

/** About a token, so that every mark is cut somewhere. */
const PIECE_CHARS = 4;

async function* recite(
  { text, paceMs = 0, breaks = false }: Recital,
  most: number,
  gone: AbortSignal,
): AsyncGenerator<Piece> {
  const whole = Math.ceil(text.length / PIECE_CHARS);
  const writtenTokens = Math.min(whole, most);
  for (let nth = 0; nth < writtenTokens; nth++) {
    if (paceMs > 0) await pause(paceMs, undefined, { signal: gone });
    yield text.slice(nth * PIECE_CHARS, (nth + 1) * PIECE_CHARS);
  }
  if (breaks) throw new Error('an error was encountered while running the model: unexpected EOF');
  yield { reason: writtenTokens < whole ? 'length' : 'stop', promptTokens: 100, writtenTokens };
}

/** @throws when the model server does not answer */
export async function* write(
  modelUrl: string,
  { messages, tools, options }: Asked,
  manner: Manner,
  gone: AbortSignal,
): AsyncGenerator<Piece, void, undefined> {
  if (manner !== 'real' && 'text' in manner) {
    return yield* recite(manner, options?.num_predict ?? Number.POSITIVE_INFINITY, gone);
  }
  const upstream = await fetch(`${modelUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'smol',
      messages: asQwenReads(messages, tools),
      max_tokens: options?.num_predict,
      temperature: options?.temperature,
      stream: true,
      stream_options: { include_usage: true },
      ...(manner === 'real' ? {} : { grammar: manner.grammar }),
    }),
    signal: gone,
  });
  if (!upstream.ok || upstream.body === null) throw new Error(`the runner answered ${upstream.status}`);
  let end = { reason: 'stop', promptTokens: 0, writtenTokens: 0 };
  for await (const row of createInterface({ input: Readable.fromWeb(upstream.body) })) {
    if (!row.startsWith('data: {')) continue;
    const { choices, usage } = chunkSchema.parse(JSON.parse(row.slice('data: '.length)));
    const content = choices[0]?.delta.content ?? '';
    if (content !== '') yield content;
    end = { ...end, reason: choices[0]?.finish_reason ?? end.reason };
    if (usage) end = { ...end, promptTokens: usage.prompt_tokens, writtenTokens: usage.completion_tokens };
  }
  yield end;
}
