import type { ErrorFrame, Message } from '#lib/wire.ts';
import type { End } from './branches.ts';
import * as outbox from './outbox.ts';
import { endBefore, type Letter, type Outbox, type OutboxItem } from './outbox-item.ts';
import type { Preferences } from './preferences.ts';

/** Where messages go out; `send` is false when there was no open connection after all. */
export type Way = {
  line: () => outbox.Line;
  send: (item: OutboxItem) => boolean;
  newId: () => string;
};

/** The outbox at work: keeps it over a reload, and sends what can be sent. */
export class Delivery {
  #items = $state.raw<Outbox>([]);
  /** Shown in the conversation already, as far as one can tell. */
  #there = $state.raw<string | null>(null);
  #held: ReturnType<typeof setTimeout> | null = null;
  readonly #preferences: Preferences;
  readonly #way: Way;

  constructor(preferences: Preferences, way: Way) {
    this.#preferences = preferences;
    this.#way = way;
    this.#items = outbox.readOutbox(preferences.outbox);
  }

  /** What is not in the conversation yet. */
  get items(): Outbox {
    return this.#there === null
      ? this.#items
      : this.#items.filter(({ client_id }) => client_id !== this.#there);
  }

  /** Whether nothing is on its way, nor waits for it. */
  get isIdle(): boolean {
    return this.#items.every((item) => item.state === 'failed');
  }

  /** Where the conversation ends because of what is on its way. */
  get end(): End {
    const first = this.items.find((item) => item.state !== 'failed');
    return first && first.conversation_id === this.#way.line().conversationId ? endBefore(first) : undefined;
  }

  add(letter: Letter): void {
    this.#set(outbox.enqueue(this.#items, this.#way.newId(), letter));
    this.pump();
  }

  retry(clientId: string, trim: boolean): void {
    const { conversationId } = this.#way.line();
    this.#set(outbox.retry(this.#items, clientId, conversationId, trim, this.#way.newId()));
    this.pump();
  }

  discard(clientId: string): void {
    this.#set(outbox.discard(this.#items, clientId));
  }

  /** Nothing that is unsent shall be kept: the person deletes everything. */
  discardAll(): void {
    this.#set([]);
  }

  confirm(clientId: string | null): void {
    this.#set(outbox.confirm(this.#items, clientId));
  }

  /** True when the error was about a message of ours, which carries it from now on. */
  refused({ client_id, code, message, retry_after_ms }: ErrorFrame): boolean {
    if (client_id === undefined || !this.#items.some((item) => item.client_id === client_id)) return false;
    this.#there = null;
    this.#set(
      outbox.refused(this.#items, client_id, {
        code,
        message,
        retry_at: retry_after_ms === undefined ? null : Date.now() + retry_after_ms,
      }),
    );
    const waiting = this.#items.find((item) => item.client_id === client_id && item.state === 'waiting');
    if (waiting) this.#hold(outbox.busyWaitMs(waiting));
    return true;
  }

  /** A snapshot came: a message in it should not stand below it a second time until S2 is repeated. */
  recognise(messages: readonly Message[]): void {
    this.#there = outbox.probablyThere(this.#items, messages);
  }

  disconnected(): void {
    this.#there = null;
    this.#set(outbox.disconnected(this.#items));
  }

  pump(): void {
    const line = this.#way.line();
    // What it waits for is known now.
    if (line.running) this.#release();
    const { outbox: next, send } = outbox.pump(this.#items, { ...line, held: this.#held !== null });
    this.#set(next);
    if (send && !this.#way.send(send)) this.disconnected();
  }

  #hold(ms: number): void {
    this.#release();
    this.#held = setTimeout(() => {
      this.#held = null;
      this.pump();
    }, ms);
  }

  #release(): void {
    if (this.#held !== null) clearTimeout(this.#held);
    this.#held = null;
  }

  #set(next: Outbox): void {
    if (next === this.#items) return;
    this.#items = next;
    this.#preferences.keepOutbox(next.length === 0 ? null : JSON.stringify(next));
  }
}
