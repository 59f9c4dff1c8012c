import { request as ask, createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * What the network does.
 * open: lets everything through. refuse: answers a WebSocket's upgrade with 403. swallow: opens WebSockets, and lets
 * nothing through them. down: serves the page's files, and nothing that the program would have to answer.
 */
export type Weather = 'open' | 'refuse' | 'swallow' | 'down';

export type Network = {
  url: string;
  weather: Weather;
  /** `method path` of every request and upgrade, in order. */
  readonly seen: string[];
  /** What goes from the program to the page on the connections that are open now stays here from now on; they stay open. */
  freeze(): void;
  /** Breaks every open WebSocket and stream. */
  cut(): void;
  close(): Promise<void>;
};

const API = /^\/(ws|stream|frames|sessions|links|models|health|conversations)\b/;
/** They stay open, so they are what a network can freeze and cut. */
const LONG = /^\/(ws|stream)\b/;

/** Stands between the browser and the program, as the proxies of companies and hotels do. */
export async function startNetwork(port: number): Promise<Network> {
  const seen: string[] = [];
  const long = new Set<{ freeze: () => void; cut: () => void }>();
  let weather: Weather = 'open';

  function keep(toPage: Duplex, fromProgram: Duplex | NodeJS.ReadableStream, cut: () => void): void {
    const one = {
      freeze: () => {
        fromProgram.unpipe(toPage);
        fromProgram.resume();
      },
      cut,
    };
    long.add(one);
    toPage.once('close', () => long.delete(one));
  }

  const server = createServer((incoming, response) => {
    const path = incoming.url ?? '/';
    seen.push(`${incoming.method} ${path}`);
    if (weather === 'down' && API.test(path)) return void incoming.socket.destroy();
    const outgoing = ask(
      { host: '127.0.0.1', port, path, method: incoming.method, headers: incoming.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        response.flushHeaders();
        answer.pipe(response);
        answer.once('error', () => response.destroy());
        if (LONG.test(path)) keep(incoming.socket, answer, () => incoming.socket.destroy());
      },
    );
    outgoing.once('error', () => response.destroy());
    response.once('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  });

  server.on('upgrade', (incoming, page: Socket, head) => {
    const path = incoming.url ?? '/';
    seen.push(`UPGRADE ${path}`);
    page.on('error', () => page.destroy());
    if (weather === 'down') return void page.destroy();
    if (weather === 'refuse') {
      page.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      return;
    }
    const program = connect(port, '127.0.0.1', () => {
      const lines = Object.entries(incoming.headers).map(([name, value]) => `${name}: ${value}`);
      program.write(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      program.write(head);
      page.pipe(program);
      if (weather === 'swallow') passHandshake(program, page);
      else program.pipe(page);
    });
    program.on('error', () => page.destroy());
    program.once('close', () => page.destroy());
    page.once('close', () => program.destroy());
    keep(page, program, () => page.destroy());
  });

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://localhost:${address.port}`,
    get weather() {
      return weather;
    },
    set weather(next) {
      weather = next;
    },
    seen,
    freeze() {
      for (const one of long) one.freeze();
    },
    cut() {
      for (const one of long) one.cut();
    },
    close() {
      server.closeAllConnections();
      for (const one of long) one.cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** The answer to the upgrade arrives, and nothing after it. */
function passHandshake(program: Socket, page: Socket): void {
  let text = '';
  const look = (piece: Buffer): void => {
    text += piece.toString('latin1');
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) return;
    page.write(text.slice(0, end + 4), 'latin1');
    program.off('data', look);
    program.resume();
  };
  program.on('data', look);
}
