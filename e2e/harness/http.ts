import { request } from 'node:http';
import type { Program } from './program.ts';

export type Reply = { status: number; headers: Record<string, string>; body: string; json: unknown };

/**
 * One HTTP request with exactly these headers; unlike fetch it may set Host, Origin and Upgrade.
 * @param path with the query
 */
export function http(
  program: Pick<Program, 'port'>,
  path: string,
  options: { method?: string; headers?: Record<string, string>; host?: string; body?: string } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: options.host ?? '127.0.0.1',
        port: program.port,
        path,
        method: options.method ?? 'GET',
        headers: { Host: `localhost:${program.port}`, ...options.headers },
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          body += piece;
        });
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: flat(response.headers),
            body,
            json: parsed(body),
          }),
        );
      },
    );
    outgoing.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, headers: flat(response.headers), body: '', json: null });
    });
    outgoing.on('error', reject);
    outgoing.end(options.body);
  });
}

function flat(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

/** Headers of a WebSocket upgrade, as any client sends them. */
export const UPGRADE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Protocol': 'chatbox.v1',
};
