import {
  type ErrorFrame,
  type FallbackFrame,
  type MessageAcceptedFrame,
  type MessageEndFrame,
  type MessageStartFrame,
  type ServerFrame,
  serverFrameSchema,
} from '../../shared/index.ts';

type FrameOf<T extends ServerFrame['type']> = Extract<ServerFrame, { type: T }>;

export type Answer = {
  accepted: MessageAcceptedFrame;
  start: MessageStartFrame | null;
  text: string;
  thinking: string;
  fallback: FallbackFrame | null;
  error: ErrorFrame | null;
  end: MessageEndFrame;
};

/** How long a frame may take before a test says which ones came instead. */
const PATIENCE_MS = 15_000;

/** What a client has heard, whatever it came by, and how to wait for more. */
export abstract class Inbox {
  /** Every text frame as it came. */
  readonly raw: string[] = [];
  readonly frames: ServerFrame[] = [];
  #cursor = 0;
  #arrived = new Set<() => void>();

  protected take(text: string): void {
    this.raw.push(text);
    if (text !== 'pong') this.frames.push(serverFrameSchema.parse(JSON.parse(text)));
    for (const look of this.#arrived) look();
  }

  /** Resolves when `test` gives something for what has come so far. */
  when<T>(what: string, test: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const done = () => {
        this.#arrived.delete(look);
        clearTimeout(timer);
      };
      const look = () => {
        const found = test();
        if (found === undefined) return;
        done();
        resolve(found);
      };
      const timer = setTimeout(() => {
        done();
        const tail = this.raw.slice(-8).map((text) => text.slice(0, 300));
        reject(new Error(`${what} did not come. The last frames:\n${tail.join('\n')}`));
      }, PATIENCE_MS);
      this.#arrived.add(look);
      look();
    });
  }

  /** The next frame of this type (and matching), counted from the last one that `next` gave; passes over others. */
  next<T extends ServerFrame['type']>(
    type: T,
    matches: (frame: FrameOf<T>) => boolean = () => true,
  ): Promise<FrameOf<T>> {
    return this.when(`A frame "${type}"`, () => {
      for (let index = this.#cursor; index < this.frames.length; index += 1) {
        const frame = this.frames[index];
        if (frame && isOfType(frame, type) && matches(frame)) {
          this.#cursor = index + 1;
          return frame;
        }
      }
      return undefined;
    });
  }

  /** Waits for the end of the answer to an accepted message. */
  async answerTo(accepted: MessageAcceptedFrame): Promise<Answer> {
    const end = await this.next('message_end', (frame) => frame.message_id === accepted.reply_id);
    const of = this.frames.filter((frame) => 'message_id' in frame && frame.message_id === accepted.reply_id);
    const joined = (type: 'text_delta' | 'thinking_delta') =>
      of.flatMap((frame) => (frame.type === type ? [frame.text] : [])).join('');
    return {
      accepted,
      start: of.findLast((frame) => frame.type === 'message_start') ?? null,
      text: joined('text_delta'),
      thinking: joined('thinking_delta'),
      fallback: of.find((frame) => frame.type === 'fallback') ?? null,
      error: of.find((frame) => frame.type === 'error') ?? null,
      end,
    };
  }

  /** `seq` of all frames that have one, in order of arrival. */
  get seqs(): number[] {
    return this.frames.flatMap((frame) => ('seq' in frame && frame.seq !== undefined ? [frame.seq] : []));
  }
}

function isOfType<T extends ServerFrame['type']>(frame: ServerFrame, type: T): frame is FrameOf<T> {
  return frame.type === type;
}
