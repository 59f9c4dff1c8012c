import { CLOSE, LIMITS, type Model, type ServerFrame } from '../shared/index.ts';
import { type Arrival, watchArrival } from './arrival.ts';
import type { ChatSocket, Closed } from './chat-socket.ts';
import type { Link } from './home-links.ts';

export type TalkDeps = {
  open: () => ChatSocket;
  signal: AbortSignal;
  /** Milliseconds, of any beginning. */
  now: () => number;
  /** Aborts after so many milliseconds. */
  deadline: (ms: number) => AbortSignal;
};

/** Opening, and changing the model. */
const STEP_MS = 15_000;
const LEAVE_MS = 2_000;

/** Ends the walk: a link that is broken, or one beyond which nobody may go. */
export class End extends Error {
  readonly link: Link;

  constructor(link: Link) {
    super(link.told);
    this.link = link;
  }
}

/** A conversation with the home model in a session of its own. Its methods throw an {@link End}. */
export class Talk {
  readonly #deps: TalkDeps;
  readonly #socket: ChatSocket;
  #isRunning = false;

  constructor(deps: TalkDeps) {
    this.#deps = deps;
    this.#socket = deps.open();
  }

  async open(home: Model): Promise<Link> {
    const late = 'the socket opened, and nothing more came over it';
    const session = await this.#until('session', STEP_MS, late);
    if (session.model !== home.id) {
      this.#socket.send({ type: 'model_change', model: home.id });
      await this.#until('model_changed', STEP_MS, 'the model could not be changed in time');
    }
    const told = `open; two short questions go to ${home.name} alone, which costs nothing`;
    return { name: 'chat', state: 'ok', told };
  }

  /** Asks, and stops the answer after so many pieces. */
  async ask(message: string, enough: number, limitMs: number): Promise<Arrival> {
    const arrival = watchArrival(this.#deps.now);
    let fault: string | null = null;
    this.#socket.send({ type: 'chat', message });
    this.#isRunning = true;
    const deadline = this.#deps.deadline(limitMs);
    for (;;) {
      const frame = await this.#next(
        deadline,
        `no end of the answer within ${limitMs / 1000} s; the model may still be loading.`,
      );
      switch (frame.type) {
        case 'text_delta':
        case 'thinking_delta':
          arrival.piece(frame.text);
          if (arrival.pieces === enough) this.#socket.send({ type: 'stop' });
          break;
        case 'fallback':
          this.#socket.send({ type: 'stop' });
          throw new End(broken(`${frame.reason} ${frame.actual_model} took over and was stopped at once.`));
        case 'error':
          // One that belongs to a run comes right before its end.
          if (frame.message_id !== undefined) fault = frame.message;
          else {
            this.#isRunning = false;
            throw new End(broken(frame.message));
          }
          break;
        case 'message_end': {
          this.#isRunning = false;
          const { stop_reason } = frame;
          if (stop_reason === 'end_turn' || stop_reason === 'max_tokens' || stop_reason === 'stopped')
            return arrival.result();
          throw new End(broken(fault ?? `the deployment ended the answer (${stop_reason}).`));
        }
        default:
      }
    }
  }

  /** Stops what still runs, and closes. Never rejects. */
  async leave(): Promise<void> {
    const deadline = this.#deps.deadline(LEAVE_MS);
    try {
      if (this.#isRunning) this.#socket.send({ type: 'stop' });
      while (this.#isRunning) {
        const { type } = await this.#socket.next(deadline);
        this.#isRunning = type !== 'message_end' && type !== 'closed';
      }
    } catch {
      // It was asked to stop; what comes of that is the deployment's.
    }
    this.#socket.close();
  }

  async #until<T extends ServerFrame['type']>(
    type: T,
    limitMs: number,
    late: string,
  ): Promise<Extract<ServerFrame, { type: T }>> {
    const deadline = this.#deps.deadline(limitMs);
    for (;;) {
      const frame = await this.#next(deadline, late);
      if (isOfType(frame, type)) return frame;
      if (frame.type !== 'error') continue;
      // Without a selector everybody has the default model: a choice of this deployment.
      const state = frame.code === 'model_selection_disabled' ? 'skipped' : 'broken';
      throw new End({ name: 'chat', state, told: frame.message });
    }
  }

  async #next(deadline: AbortSignal, late: string): Promise<ServerFrame> {
    const { signal } = this.#deps;
    let frame: ServerFrame | Closed;
    try {
      frame = await this.#socket.next(AbortSignal.any([signal, deadline]));
    } catch (error) {
      signal.throwIfAborted();
      if (!deadline.aborted) throw error;
      throw new End({ ...broken(late), name: this.#isRunning ? 'completion' : 'chat' });
    }
    if (frame.type !== 'closed') return frame;
    this.#isRunning = false;
    throw new End(closedLink(frame));
  }
}

function isOfType<T extends ServerFrame['type']>(
  frame: ServerFrame,
  type: T,
): frame is Extract<ServerFrame, { type: T }> {
  return frame.type === type;
}

function broken(told: string): Link {
  return { name: 'completion', state: 'broken', told };
}

/** What the end of a socket says about the deployment (H4). */
function closedLink({ code, reason, opened }: Closed): Link {
  const name = 'chat';
  if (code === CLOSE.signIn) {
    const told =
      'the deployment asks for a sign-in, so the walk ends here: give a passphrase in CHATBOX_PASSPHRASE, or a service token of Access. With the settings of the home side on a machine of yours, `npm run doctor` goes on without one.';
    return { name, state: 'skipped', told };
  }
  // A close frame carries so many bytes; a longer reason arrives cut.
  const isCut = new TextEncoder().encode(reason).length > LIMITS.closeReasonBytes - 4;
  const why = `${reason || 'no reason is given'}${isCut ? ' …' : ''}`;
  if (code === CLOSE.notConfigured)
    return { name, state: 'broken', told: `the deployment answers no chat (${code}): ${why}` };
  if (code === CLOSE.tooMany)
    return { name, state: 'broken', told: `too many requests (${code}): ${why} Try again later.` };
  const told = opened
    ? `the socket was closed (${code}): ${why}`
    : 'the socket could not be opened: something on the way lets no WebSocket through, or the deployment does not take its own address for its origin.';
  return { name, state: 'broken', told };
}
