import type { Page, Route, WebSocketRoute } from 'playwright-core';
import {
  type ArchiveEntry,
  type ClientFrame,
  type Conversation,
  LIMITS,
  type Message,
  parseClientFrame,
  type ServerFrame,
} from '../../shared/index.ts';
import { ORIGIN, serveState } from '../gallery.ts';
import { answer, ask, session } from '../states-world.ts';

/** What a test makes the server do instead of what is right. */
type Fault = { status: number; code: string; message: string };

type PretendAnswer = {
  id: string;
  say: (text: string) => void;
  end: (stop?: 'end_turn' | 'interrupted') => void;
};

/** A server at the edge of the network, for sessions that are too long to be talked into a real one. */
export class PretendServer {
  readonly messages: Message[];
  /** Newest first. */
  archives: ArchiveEntry[] = [];
  readonly received: ClientFrame[] = [];
  /** Requests of the page beside its files, as `GET /path?query`. */
  readonly requests: string[] = [];
  /** By the beginning of `GET /path`; the first that fits is the answer. */
  readonly faults = new Map<string, Fault>();
  retentionDays: number | null = 90;
  linkLivesMs = 600_000;
  /** No socket is let in. */
  isDown = false;
  /** Answers wait for it. */
  gate: Promise<void> = Promise.resolve();
  #sessions = 1;
  #seq = 10;
  #links = 0;
  #socket: WebSocketRoute | null = null;

  constructor(messages: Message[]) {
    this.messages = messages;
  }

  async serve(page: Page): Promise<void> {
    await serveState(page, { name: 'pretended', frames: [session([])] });
    await page.routeWebSocket(/\/ws/, (socket) => {
      if (this.isDown) return void socket.close({ code: 1011, reason: 'down' });
      this.#socket = socket;
      socket.onMessage((text) => {
        const parsed = parseClientFrame(String(text));
        if (parsed.ok) this.received.push(parsed.frame);
      });
      this.send(this.#greeting());
    });
    await page.route(`${ORIGIN}/conversations**`, (route) => this.#answer(route));
    await page.route(`${ORIGIN}/conversations/**`, (route) => this.#answer(route));
    await page.route(`${ORIGIN}/sessions`, (route) => this.#answer(route));
    await page.route(`${ORIGIN}/links`, (route) => this.#answer(route));
  }

  send(frame: ServerFrame): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  /** Begins an answer to a new question; what comes back sends its deltas and its end. */
  answer(question: string, client_id: string | null = null, after?: string): PretendAnswer {
    const asked = ask(`u${this.messages.length + 1}`, question, after ?? this.messages.at(-1)?.id ?? null);
    this.messages.push(asked);
    return this.#begin(asked, client_id);
  }

  /** Begins another answer to a question that is there. */
  again(questionId: string, client_id: string | null = null): PretendAnswer {
    const asked = this.messages.find(({ id }) => id === questionId);
    if (!asked) throw new Error(`no question ${questionId}`);
    return this.#begin(asked, client_id);
  }

  #begin(asked: Message, client_id: string | null): PretendAnswer {
    const id = `a${this.messages.length + 1}`;
    this.messages.push(answer(id, asked.id, ''));
    this.send({
      type: 'message_accepted',
      seq: ++this.#seq,
      client_id,
      message: { ...asked, role: 'user' },
      reply_id: id,
      dropped_messages: 0,
    });
    this.send({
      type: 'message_start',
      seq: ++this.#seq,
      message_id: id,
      model: 'auto',
      actual_model: 'claude-haiku-5-5',
      routing_path: 'sdk_direct',
      reason: 'Short.',
      reason_code: 'simple',
    });
    return {
      id,
      say: (text) => this.send({ type: 'text_delta', seq: ++this.#seq, message_id: id, text }),
      end: (stop_reason = 'end_turn') =>
        this.send({
          type: 'message_end',
          seq: ++this.#seq,
          message_id: id,
          stop_reason,
          error_code: null,
          actual_model: 'claude-haiku-5-5',
          usage: null,
          cost_usd: 0,
          ttft_ms: 100,
          duration_ms: 900,
        }),
    };
  }

  async close(code: number): Promise<void> {
    await this.#socket?.close({ code, reason: 'closed' });
  }

  #greeting(): ServerFrame {
    const frame = session([], this.#page('c10', null));
    if (frame.type !== 'session') throw new Error('not a session');
    return {
      ...frame,
      session_id: `s${this.#sessions}`,
      last_seq: this.#seq,
      archives: this.archives.slice(0, LIMITS.archivesPage),
      archives_next: this.archives.length > LIMITS.archivesPage ? String(LIMITS.archivesPage) : null,
      retention_days: this.retentionDays,
    };
  }

  #page(id: string, before: string | null): Conversation {
    const end =
      before === null ? this.messages.length : this.messages.findIndex((message) => message.id === before);
    const start = Math.max(0, end - LIMITS.messagesPage);
    return {
      id,
      model: 'auto',
      title: 'A long one',
      status: id === 'c10' ? 'current' : 'archived',
      messages: this.messages.slice(start, end),
      message_count: this.messages.length,
      has_more: start > 0,
    };
  }

  async #answer(route: Route): Promise<void> {
    const request = route.request();
    const { pathname, searchParams, search } = new URL(request.url());
    const line = `${request.method()} ${pathname}`;
    this.requests.push(line + search);
    const fault = [...this.faults].find(([beginning]) => (line + search).startsWith(beginning))?.[1];
    await this.gate;
    if (fault) {
      const { status, code, message } = fault;
      return route.fulfill({ status, json: { error: { code, message, request_id: 'r' } } });
    }
    const id = pathname.split('/')[2] ?? '';
    switch (id === '' ? line : line.replace(`/${id}`, '/:id')) {
      case 'GET /conversations': {
        const from = Number(searchParams.get('cursor') ?? 0);
        const to = from + LIMITS.archivesPage;
        const next = to < this.archives.length ? String(to) : null;
        return route.fulfill({ json: { conversations: this.archives.slice(from, to), next } });
      }
      case 'GET /conversations/:id':
        return route.fulfill({ json: { conversation: this.#page(id, searchParams.get('before')) } });
      case 'DELETE /conversations/:id':
        this.archives = this.archives.filter((entry) => entry.id !== id);
        await route.fulfill({ status: 204 });
        return this.send({ type: 'conversation_deleted', conversation_id: id });
      case 'DELETE /sessions':
        this.messages.splice(0);
        this.archives = [];
        this.#sessions += 1;
        await this.close(4404);
        return route.fulfill({ status: 204 });
      case 'POST /links': {
        const expires_at = new Date(Date.now() + this.linkLivesMs).toISOString();
        this.#links += 1;
        return route.fulfill({
          status: 201,
          headers: { date: new Date().toUTCString() },
          json: { code: `Q2xvdWRmbGFyZS1jaGF0L${this.#links}`, expires_at },
        });
      }
      default:
        return route.fulfill({
          status: 404,
          json: { error: { code: 'not_found', message: line, request_id: 'r' } },
        });
    }
  }
}
