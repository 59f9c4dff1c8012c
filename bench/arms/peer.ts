import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { clock } from '../clock.ts';
import type { Host } from '../host.ts';
import { Line } from '../line.ts';
import { type Arm, type Chat, type Delta, deltasOf, question } from './arm.ts';

// The wire as agents/dist/ws-chat-transport and @cloudflare/ai-chat speak it (0.32.0 and 0.12.2).
const FAULT = '"error":true';
const READY = '"type":"cf_agent_mcp_servers"';
const IDLE = '"type":"cf_agent_stream_resume_none"';
const RESUMING = '"type":"cf_agent_stream_resuming"';
const END = '"done":true';

type Message = { id: string; role: 'user' | 'assistant'; parts: object[] };

const responseSchema = z.object({ type: z.string(), body: z.optional(z.string()) });
const chunkSchema = z.object({
  type: z.string(),
  delta: z.optional(z.string()),
  messageId: z.optional(z.string()),
});
const resumingSchema = z.object({ id: z.string() });

/** The chunks of answers among what a line has received from the `from`th text on. */
function chunks(line: Line, from: number) {
  return line.received.slice(from).flatMap(({ at, text }) => {
    const frame = z.parse(responseSchema, JSON.parse(text));
    if (frame.type !== 'cf_agent_use_chat_response' || !frame.body) return [];
    return [{ at, ...z.parse(chunkSchema, JSON.parse(frame.body)) }];
  });
}

function received(line: Line, from: number): Delta[] {
  return chunks(line, from).flatMap(({ at, type, delta }) =>
    type === 'text-delta' && delta !== undefined ? deltasOf(delta, at) : [],
  );
}

/** The answer as the packages' client keeps it, to send it with the next question. */
function answerOf(line: Line, from: number): Message {
  const all = chunks(line, from);
  const text = all.map(({ delta }) => delta ?? '').join('');
  const id = all.find(({ messageId }) => messageId !== undefined)?.messageId ?? randomUUID();
  return { id, role: 'assistant', parts: [{ type: 'step-start' }, { type: 'text', text, state: 'done' }] };
}

async function open(url: string): Promise<Chat> {
  const address = `${url}/agents/chat-agent/${randomUUID()}`;
  const connect = () => Line.open(`${address}?_pk=${randomUUID()}`, { fault: FAULT });
  const line = await connect();
  await line.next(READY);
  let from = 0;
  let messages: Message[] = [];
  return {
    async ask(script) {
      from = line.received.length;
      messages.push({
        id: randomUUID(),
        role: 'user',
        parts: [{ type: 'text', text: question(script) }],
      });
      const body = JSON.stringify({ messages, trigger: 'submit-message' });
      const askedAt = clock();
      line.send(
        JSON.stringify({
          id: randomUUID(),
          init: { method: 'POST', body },
          type: 'cf_agent_use_chat_request',
        }),
      );
      await line.next(END);
      messages.push(answerOf(line, from));
      return { askedAt, deltas: received(line, from) };
    },
    deltas: () => received(line, from),
    async reset() {
      messages = [];
      line.send(JSON.stringify({ type: 'cf_agent_chat_clear' }));
    },
    async comeBack(missed) {
      const start = clock();
      const back = await connect();
      back.send(JSON.stringify({ type: 'cf_agent_stream_resume_request', probeId: randomUUID() }));
      if (missed === null) {
        const { at } = await back.next(IDLE);
        back.close();
        return at - start;
      }
      const { id } = z.parse(resumingSchema, JSON.parse((await back.next(RESUMING)).text));
      back.send(JSON.stringify({ type: 'cf_agent_stream_resume_ack', id }));
      const { at } = await back.next(missed);
      back.close();
      return at - start;
    },
    close: () => line.close(),
  };
}

/** A chat made with `agents` and `@cloudflare/ai-chat`: peer/worker.js. */
export function peerArm(host: Host): Arm {
  return { name: 'peer', host, open: () => open(host.url) };
}
