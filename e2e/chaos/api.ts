import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import { type Conversation, conversationSchema } from '../../shared/index.ts';
import { type Book, RECOVERY_MS } from './book.ts';

const conversationReply = z.object({ conversation: conversationSchema });
const sessionReply = z.object({ session_id: z.string() });

/** What one session asks by plain HTTP; asked again while the program comes back from a loss. */
export class Api {
  readonly #url: string;
  readonly #book: Book;

  constructor(url: string, book: Book) {
    this.#url = url;
    this.#book = book;
  }

  /** H9: the id of a new session. */
  async makeSession(): Promise<string> {
    return sessionReply.parse(await this.#ask('/sessions', 'POST')).session_id;
  }

  /** H5: the archive's truth about a conversation, all pages of it. */
  async conversation(id: string): Promise<Conversation> {
    const read = async (before: string) =>
      conversationReply.parse(await this.#ask(`/conversations/${id}${before}`)).conversation;
    const newest = await read('');
    let page = newest;
    let messages = newest.messages;
    while (page.has_more) {
      page = await read(`?before=${messages[0]?.id}`);
      messages = [...page.messages, ...messages];
    }
    return { ...newest, messages };
  }

  async #ask(path: string, method: 'GET' | 'POST' = 'GET'): Promise<unknown> {
    const headers = { Origin: this.#url, Authorization: `Bearer ${this.#book.session}` };
    for (;;) {
      let told = 'nothing';
      try {
        const answer = await fetch(`${this.#url}${path}`, { method, headers });
        if (answer.ok) return await answer.json();
        told = `${answer.status} ${await answer.text()}`;
      } catch {
        // The process may just have been killed, in the middle of its answer too.
      }
      const isRecovering = performance.now() - this.#book.lostAt < RECOVERY_MS;
      if (!isRecovering || told.startsWith('4')) this.#book.fail(`${method} ${path} was answered ${told}`);
      await sleep(80);
    }
  }
}
