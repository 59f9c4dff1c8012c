import * as z from 'zod/mini';
import { Client } from '../client.ts';
import { clock } from '../clock.ts';
import type { Host } from '../host.ts';
import { type Arm, type Chat, type Delta, deltasOf, question } from './arm.ts';

const sessionSchema = z.object({ session_id: z.string(), conversation: z.object({ id: z.string() }) });
const deltaSchema = z.object({ text: z.string() });

/** The deltas that a client has received from the `from`th text on. */
function received(client: Client, from: number): Delta[] {
  return client.line.received
    .slice(from)
    .filter(({ text }) => text.startsWith('{"type":"text_delta"'))
    .flatMap(({ at, text }) => deltasOf(z.parse(deltaSchema, JSON.parse(text)).text, at));
}

async function open(url: string, compression: boolean): Promise<Chat> {
  const client = await Client.open(url, null, '', compression);
  const first = z.parse(sessionSchema, (await client.next('session')).frame);
  let conversation = first.conversation.id;
  let from = 0;
  let seen = 0;
  return {
    async ask(script) {
      from = client.line.received.length;
      const askedAt = clock();
      client.send({ type: 'chat', message: question(script) });
      seen = Number((await client.next('message_start')).frame.seq);
      seen = Number((await client.next('message_end')).frame.seq);
      return { askedAt, deltas: received(client, from) };
    },
    deltas: () => received(client, from),
    async reset() {
      client.send({ type: 'reset' });
      conversation = String((await client.next('conversation_reset')).frame.conversation_id);
    },
    async comeBack(missed) {
      const start = clock();
      const back = await Client.open(
        url,
        first.session_id,
        `?conversation=${conversation}&after=${seen}`,
        compression,
      );
      const { at } = await (missed === null ? back.next('session') : back.line.next(missed));
      back.close();
      return at - start;
    },
    close: () => client.close(),
  };
}

/** The shipped Worker. */
export function sessionArm(host: Host, compression = false): Arm {
  return { name: 'session', host, open: () => open(host.url, compression) };
}
