import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';

/** One request as a scripted upstream saw it. */
export type SeenRequest = {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** Resolves when the client's connection is gone. */
  closed: Promise<void>;
};

export type Script = (response: ServerResponse, request: SeenRequest, nth: number) => void | Promise<void>;

export type ScriptedUpstream = { url: string; requests: SeenRequest[]; close(): Promise<void> };

/** A real HTTP server on loopback that answers as the script says. For tests. */
export async function startUpstream(script: Script): Promise<ScriptedUpstream> {
  const requests: SeenRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const seen: SeenRequest = {
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: await bodyOf(incoming),
      closed: new Promise((resolve) => response.on('close', resolve)),
    };
    requests.push(seen);
    await script(response, seen, requests.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  incoming.setEncoding('utf8');
  let text = '';
  for await (const chunk of incoming) text += chunk;
  return text;
}

/** One event of an event stream. */
export function sse(event: string | null, data: unknown, eol = '\n'): string {
  const payload = typeof data === 'string' ? data : JSON.stringify(data);
  return `${event === null ? '' : `event: ${event}${eol}`}data: ${payload}${eol}${eol}`;
}

/** A fetch whose body arrives in exactly these pieces: what TCP may do, without TCP's own mind. */
export function fetchInPieces(bytes: Uint8Array, cuts: readonly number[]) {
  return async (): Promise<Response> => {
    const edges = [0, ...[...new Set(cuts)].sort((a, b) => a - b), bytes.length];
    const pieces = edges.slice(1).map((edge, index) => bytes.slice(edges[index], edge));
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const piece = pieces.shift();
        if (piece === undefined) controller.close();
        else if (piece.length === 0) controller.enqueue(new Uint8Array(0));
        else controller.enqueue(piece);
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  };
}
