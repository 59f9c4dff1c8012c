import type { ServerResponse } from 'node:http';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import * as z from 'zod/mini';

type Chat = {
  model: string;
  stream: boolean;
  messages: { role: string; content: string }[];
  options?: { num_predict?: number; temperature?: number };
};

const chunkSchema = z.object({
  choices: z.array(
    z.object({
      delta: z.object({ content: z.nullish(z.string()) }),
      finish_reason: z.nullish(z.string()),
    }),
  ),
  usage: z.nullish(z.object({ prompt_tokens: z.number(), completion_tokens: z.number() })),
});

/** Nanoseconds, as all of Ollama's durations. */
function since(started: number): number {
  return Math.round((performance.now() - started) * 1e6);
}

/** Asks the model behind and answers as `/api/chat` does: NDJSON, or one object where no stream is wanted. */
export async function chatOver(
  modelUrl: string,
  chat: Chat,
  loadMs: number,
  response: ServerResponse,
  gone: AbortSignal,
  onText: () => void,
): Promise<void> {
  const started = performance.now();
  const upstream = await fetch(`${modelUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'smol',
      messages: chat.messages,
      max_tokens: chat.options?.num_predict,
      temperature: chat.options?.temperature,
      stream: true,
      stream_options: { include_usage: true },
    }),
    signal: gone,
  });
  if (!upstream.ok || upstream.body === null) {
    const error = `the runner answered ${upstream.status}`;
    response.writeHead(500, { 'content-type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify({ error }));
    return;
  }
  const line = (content: string, more: object) =>
    `${JSON.stringify({
      model: chat.model,
      created_at: new Date().toISOString(),
      message: { role: 'assistant', content },
      ...more,
    })}\n`;
  const type = chat.stream ? 'application/x-ndjson' : 'application/json; charset=utf-8';
  response.writeHead(200, { 'content-type': type });
  let text = '';
  let reason = 'stop';
  let counts = {};
  for await (const row of createInterface({ input: Readable.fromWeb(upstream.body) })) {
    if (!row.startsWith('data: {')) continue;
    const { choices, usage } = chunkSchema.parse(JSON.parse(row.slice('data: '.length)));
    const content = choices[0]?.delta.content ?? '';
    text += content;
    if (chat.stream && content !== '') {
      response.write(line(content, { done: false }));
      onText();
    }
    reason = choices[0]?.finish_reason ?? reason;
    if (usage) counts = { prompt_eval_count: usage.prompt_tokens, eval_count: usage.completion_tokens };
  }
  const end = {
    done: true,
    done_reason: reason,
    total_duration: since(started) + loadMs * 1e6,
    load_duration: loadMs * 1e6,
    ...counts,
    prompt_eval_duration: 0,
    eval_duration: since(started),
  };
  response.end(line(chat.stream ? '' : text, end));
}
