import type { ServerResponse } from 'node:http';
import type { Asked, Piece } from './model-writing.ts';
import { type OllamaCall, ToolParser } from './ollama-tools.ts';

export type Chat = Asked & { model: string; stream: boolean };

/** Nanoseconds, as all of Ollama's durations. */
function since(started: number): number {
  return Math.round((performance.now() - started) * 1e6);
}

/**
 * Answers as `/api/chat` does with what a model writes: NDJSON, or one object where no stream is wanted. Where tools are
 * offered, the calls of them are taken out of the text, and each is sent whole.
 */
export async function chatOver(
  writing: AsyncIterable<Piece>,
  chat: Chat,
  loadMs: number,
  response: ServerResponse,
  onOutput: () => void,
): Promise<void> {
  const started = performance.now();
  const line = (message: { content: string; tool_calls?: OllamaCall[] }, more: object) =>
    `${JSON.stringify({
      model: chat.model,
      created_at: new Date().toISOString(),
      message: { role: 'assistant', ...message },
      ...more,
    })}\n`;
  const type = chat.stream ? 'application/x-ndjson' : 'application/json; charset=utf-8';
  const parser = chat.tools.length === 0 ? null : new ToolParser(chat.tools);
  let text = '';
  const calls: OllamaCall[] = [];
  const say = (piece: { text: string; calls: OllamaCall[] }) => {
    text += piece.text;
    calls.push(...piece.calls);
    if (!chat.stream || (piece.text === '' && piece.calls.length === 0)) return;
    if (!response.headersSent) response.writeHead(200, { 'content-type': type });
    const { text: content, calls: tool_calls } = piece;
    if (content !== '') response.write(line({ content }, { done: false }));
    if (tool_calls.length > 0) response.write(line({ content: '', tool_calls }, { done: false }));
    onOutput();
  };
  try {
    for await (const piece of writing) {
      if (typeof piece === 'string') {
        say(parser?.add(piece) ?? { text: piece, calls: [] });
        continue;
      }
      say({ text: parser?.end() ?? '', calls: [] });
      if (!response.headersSent) response.writeHead(200, { 'content-type': type });
      const whole = { content: text, ...(calls.length === 0 ? {} : { tool_calls: calls }) };
      response.end(
        line(chat.stream ? { content: '' } : whole, {
          done: true,
          done_reason: piece.reason,
          total_duration: since(started) + loadMs * 1e6,
          load_duration: loadMs * 1e6,
          prompt_eval_count: piece.promptTokens,
          prompt_eval_duration: 0,
          eval_count: piece.writtenTokens,
          eval_duration: since(started),
        }),
      );
    }
  } catch (error) {
    if (response.destroyed) throw error;
    const words = JSON.stringify({ error: error instanceof Error ? error.message : String(error) });
    // Once something was said, the status is gone, and the error is a line of the stream.
    if (response.headersSent) return void response.end(`${words}\n`);
    response.writeHead(500, { 'content-type': 'application/json; charset=utf-8' });
    response.end(words);
  }
}
