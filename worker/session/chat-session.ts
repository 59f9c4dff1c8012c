import { DurableObject } from 'cloudflare:workers';
import {
  type ArchivePage,
  CLOSE,
  type Conversation,
  LIMITS,
  type Model,
  PING,
  PONG,
  SUBPROTOCOL,
  type UsageReport,
} from '../../shared/index.ts';
import { createAgent } from '../agents/factory.ts';
import { type WarmUpMemory, warmUp } from '../agents/warm-up.ts';
import { findConversation, listArchives, startConversation, writeSession } from '../archive/conversations.ts';
import { type ExportFormat, exportConversation } from '../archive/export.ts';
import { allMessages } from '../archive/messages.ts';
import { isInitialised, migrate } from '../archive/migrations.ts';
import { toArchiveEntry } from '../archive/rows.ts';
import type { Row, Sql } from '../archive/sql.ts';
import { listAudit } from '../archive/tools.ts';
import type { Env } from '../env.ts';
import { deploymentTill } from '../guard/deployment-till.ts';
import { isStillIn } from '../guard/pass.ts';
import type { Till } from '../guard/till.ts';
import { readVisitor, sessionVisitor, type Visitor } from '../guard/visitor.ts';
import type { ModelEntry } from '../models/types.ts';
import { servicesOf } from '../services.ts';
import { probeTools } from '../tools/tool-probe.ts';
import { answeredOnce } from '../usage/answered.ts';
import { deploymentUsage } from '../usage/deployment-usage.ts';
import { sessionReport } from '../usage/session-report.ts';
import { closeAll } from './audience.ts';
import { HttpStream } from './http-stream.ts';
import { createOffer, type Offer } from './offer.ts';
import { createPricing } from './pricing.ts';
import { RetentionAlarm } from './retention-alarm.ts';
import { Session } from './session.ts';
import { type Cursor, conversationView, withLive } from './snapshot.ts';
import { Sockets } from './sockets.ts';
import type { Timers } from './ticker.ts';

/** One an isolate: many sessions open their selectors, one home machine loads the model. */
const warmUpMemory: WarmUpMemory = { at: Number.NEGATIVE_INFINITY };

const timers: Timers = {
  set: (run, ms) => setTimeout(run, ms),
  clear: (handle) => clearTimeout(handle as number),
};

