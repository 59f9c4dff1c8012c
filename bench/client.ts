import { Line } from './line.ts';

export { clock } from './clock.ts';

type Frame = { type: string; seq?: number; text?: string; [field: string]: unknown };

/** A client of the shipped Worker. */
export class Client {
  readonly line: Line;

  private constructor(line: Line) {
    this.line = line;
  }

  /**
   * @param session the session to come back to; null starts one
   * @param query of the address, with its question mark
   * @param compression whether the socket offers it
   */
  static async open(
    url: string,
    session: string | null = null,
    query = '',
    compression = false,
  ): Promise<Client> {
    const protocols = ['chatbox.v1', ...(session === null ? [] : [`session.${session}`])];
    const fault = '"type":"error"';
    return new Client(await Line.open(`${url}/ws${query}`, { protocols, origin: url, compression, fault }));
  }

  send(frame: object): void {
    this.line.send(JSON.stringify(frame));
  }

  /** The next frame of a type after the last one that was waited for. */
  async next(type: string, timeoutMs?: number): Promise<{ at: number; frame: Frame }> {
    const { at, text } = await this.line.next(`"type":"${type}"`, timeoutMs);
    return { at, frame: JSON.parse(text) as Frame };
  }

  close(): void {
    this.line.close();
  }
}
