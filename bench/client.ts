type Frame = { type: string; seq?: number; text?: string; [field: string]: unknown };

export const clock = (): number => performance.timeOrigin + performance.now();

/** A client that notes when each frame came. */
export class Client {
  readonly frames: { at: number; frame: Frame }[] = [];
  readonly #socket: WebSocket;
  #wake: () => void = () => {};
  #from = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      this.frames.push({ at: clock(), frame: JSON.parse(String(data)) as Frame });
      this.#wake();
    });
  }

  static async open(url: string, session: string | null = null, query = ''): Promise<Client> {
    const protocols = ['chatbox.v1', ...(session === null ? [] : [`session.${session}`])];
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws${query}`, {
      protocols,
      headers: { Origin: url },
    });
    return new Client(socket);
  }

  send(frame: object): void {
    this.#socket.send(JSON.stringify(frame));
  }

  ask(deltas: number, everyMs: number): void {
    this.send({ type: 'chat', message: JSON.stringify({ deltas, every_ms: everyMs }) });
  }

  /** The next frame of a type after the last one that was waited for. */
  async next(type: string, timeoutMs = 60_000): Promise<{ at: number; frame: Frame }> {
    const deadline = clock() + timeoutMs;
    for (;;) {
      const index = this.frames.findIndex((one, i) => i >= this.#from && one.frame.type === type);
      const found = this.frames[index];
      if (found !== undefined) {
        this.#from = index + 1;
        return found;
      }
      if (clock() > deadline) throw new Error(`no ${type} within ${timeoutMs} ms`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 1_000).unref();
      });
    }
  }

  close(): void {
    this.#socket.close();
  }
}

/** Reads the upstream's stream without anything in between: the floor. Returns the arrival of each delta. */
export async function readDirectly(
  url: string,
  deltas: number,
  everyMs: number,
): Promise<{ start: number; arrivals: { at: number; sent: number }[] }> {
  const start = clock();
  const response = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    body: JSON.stringify({ messages: [{ content: JSON.stringify({ deltas, every_ms: everyMs }) }] }),
  });
  const arrivals: { at: number; sent: number }[] = [];
  let rest = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    const at = clock();
    rest += chunk;
    const events = rest.split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const sent = /"text":"([\d.]+) "/.exec(event)?.[1];
      if (sent !== undefined) arrivals.push({ at, sent: Number(sent) });
    }
  }
  return { start, arrivals };
}

/** The lag of every delta that a client has received: a joined one counts for each that is in it. */
export function lags(frames: Client['frames']): number[] {
  return frames.flatMap(({ at, frame }) =>
    frame.type === 'text_delta'
      ? (frame.text ?? '')
          .trim()
          .split(' ')
          .map((sent) => at - Number(sent))
      : [],
  );
}