/** Wiring: hands clock, storage, sockets and upstreams to {@link Session}, and events to it. */
export class ChatSession extends DurableObject<Env> {
  readonly #sql: Sql;
  readonly #sockets: Sockets;
  #session: Session | null = null;
  #till: Till | null = null;
  #retention: RetentionAlarm | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql = {
      exec: (query, ...bindings) => ctx.storage.sql.exec<Row>(query, ...bindings).toArray(),
      atomically: (run) => ctx.storage.transactionSync(run),
    };
    this.#sockets = new Sockets(ctx);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    if (isInitialised(this.#sql)) this.#wake();
  }

  #wake(): Session {
    const { config, registry, telemetry, now, fetch, health, createTools, verdicts } = servicesOf(this.env);
    const pricing = createPricing(this.#sql, registry, now);
    migrate(this.#sql);
    const retention = new RetentionAlarm({
      sql: this.#sql,
      setAlarm: (at) => this.ctx.waitUntil(this.ctx.storage.setAlarm(at)),
      now,
      days: config.retentionDays,
    });
    this.#retention = retention;
    const keepAlive = (work: Promise<unknown>) => this.ctx.waitUntil(work);
    const till = deploymentTill(this.env, keepAlive);
    this.#till = till;
    const usage = deploymentUsage(this.env, keepAlive);
    const agentOf = (entry: ModelEntry) => createAgent(entry, config, fetch);
    this.#session = new Session({
      id: this.ctx.id.toString(),
      sql: this.#sql,
      sockets: () => this.#sockets.all(),
      offer: (freshness) => this.#offer(freshness),
      recheckHealth: async () => {
        await health.refresh();
        return this.#offer('known');
      },
      createAgent: agentOf,
      warmUp: (entry, payer) =>
        warmUp(entry, payer, { createAgent: agentOf, till, now, memory: warmUpMemory }),
      till,
      pricing,
      recordAnswer: ({ acceptedAt, requested: bound }, detail) => {
        const automatic = registry.entries.get(bound)?.is_automatic === true;
        usage.record(answeredOnce({ acceptedAt, bound, automatic, detail }));
      },
      tools: {
        runner: config.tools.servers.length === 0 ? null : createTools(),
        verdicts,
        probe: (entry, payer) => probeTools(entry, payer, { createAgent: agentOf, till }),
        ...config.tools,
      },
      secondOpinion:
        config.secondOpinionMs === null
          ? null
          : { limitMs: config.secondOpinionMs, cost: pricing.cost, timers, now },
      telemetry,
      settings: config,
      touch: () => retention.touch(),
      now,
      newId: () => crypto.randomUUID().slice(0, 13),
      timers,
      keepAlive,
    });
    return this.#session;
  }

  async #offer(freshness: 'known' | 'fresh'): Promise<Offer> {
    const { config, registry, health, verdicts, toolNotes, now } = servicesOf(this.env);
    const keep = (work: Promise<unknown>) => this.ctx.waitUntil(work);
    const noted = (models: Model[]) => toolNotes(models, keep);
    if (config.tools.servers.length > 0) await verdicts.load([...registry.entries.values()]);
    if (freshness === 'fresh') {
      return createOffer(registry, config, await health.current(keep), now(), noted);
    }
    const known = await health.known();
    keep(health.current(keep));
    return createOffer(registry, config, known, now(), noted);
  }

  /** Makes a new session of this object, with an empty conversation on the default model. */
  async create(): Promise<string> {
    const { now } = servicesOf(this.env);
    const offer = await this.#offer('known');
    if (this.#session === null) {
      migrate(this.#sql);
      // The id as asked for: a default that is gone is replaced, and said so, at the first greeting (R6).
      startConversation(this.#sql, crypto.randomUUID().slice(0, 13), offer.wantedDefault(), now());
      writeSession(this.#sql, 'id', this.ctx.id.toString());
      this.#wake();
    }
    return this.ctx.id.toString();
  }

  /** The upgrade of a socket, or a stream (H9); 404 when this object is no session (never made, or deleted). */
  override async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    if (url.searchParams.get('create') === '1') await this.create();
    const visitor = readVisitor(request.headers, this.ctx.id.toString());
    const [offer, budget] = await Promise.all([this.#offer('known'), this.#till?.look(visitor) ?? null]);
    const session = this.#session;
    if (session === null) return new Response(null, { status: 404 });
    // No await from here: no frame may fall between the greeting and the socket's joining the others.
    this.#sockets.makeRoom();
    const greeting = session.greet(cursorOf(url), offer, budget);
    const joining = {
      connectionId: crypto.randomUUID(),
      openedAt: servicesOf(this.env).now(),
      visitor,
    };
    if (url.pathname === '/stream') {
      const onGone = (stream: HttpStream) => {
        this.#sockets.leave(stream);
        this.#audienceChanged();
      };
      const stream = new HttpStream({ ...joining, greeting, timers, onGone });
      this.#sockets.join(stream);
      session.audienceChanged();
      return new Response(stream.body);
    }
    const { 0: client, 1: server } = new WebSocketPair();
    this.#sockets.accept(server, joining);
    for (const frame of greeting) server.send(frame);
    session.audienceChanged();
    const headers = new Headers();
    if (url.searchParams.get('subprotocol') === '1') headers.set('Sec-WebSocket-Protocol', SUBPROTOCOL);
    // An empty list, so that nothing is compressed: on loopback bytes cost nothing, and packing and unpacking each
    // delta takes a fifth of its CPU here and more in the client (docs/performance.md). Deployed, the platform decides.
    if (servicesOf(this.env).config.local) headers.set('Sec-WebSocket-Extensions', ',');
    return new Response(null, { status: 101, webSocket: client, headers });
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const from = this.#sockets.of(socket);
    if (isTooBig(message)) {
      socket.close(CLOSE.frameTooBig, 'The frame is larger than 1 MiB.');
      return;
    }
    const { house, now } = servicesOf(this.env);
    if (this.#session === null) socket.close(CLOSE.unknownSession, 'This session was deleted.');
    else if (!isStillIn(from.visitor, house, now())) socket.close(CLOSE.signIn, 'Sign in again.');
    // What is not text is no JSON, and is answered as such.
    else await this.#session.receive(typeof message === 'string' ? message : '', from);
  }

  /**
   * One frame of a client that has no socket (H9), with a body that parses; what it leads to comes by the streams.
   * @param visitor who sends it; a Worker of an earlier version says nothing
   * @returns false when this object is no session
   */
  takeFrame(text: string, visitor?: Visitor): boolean {
    if (this.#session === null) return false;
    const from = this.#sockets.streams({
      connectionId: crypto.randomUUID(),
      visitor: visitor ?? sessionVisitor(this.ctx.id.toString()),
    });
    this.ctx.waitUntil(this.#session.receive(text, from));
    return true;
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    // Not every runtime answers a close by itself: without an answer the client waits, and ends with 1006.
    // 1005 ("no code came") must not be sent.
    try {
      socket.close(code === 1005 ? 1000 : code);
    } catch {
      // Gone already.
    }
    this.#audienceChanged();
  }

  override webSocketError(): void {
    this.#audienceChanged();
  }

  #audienceChanged(): void {
    this.#sockets.changed();
    this.#session?.audienceChanged();
  }

  /** Nobody has used the session for long, or so it was when the alarm was set. */
  override async alarm(): Promise<void> {
    if (this.#retention?.ring(this.#sockets.all().length > 0)) await this.destroy();
  }

  /** False when this object is no session: never made, or deleted. */
  exists(): boolean {
    return this.#session !== null;
  }

  /**
   * Deletes everything of the session for good, its alarm too; nothing is left that would know its id.
   * @returns false when this object is no session
   */
  async destroy(): Promise<boolean> {
    const session = this.#session;
    if (session === null) return false;
    this.#session = null;
    session.end();
    closeAll(this.#sockets.all(), CLOSE.unknownSession, 'This session was deleted.');
    try {
      await this.ctx.storage.deleteAll();
    } catch (error) {
      this.#wake();
      throw error;
    }
    return true;
  }

  /** Deletes one conversation of the archive; `no_session` when this object is none. */
  deleteConversation(id: string): ReturnType<Session['deleteConversation']> | 'no_session' {
    return this.#session?.deleteConversation(id) ?? 'no_session';
  }

  /** One page of the archive, newest first; null when this object is no session. */
  archives(cursor: string | null): ArchivePage | null {
    if (this.#session === null) return null;
    const { conversations, next } = listArchives(this.#sql, cursor);
    return { conversations: conversations.map(toArchiveEntry), next };
  }

  /** One page of one conversation, oldest first; null when there is no such thing. */
  read(id: string, page: { before: string | null; limit: number }): Conversation | null {
    const found = this.#find(id);
    return found === null ? null : conversationView(this.#sql, found.row, found.run, page);
  }

  /** What the session has used since then, by hour and model; null when this object is no session. */
  usageReport(since: number): UsageReport | null {
    if (this.#session === null) return null;
    return sessionReport(this.#sql, since, servicesOf(this.env).registry);
  }

  /** What tools were asked for here, newest first; null when this object is no session. */
  toolCalls(): ReturnType<typeof listAudit> | null {
    return this.#session === null ? null : listAudit(this.#sql, AUDIT_PAGE);
  }

  download(id: string, format: ExportFormat): ReturnType<typeof exportConversation> | null {
    const found = this.#find(id);
    if (found === null) return null;
    return exportConversation(found.row, withLive(allMessages(this.#sql, id), found.run), format);
  }

  #find(id: string) {
    if (this.#session === null) return null;
    const row = findConversation(this.#sql, id);
    return row === null
      ? null
      : { row, run: id === this.#session.conversation.id ? this.#session.run : null };
  }
}

/** More calls than a person reads; the whole of a conversation's is in its download. */
const AUDIT_PAGE = 500;

function cursorOf(url: URL): Cursor | null {
  const conversation = url.searchParams.get('conversation');
  const after = url.searchParams.get('after');
  if (conversation === null || after === null || !/^\d{1,15}$/.test(after)) return null;
  return { conversation, after: Number(after) };
}

function isTooBig(text: string | ArrayBuffer): boolean {
  if (typeof text !== 'string') return text.byteLength > LIMITS.frameBytes;
  if (text.length > LIMITS.frameBytes) return true;
  // A UTF-16 unit is at most three bytes.
  return text.length * 3 > LIMITS.frameBytes && new TextEncoder().encode(text).length > LIMITS.frameBytes;
}
