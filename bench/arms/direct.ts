import { clock } from '../clock.ts';
import { type Answer, type Arm, type Delta, question, type Script } from './arm.ts';

/** Reads the upstream's stream without anything in between: the floor. */
export async function readDirectly(url: string, body: object): Promise<Answer> {
  const askedAt = clock();
  const response = await fetch(`${url}/v1/messages`, { method: 'POST', body: JSON.stringify(body) });
  const deltas: Delta[] = [];
  let rest = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const at = clock();
    rest += chunk;
    const events = rest.split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const sent = /"text":"([\d.]+) "/.exec(event)?.[1];
      if (sent !== undefined) deltas.push({ at, sent: Number(sent) });
    }
  }
  return { askedAt, deltas };
}

export function directArm(upstreamUrl: string): Arm {
  const ask = (script: Script) =>
    readDirectly(upstreamUrl, { messages: [{ role: 'user', content: question(script) }] });
  return {
    name: 'direct',
    host: null,
    open: async () => ({
      ask,
      deltas: () => [],
      reset: async () => {},
      comeBack: () => Promise.reject(new Error('A direct reader that was cut has lost its answer.')),
      close: () => {},
    }),
  };
}
