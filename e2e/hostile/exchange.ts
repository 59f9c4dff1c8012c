import { type Agent, request } from 'node:http';
import { connect } from 'node:net';

export type Outgoing = {
  method: string;
  /** As it goes on the line, with the query. */
  path: string;
  headers: Record<string, string>;
  body: string | Uint8Array | null;
};

export type Incoming = { status: number; headers: Record<string, string>; body: string };

/** Longer than anything takes here that is not lost. */
const PATIENCE_MS = 10_000;

/**
 * One request with exactly these bytes.
 * @returns null when the server has hung up without an answer, or gives none
 */
export function exchange(port: number, agent: Agent, outgoing: Outgoing): Promise<Incoming | null> {
  const { method, path, headers, body } = outgoing;
  return new Promise((resolve) => {
    const going = request({ host: '127.0.0.1', port, agent, method, path, headers }, (response) => {
      const pieces: Buffer[] = [];
      const done = () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(
            Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
          ),
          body: Buffer.concat(pieces).toString(),
        });
      response.on('data', (piece: Buffer) => {
        pieces.push(piece);
        // A stream never ends by itself.
        if (response.headers['content-type']?.startsWith('text/event-stream')) {
          done();
          going.destroy();
        }
      });
      response.on('end', done);
      response.on('error', done);
    });
    going.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, headers: {}, body: '' });
    });
    going.on('error', () => resolve(null));
    going.setTimeout(PATIENCE_MS, () => going.destroy());
    going.end(body);
  });
}

/**
 * Bytes that need not be HTTP.
 * @param patienceMs after which the line is dropped
 * @returns what came back
 */
export function speak(port: number, bytes: string | Uint8Array, patienceMs: number): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const timer = setTimeout(() => socket.destroy(), patienceMs);
    socket.setEncoding('latin1').on('data', (piece: string) => {
      said += piece;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(said);
    });
  });
}
