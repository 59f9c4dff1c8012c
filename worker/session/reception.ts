import { CLOSE, type ClientFrame, type Limits, parseClientFrame } from '../../shared/index.ts';
import { closeAll, reply, type Socket } from './audience.ts';
import { errorFrame } from './machine.ts';
import type { Pace } from './pace.ts';

export type ReceptionDeps = {
  pace: Pace;
  now: () => number;
  touch: () => void;
  limits: Pick<Limits, 'messageChars'>;
  /** The session is being deleted: nothing is heard any more. */
  isOver: () => boolean;
  /** Stops the running answer. @throws when the disk takes no writes: the session has started over */
  stop: (from: Socket) => void;
  openSelector: (from: Socket) => Promise<void>;
  handle: (frame: ClientFrame, from: Socket) => Promise<unknown>;
};

/** Takes the frames of all clients: one after the other, in the order of their arrival. */
export class Reception {
  readonly #deps: ReceptionDeps;
  #queue: Promise<void> = Promise.resolve();

  constructor(deps: ReceptionDeps) {
    this.#deps = deps;
  }

  receive(text: string, from: Socket): Promise<void> {
    const { pace, now, touch, limits, isOver, stop, openSelector } = this.#deps;
    if (isOver()) return Promise.resolve();
    if (pace.tooMany(now())) {
      closeAll([from], CLOSE.tooMany, 'Too many frames. Wait a minute.');
      return Promise.resolve();
    }
    touch();
    const parsed = parseClientFrame(text, limits);
    // Neither waits behind a frame that waits for a probe: a stop must be immediate, a list changes nothing.
    if (parsed.ok && parsed.frame.type === 'stop') {
      try {
        stop(from);
      } catch {
        return Promise.resolve();
      }
    }
    if (parsed.ok && parsed.frame.type === 'models') return openSelector(from);
    this.#queue = this.#queue.then(() => this.#take(parsed, from));
    return this.#queue;
  }

  async #take(parsed: ReturnType<typeof parseClientFrame>, from: Socket): Promise<void> {
    try {
      if (parsed.ok) await this.#deps.handle(parsed.frame, from);
      else reply(from, errorFrame(parsed.code, parsed.message, parsed.client_id ?? null));
    } catch {
      if (this.#deps.isOver()) return;
      const clientId = parsed.ok && 'client_id' in parsed.frame ? (parsed.frame.client_id ?? null) : null;
      reply(from, errorFrame('internal', 'That did not work because of a fault in this program.', clientId));
    }
  }
}
