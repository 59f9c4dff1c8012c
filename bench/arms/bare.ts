import * as z from 'zod/mini';
import { clock } from '../clock.ts';
import type { Host } from '../host.ts';
import { Line } from '../line.ts';
import { type Arm, type Chat, type Delta, deltasOf, question } from './arm.ts';

const readySchema = z.object({ id: z.string(), seq: z.number() });
const deltaSchema = z.object({ text: z.string() });

function received(line: Line, from: number): Delta[] {
  return line.received
    .slice(from)
    .filter(({ text }) => text.includes('"text":'))
    .flatMap(({ at, text }) => deltasOf(z.parse(deltaSchema, JSON.parse(text)).text, at));
}

async function open(url: string): Promise<Chat> {
  const line = await Line.open(url);
  const ready = z.parse(readySchema, JSON.parse((await line.next('"ready"')).text));
  let from = 0;
  let seen = ready.seq;
  return {
    async ask(script) {
      from = line.received.length;
      const askedAt = clock();
      line.send(question(script));
      const end = JSON.parse((await line.next('"end"')).text) as { seq: number };
      seen = end.seq;
      return { askedAt, deltas: received(line, from) };
    },
    deltas: () => received(line, from),
    reset: async () => {},
    async comeBack(missed) {
      const start = clock();
      const back = await Line.open(`${url}/${ready.id}?after=${seen}`);
      const { at } = await back.next(missed ?? '"ready"');
      back.close();
      return at - start;
    },
    close: () => line.close(),
  };
}

/** The least that relays the same upstream: bare/worker.js. */
export function bareArm(host: Host): Arm {
  return { name: 'bare', host, open: () => open(host.url) };
}
