import { type IncomingMessage, request } from 'node:http';
import * as z from 'zod/mini';
import type { ClientFrame, SessionFrame } from '../../shared/index.ts';
import { http, type Reply } from './http.ts';
import { Inbox } from './inbox.ts';
import type { Program } from './program.ts';

type Target = Pick<Program, 'port' | 'url'>;

export type Cursor = { conversation: string; after: number };

const createdSchema = z.object({ session_id: z.string() });

/** A client that has no WebSocket (CONTRACT H9): what curl could do, and nothing more. */
export class StreamClient extends Inbox {
  readonly session: string;
  /** Everything between two empty lines that is no frame. */
  readonly comments: string[] = [];
  /** Resolves when the line is gone, however. */
  readonly ended: Promise<void>;
  readonly headers: IncomingMessage['headers'];
  readonly #program: Target;
  readonly #response: IncomingMessage;

  constructor(program: Target, session: string, response: IncomingMessage) {
    super();
    this.#program = program;
    this.session = session;
    this.#response = response;
    this.headers = response.headers;
    let rest = '';
    response.setEncoding('utf8').on('data', (piece: string) => {
      const blocks = (rest + piece).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        if (block.startsWith('data: ')) this.take(block.slice('data: '.length));
        else this.comments.push(block);
      }
    });
    this.ended = new Promise((resolve) => response.once('close', resolve));
    // A line that is cut is no fault of the test.
    response.on('error', () => {});
  }

  static async create(program: Target): Promise<string> {
    const reply = await http(program, '/sessions', { method: 'POST', headers: { Origin: program.url } });
    if (reply.status !== 201) throw new Error(`POST /sessions: ${reply.status} ${reply.body}`);
    return createdSchema.parse(reply.json).session_id;
  }

  /** Opens a stream, of a new session if none is given, and reads its first frame. */
  static async connect(
    program: Target,
    options: { session?: string; cursor?: Cursor } = {},
  ): Promise<{ client: StreamClient; session: SessionFrame }> {
    const id = options.session ?? (await StreamClient.create(program));
    const address = new URL('/stream', program.url);
    for (const [name, value] of Object.entries(options.cursor ?? {})) {
      address.searchParams.set(name, String(value));
    }
    // As a browser asks its own page's server: a GET has no Origin then.
    const headers = {
      Authorization: `Bearer ${id}`,
      'Sec-Fetch-Site': 'same-origin',
      'Accept-Encoding': 'gzip, deflate, br, zstd',
    };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(address, { headers }, resolve).on('error', reject).end();
    });
    const client = new StreamClient(program, id, response);
    return { client, session: await client.next('session') };
  }

  /** One frame by a request of its own; text goes as it is. */
  send(frame: ClientFrame | Record<string, unknown> | string): Promise<Reply> {
    return http(this.#program, '/frames', {
      method: 'POST',
      headers: { Authorization: `Bearer ${this.session}`, Origin: this.#program.url },
      body: typeof frame === 'string' ? frame : JSON.stringify(frame),
    });
  }

  /** Drops the line as a broken network would. */
  cut(): void {
    this.#response.destroy();
  }
}
