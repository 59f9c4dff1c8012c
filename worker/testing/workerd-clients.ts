import { env, exports } from 'cloudflare:workers';
import { expect, vi } from 'vitest';
import { readServerFrame, type ServerFrame } from '../../shared/index.ts';

export const ORIGIN = 'http://localhost:8787';

/** How long a frame may take before a test says which did not come. */
const PATIENCE = { timeout: 5_000, interval: 5 };

type UpstreamCall = { body: { model: string; messages: { role: string; content: unknown }[] } };

/** The upstream of these tests lives outside of workerd (outbound.ts); this is its remote control. */
export const upstream = {
  async tell(
    op: 'reset' | 'calls' | 'text' | 'finish' | 'finish_all',
    text?: string,
  ): Promise<UpstreamCall[]> {
    const response = await fetch('https://control.test/', {
      method: 'POST',
      body: JSON.stringify({ op, text }),
    });
    return response.json();
  },
  text: (text: string) => upstream.tell('text', text),
  finish: () => upstream.tell('finish'),
  finishAll: () => upstream.tell('finish_all'),
  calls: () => upstream.tell('calls'),
  async asked(times: number): Promise<UpstreamCall[]> {
    await vi.waitFor(async () => expect(await upstream.calls()).toHaveLength(times), PATIENCE);
    return upstream.calls();
  },
};

export const stubOf = (session: string) => env.SESSIONS.get(env.SESSIONS.idFromString(session));

/** What a client has heard, whatever it came by. */
abstract class Heard {
  readonly frames: ServerFrame[] = [];
  readonly raw: string[] = [];

  protected take(text: string): void {
    this.raw.push(text);
    const frame = readServerFrame(text);
    if (frame !== null) this.frames.push(frame);
  }

  of<T extends ServerFrame['type']>(type: T) {
    return this.frames.filter((frame): frame is Extract<ServerFrame, { type: T }> => frame.type === type);
  }

  async next<T extends ServerFrame['type']>(type: T, nth = 1): Promise<Extract<ServerFrame, { type: T }>> {
    await vi.waitFor(() => expect(this.of(type).length).toBeGreaterThanOrEqual(nth), PATIENCE);
    return this.of(type)[nth - 1]!;
  }

  /** `seq` of all frames that have one, in order of arrival. */
  get seqs(): number[] {
    return this.frames.flatMap((frame) => ('seq' in frame && frame.seq !== undefined ? [frame.seq] : []));
  }

  /** The text deltas, joined. */
  get text(): string {
    return this.of('text_delta')
      .map((frame) => frame.text)
      .join('');
  }
}

export class SocketClient extends Heard {
  closed: { code: number } | null = null;
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    super();
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.take(String(data)));
    socket.addEventListener('close', ({ code }) => {
      this.closed = { code };
    });
    socket.accept();
  }

  static async open(session: string | null = null, query = ''): Promise<SocketClient> {
    const protocols = session === null ? 'chatbox.v1' : `chatbox.v1, session.${session}`;
    const response = await exports.default.fetch(`${ORIGIN}/ws${query}`, {
      headers: { Upgrade: 'websocket', Origin: ORIGIN, 'Sec-WebSocket-Protocol': protocols },
    });
    expect(response.status).toBe(101);
    expect(response.headers.get('Sec-WebSocket-Protocol')).toBe('chatbox.v1');
    if (response.webSocket === null) throw new Error('no socket');
    return new SocketClient(response.webSocket);
  }

  send(frame: object | string): void {
    this.#socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  sendBinary(): void {
    this.#socket.send(new Uint8Array([1, 2, 3]));
  }

  leave(): void {
    this.#socket.close(1000);
  }
}

const bearer = (session: string) => ({ Authorization: `Bearer ${session}`, Origin: ORIGIN });

export function post(path: string, body?: BodyInit, headers: HeadersInit = { Origin: ORIGIN }) {
  return exports.default.fetch(`${ORIGIN}${path}`, { method: 'POST', headers, body });
}

/** H9: a client that has no WebSocket. */
export class StreamClient extends Heard {
  readonly comments: string[] = [];
  readonly session: string;
  readonly response: Response;
  /** How it ended: `closed`, or what was thrown. */
  ended: string | null = null;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(session: string, response: Response) {
    super();
    if (response.body === null) throw new Error('no stream');
    this.session = session;
    this.response = response;
    this.#reader = response.body.getReader();
  }

  static async create(): Promise<string> {
    const response = await post('/sessions');
    expect(response.status).toBe(201);
    const { session_id } = (await response.json()) as { session_id: string };
    return session_id;
  }

  static async open(session?: string, query = ''): Promise<StreamClient> {
    const client = await StreamClient.openUnread(session, query);
    client.read();
    return client;
  }

  /** One that takes nothing off the line until `read`. */
  static async openUnread(session?: string, query = ''): Promise<StreamClient> {
    const id = session ?? (await StreamClient.create());
    const response = await exports.default.fetch(`${ORIGIN}/stream${query}`, { headers: bearer(id) });
    expect(response.status).toBe(200);
    return new StreamClient(id, response);
  }

  read(): void {
    void this.#read();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    let rest = '';
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done) break;
        const lines = (rest + decoder.decode(value, { stream: true })).split('\n\n');
        rest = lines.pop() ?? '';
        for (const line of lines) this.#event(line);
      }
      this.ended = 'closed';
    } catch (error) {
      this.ended = String(error);
    }
  }

  #event(block: string): void {
    if (block.startsWith(': ')) this.comments.push(block.slice(2));
    else if (block.startsWith('data: ')) this.take(block.slice(6));
    else throw new Error(`neither a frame nor a comment: ${block}`);
  }

  send(frame: object | string): Promise<Response> {
    return post('/frames', typeof frame === 'string' ? frame : JSON.stringify(frame), bearer(this.session));
  }

  leave(): Promise<void> {
    return this.#reader.cancel();
  }

  async end(): Promise<string> {
    await vi.waitFor(() => expect(this.ended).not.toBeNull(), PATIENCE);
    return this.ended ?? '';
  }
}
