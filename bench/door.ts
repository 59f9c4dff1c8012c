import * as z from 'zod/mini';

/**
 * A way in beside a Worker's own, and no part of it, through which the benchmark sees what a client cannot: the rows
 * that its objects have written, by the count that is billed, and how many objects were built, anew after hibernation
 * included. It lets compression through where the Worker declines it. Times are not taken through it.
 * @param className the class of its objects
 */
export function door(className: string, worker: string): string {
  return `
import shipped, { ${className} as Shipped } from '${worker}';
export * from '${worker}';

const counts = { rows: 0, built: 0 };

function count(storage) {
  const exec = storage.sql.exec.bind(storage.sql);
  storage.sql.exec = (...statement) => {
    const cursor = exec(...statement);
    counts.rows += cursor.rowsWritten;
    return cursor;
  };
  // Keys, values and alarms are rows too, and so is what is deleted.
  for (const name of ['put', 'delete', 'setAlarm', 'deleteAlarm']) countCalls(storage, name);
  for (const name of ['put', 'delete']) countCalls(storage.kv, name);
}

function countCalls(storage, name) {
  const write = storage[name].bind(storage);
  storage[name] = (...args) => {
    const [first] = args;
    const many = typeof first === 'object' && !(first instanceof Date);
    counts.rows += many ? (Array.isArray(first) ? first.length : Object.keys(first).length) : 1;
    return write(...args);
  };
}

export class ${className} extends Shipped {
  constructor(ctx, env) {
    counts.built += 1;
    count(ctx.storage);
    super(ctx, env);
  }

  async fetch(request) {
    const answer = await super.fetch(request);
    if (answer.webSocket == null || !answer.headers.has('Sec-WebSocket-Extensions')) return answer;
    const headers = new Headers(answer.headers);
    headers.delete('Sec-WebSocket-Extensions');
    return new Response(null, { status: 101, webSocket: answer.webSocket, headers });
  }
}

export default {
  ...shipped,
  fetch(request, env, context) {
    if (new URL(request.url).pathname === '/counts') return Response.json(counts);
    return shipped.fetch(request, env, context);
  },
};
`;
}

const countsSchema = z.object({ rows: z.number(), built: z.number() });

/** What was counted so far. @param url of a Worker behind a {@link door} */
export async function readCounts(url: string): Promise<z.infer<typeof countsSchema>> {
  return z.parse(countsSchema, await (await fetch(`${url}/counts`)).json());
}
