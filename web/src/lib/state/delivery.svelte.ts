import type { ErrorFrame } from '#lib/wire.ts';
import * as outbox from './outbox.ts';
import type { Preferences } from './preferences.ts';

/** Where messages go out; `send` is false when there was no open connection after all. */
export type Way = {
  line: () => outbox.Line;
  send: (item: outbox.OutboxItem) => boolean;
  newId: () => string;
};

/** The outbox at work: keeps it over a reload, and sends what can be sent. */
export class Delivery {
  #items = $state.raw<outbox.Outbox>([]);
  readonly #preferences: Preferences;
  readonly #way: Way;

  constructor(preferences: Preferences, way: Way) {
    this.#preferences = preferences;
    this.#way = way;
    this.#items = outbox.readOutbox(preferences.outbox);
  }

  get items(): outbox.Outbox {
    return this.#items;
  }

  /** `conversationId` is what the message was written for; null means whatever is current when it goes out. */
  add(text: string, trim: boolean, conversationId: string | null): void {
    const client_id = this.#way.newId();
    this.#set(outbox.enqueue(this.#items, { client_id, text, trim, conversation_id: conversationId }));
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

  confirm(clientId: string | null): void {
    this.#set(outbox.confirm(this.#items, clientId));
  }

  /** True when the error was about a message of ours, which carries it from now on. */
  refused({ client_id, code, message, retry_after_ms }: ErrorFrame): boolean {
    if (client_id === undefined || !this.#items.some((item) => item.client_id === client_id)) return false;
    this.#set(
      outbox.refused(this.#items, client_id, { code, message, retry_after_ms: retry_after_ms ?? null }),
    );
    return true;
  }

  disconnected(): void {
    this.#set(outbox.disconnected(this.#items));
  }

  pump(): void {
    const { outbox: next, send } = outbox.pump(this.#items, this.#way.line());
    this.#set(next);
    if (send && !this.#way.send(send)) this.disconnected();
  }

  #set(next: outbox.Outbox): void {
    if (next === this.#items) return;
    this.#items = next;
    this.#preferences.keepOutbox(next.length === 0 ? null : JSON.stringify(next));
  }
}
