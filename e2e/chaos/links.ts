import { type ClientRequest, request } from 'node:http';
import { WebSocket } from 'ws';
import { type ClientFrame, SESSION_SUBPROTOCOL_PREFIX, SUBPROTOCOL } from '../../shared/index.ts';

/** Where a client says it stopped; texts, because a client may send anything. */
export type ClientCursor = { conversation: string; after: string };

export type LinkEvents = {
  /** The text of one server frame. */
  frame: (wire: string) => void;
  /** Once, unless it was cut from this side. @param code the WebSocket's; of a stream the HTTP status, or 1006 */
  closed: (code: number) => void;
};

/** One connection of a client, whatever carries it. */
export interface Link {
  /** @returns when it is known to have arrived, or not to; at once where nothing tells */
  send(frame: ClientFrame): Promise<void>;
  /** From this side: `reset` as when a line breaks, `close` as a page that is left. Nothing is heard afterwards. */
  cut(how: 'reset' | 'close'): void;
  /** Takes nothing more off the line, as a frozen tab does. */
  freeze(): void;
}

export type Carrier = 'socket' | 'stream';
export type Way = { carrier: Carrier; url: string };

/** Opens a connection. @param session null for a new one, which only a socket can make */
export function openLink(
  way: Way,
  session: string | null,
  cursor: ClientCursor | null,
  events: LinkEvents,
): Link {
  const query = cursor === null ? '' : `?${new URLSearchParams(cursor)}`;
  if (way.carrier === 'socket') return new SocketLink(way.url, session, query, events);
  return new StreamLink(way.url, session ?? '', query, events);
}

class SocketLink implements Link {
  readonly #socket: WebSocket;
  #isCut = false;

  constructor(url: string, session: string | null, query: string, events: LinkEvents) {
    const back = session === null ? [] : [`${SESSION_SUBPROTOCOL_PREFIX}${session}`];
    this.#socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws${query}`, [SUBPROTOCOL, ...back], {
      origin: url,
      perMessageDeflate: false,
    });
    this.#socket.on('message', (data) => {
      if (!this.#isCut) events.frame(String(data));
    });
    this.#socket.on('error', () => {});
    this.#socket.on('close', (code) => {
      if (!this.#isCut) events.closed(code);
    });
  }

  async send(frame: ClientFrame): Promise<void> {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  cut(how: 'reset' | 'close'): void {
    this.#isCut = true;
    if (how === 'reset') this.#socket.terminate();
    else this.#socket.close();
  }

  freeze(): void {
    this.#socket.pause();
  }
}

/** CONTRACT H9: frames come as server-sent events, and go as one POST each, in order. */
class StreamLink implements Link {
  readonly #url: string;
  readonly #headers: Record<string, string>;
  readonly #incoming: ClientRequest;
  readonly #events: LinkEvents;
  #posts: Promise<void> = Promise.resolve();
  #isCut = false;
  #rest = '';

  constructor(url: string, session: string, query: string, events: LinkEvents) {
    this.#url = url;
    this.#events = events;
    this.#headers = { Origin: url, Authorization: `Bearer ${session}` };
    this.#incoming = request(`${url}/stream${query}`, { headers: this.#headers, agent: false });
    this.#incoming.on('response', (response) => {
      response.setEncoding('utf8');
      if (response.statusCode !== 200) {
        response.resume();
        this.#closed(response.statusCode ?? 1006);
      }
      response.on('data', (text: string) => this.#read(text));
      response.on('error', () => {});
      response.on('close', () => this.#closed(1006));
    });
    this.#incoming.on('error', () => this.#closed(1006));
    this.#incoming.end();
  }

  #closed(code: number): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.#events.closed(code);
  }

  #read(text: string): void {
    this.#rest += text;
    const events = this.#rest.split('\n\n');
    this.#rest = events.pop() ?? '';
    for (const event of events) {
      if (this.#isCut) return;
      if (event.startsWith('data: ')) this.#events.frame(event.slice('data: '.length));
      // A comment is a sign of life, or the close code that a stream does not have.
      const code = /^: closed (\d+) /.exec(event)?.[1];
      if (code !== undefined) this.#closed(Number(code));
    }
  }

  send(frame: ClientFrame): Promise<void> {
    const body = JSON.stringify(frame);
    this.#posts = this.#posts.then(async () => {
      if (this.#isCut) return;
      try {
        const headers = { ...this.#headers, 'Content-Type': 'application/json' };
        const answer = await fetch(`${this.#url}/frames`, { method: 'POST', headers, body });
        await answer.body?.cancel();
        if (answer.status !== 202) this.#closed(answer.status);
      } catch {
        // The line broke: the stream breaks too, or the client sends it again when it comes back.
        this.#incoming.destroy();
      }
    });
    return this.#posts;
  }

  cut(): void {
    this.#isCut = true;
    this.#incoming.destroy();
  }

  freeze(): void {
    this.#incoming.socket?.pause();
  }
}
