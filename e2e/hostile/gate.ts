import { request as ask, createServer } from 'node:http';

export type Gate = {
  /** Origin of the gate with the secret part of its path. */
  url: string;
  port: number;
  /** Requests that have come in so far. */
  count(): number;
  close(): Promise<void>;
};

/**
 * Stands before an upstream at an address of its own, `http://127.0.0.1:<port>/<secret>`, and repeats that address and
 * every header that it gets in the headers of the answer.
 * @param to address of the upstream
 * @param body to answer with instead, made from what was asked; null passes the request on
 */
export async function startGate(
  to: string,
  secret: string,
  body: ((asked: string) => string) | null = null,
): Promise<Gate> {
  let requests = 0;
  const server = createServer((incoming, response) => {
    requests += 1;
    const told = JSON.stringify({ ...incoming.headers, url: `${incoming.headers.host}${incoming.url}` });
    const headers = { 'x-told': encodeURIComponent(told), server: secret, via: `1.1 ${secret}` };
    if (body !== null) {
      let text = '';
      incoming.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      incoming.on('end', () => {
        response.writeHead(200, { 'content-type': 'application/json', ...headers });
        response.end(body(text));
      });
      return;
    }
    const path = (incoming.url ?? '/').replace(`/${secret}`, '');
    const going = ask(`${to}${path}`, { method: incoming.method, headers: incoming.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, { ...answer.headers, ...headers });
      answer.pipe(response);
      answer.once('error', () => response.destroy());
    });
    going.once('error', () => response.destroy());
    response.once('close', () => going.destroy());
    incoming.pipe(going);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}/${secret}`,
    port: address.port,
    count: () => requests,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
