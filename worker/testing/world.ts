import { readServerFrame, type ServerFrame } from '../../shared/index.ts';
import { type Agent, AgentError, type AgentEvent, type AgentRequest } from '../agents/agent.ts';
import { startConversation, writeSession } from '../archive/conversations.ts';
import { migrate } from '../archive/migrations.ts';
import type { AnswerDetail } from '../archive/rows.ts';
import { readConfig } from '../config.ts';
import type { ToolServerConfig } from '../config-tools.ts';
import { LedgerBook } from '../guard/ledger-book.ts';
import { createTill, type LedgerLine } from '../guard/till.ts';
import type { Visitor } from '../guard/visitor.ts';
import type { HealthSnapshot } from '../health/types.ts';
import { costUsd } from '../models/prices.ts';
import { buildRegistry } from '../models/registry.ts';
import type { ModelEntry } from '../models/types.ts';
import type { Socket } from '../session/audience.ts';
import { createOffer } from '../session/offer.ts';
import { createPricing } from '../session/pricing.ts';
import { Session } from '../session/session.ts';
import type { Timers } from '../session/ticker.ts';
import type { TelemetryEvent } from '../telemetry/telemetry.ts';
import type { ToolOutcome } from '../tools/tool-runner.ts';
import { createToolVerdicts, type VerdictMemory } from '../tools/tool-verdicts.ts';
import type { OfferedTool } from '../tools/toolbox.ts';
import { MemorySql } from './sql.ts';

/** The day on which these tests play; claude-sonnet-4-5 still answers on it. */
export const TODAY = Date.parse('2026-11-22T12:00:00Z');

export class FakeClock implements Timers {
  #now = TODAY;
  #next = 1;
  readonly #due = new Map<number, { at: number; run: () => void }>();

  now = (): number => this.#now;

  set(run: () => void, ms: number): number {
    const handle = this.#next++;
    this.#due.set(handle, { at: this.#now + ms, run });
    return handle;
  }

  clear(handle: unknown): void {
    this.#due.delete(handle as number);
  }

  get pending(): number {
    return this.#due.size;
  }

  /** Whoever waited is gone. */
  forget(): void {
    this.#due.clear();
  }

  /** Lets time pass, running what falls due in its order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = [...this.#due.entries()]
        .filter(([, one]) => one.at <= end)
        .sort((a, b) => a[1].at - b[1].at)[0];
      if (next === undefined) break;
      const [handle, { at, run }] = next;
      this.#due.delete(handle);
      this.#now = at;
      run();
    }
    this.#now = end;
  }
}

export class RecordingSocket implements Socket {
  readonly connectionId: string;
  readonly visitor: Visitor;
  readonly wire: string[] = [];

  constructor(connectionId: string, visitor: Visitor = { who: 'session:session-id', address: 'local' }) {
    this.connectionId = connectionId;
    this.visitor = visitor;
  }

  closed: number | null = null;

  send(text: string): void {
    this.wire.push(text);
  }

  close(code: number): void {
    this.closed = code;
  }

  get frames(): ServerFrame[] {
    return this.wire.map((text) => {
      const frame = readServerFrame(text);
      if (frame === null) throw new Error(`not a frame of this protocol: ${text}`);
      return frame;
    });
  }

  all<T extends ServerFrame['type']>(type: T): Extract<ServerFrame, { type: T }>[] {
    return this.frames.filter((frame): frame is Extract<ServerFrame, { type: T }> => frame.type === type);
  }

  last<T extends ServerFrame['type']>(type: T): Extract<ServerFrame, { type: T }> {
    const frame = this.all(type).at(-1);
    if (frame === undefined)
      throw new Error(`no ${type} among ${this.frames.map((one) => one.type).join(', ')}`);
    return frame;
  }
}

/** A tool of the one server that there is; it only reads. */
export function aTool(name: string, more: Partial<OfferedTool> = {}): OfferedTool {
  return {
    name,
    title: null,
    description: `What ${name} does.`,
    inputSchema: { type: 'object', properties: {} },
    server: 'netbox',
    tool: name,
    readOnly: true,
    ...more,
  };
}

/** One call that reached a server of tools; the test answers it. */
export class ScriptedToolCall {
  readonly tool: OfferedTool;
  readonly args: Record<string, unknown>;
  readonly signal: AbortSignal;
  /** The most that its result may have. */
  readonly chars: number;
  readonly outcome: Promise<ToolOutcome>;
  #resolve: (outcome: ToolOutcome) => void = () => {};

  constructor(tool: OfferedTool, args: Record<string, unknown>, signal: AbortSignal, chars: number) {
    this.chars = chars;
    this.tool = tool;
    this.args = args;
    this.signal = signal;
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    signal.addEventListener('abort', () =>
      this.#resolve({ ok: false, content: 'The call was stopped.', truncated: false, durationMs: 0 }),
    );
  }

  async answer(content: string, ok = true): Promise<void> {
    this.#resolve({ ok, content, truncated: false, durationMs: 7 });
    await settle();
  }
}

/** One request that reached an upstream; the test answers it event by event. */
export class ScriptedCall {
  readonly entry: ModelEntry;
  readonly request: AgentRequest;
  readonly signal: AbortSignal;
  readonly #events: (AgentEvent | Error)[] = [];
  #wake: () => void = () => {};

  constructor(entry: ModelEntry, request: AgentRequest, signal: AbortSignal) {
    this.entry = entry;
    this.request = request;
    this.signal = signal;
    signal.addEventListener('abort', () => this.#wake());
  }

  async push(...events: (AgentEvent | Error)[]): Promise<void> {
    this.#events.push(...events);
    this.#wake();
    await settle();
  }

  text(...pieces: string[]): Promise<void> {
    return this.push(...pieces.map((text): AgentEvent => ({ type: 'text', text })));
  }

  /** Asks for tools, and waits for their results. */
  tools(
    ...uses: { name: string; args?: Record<string, unknown>; id?: string; raw?: string }[]
  ): Promise<void> {
    return this.push(
      ...uses.map(({ name, args = {}, id, raw }, i): AgentEvent => {
        const call = { id: id ?? `call-${i + 1}`, name, raw: raw ?? JSON.stringify(args) };
        return { type: 'tool_use', call: { ...call, arguments: raw === undefined ? args : null } };
      }),
      {
        type: 'usage',
        usage: { input_tokens: 10, output_tokens: 5, cache_read_tokens: 0, cache_write_tokens: 0 },
      },
      { type: 'end', stop: 'tool_use', echo: [{ type: 'thinking', signature: 'kept' }] },
    );
  }

  finish(): Promise<void> {
    return this.push(
      {
        type: 'usage',
        usage: { input_tokens: 10, output_tokens: 5, cache_read_tokens: 0, cache_write_tokens: 0 },
      },
      { type: 'end', stop: 'end_turn' },
    );
  }

  fail(kind: AgentError['kind'], more: { status?: number; timedOut?: boolean } = {}): Promise<void> {
    return this.push(new AgentError(kind, 'The upstream failed.', more));
  }

  async *stream(): AsyncGenerator<AgentEvent> {
    for (;;) {
      const event = this.#events.shift();
      if (event instanceof Error) throw event;
      if (event !== undefined) {
        yield event;
        if (event.type === 'end') return;
        continue;
      }
      if (this.signal.aborted) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** Lets everything run that needs no more input. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 30; i++) await Promise.resolve();
}

export const BOTH_SIDES = {
  LOCAL: 'true',
  ANTHROPIC_API_KEY: 'sk-ant-test',
  LITELLM_ENABLED: 'true',
  LITELLM_PROXY_URL: 'http://127.0.0.1:4000',
  LITELLM_MASTER_KEY: 'sk-proxy-test-key',
};

/** A session with everything around it scripted: clock, upstreams, health, sockets; the storage is real SQLite. */
export class World {
  readonly clock = new FakeClock();
  readonly sql = new MemorySql();
  readonly calls: ScriptedCall[] = [];
  readonly events: TelemetryEvent[] = [];
  readonly sockets = new Set<RecordingSocket>();
  /** Ids of the models that were asked to load. */
  readonly warmed: string[] = [];
  /** How often the session said that it is in use. */
  touches = 0;
  health: HealthSnapshot | null = null;
  session: Session;
  /** The ledger of the deployment; it outlives the process. */
  readonly book = new LedgerBook(new MemorySql());
  /** How the session reaches it; a test may cut or delay it. */
  ledger: LedgerLine = {
    reserve: async (id, call, limits, ttlMs) => {
      const now = this.clock.now();
      return this.book.reserve(id, call, limits, now + ttlMs, now);
    },
    settle: async (id, nanos) => this.book.settle(id, nanos),
    look: async (limits) => this.book.look(limits, this.clock.now()),
  };
  #ids = 0;
  /** What is offered to models, and who offers it. */
  tools: OfferedTool[] = [];
  readonly toolServers: ToolServerConfig[] = [
    {
      name: 'netbox',
      url: 'http://127.0.0.1:1/mcp',
      token: '',
      headers: {},
      allowed: null,
      readOnly: [],
      mode: 'read',
    },
  ];
  readonly toolCalls: ScriptedToolCall[] = [];
  /** How often what was open at the servers of tools was closed. */
  toolsClosed = 0;
  readonly verdicts: VerdictMemory = new Map();
  /** Local models that were asked whether they can use tools, and what comes of it. */
  readonly probed: string[] = [];
  passesProbe: boolean | null = true;
  /** What the deployment was told of answers that have ended. */
  readonly recorded: AnswerDetail[] = [];
  #reservations = 0;
  #env: Record<string, string>;

  constructor(env: Record<string, string> = {}) {
    this.#env = { ...BOTH_SIDES, ...env };
    this.book.migrate();
    migrate(this.sql);
    startConversation(this.sql, this.#newId(), this.offer().wantedDefault(), this.clock.now());
    writeSession(this.sql, 'id', 'session-id');
    this.session = this.#wake();
  }

  #newId(): string {
    this.#ids += 1;
    return `conv-${this.#ids}`;
  }

  offer() {
    const config = readConfig(this.#env);
    return createOffer(buildRegistry(config), config, this.health, this.clock.now());
  }

  #wake(): Session {
    const config = readConfig(this.#env);
    return new Session({
      id: 'session-id',
      sql: this.sql,
      sockets: () => this.sockets,
      offer: async () => this.offer(),
      recheckHealth: async () => this.offer(),
      warmUp: async (entry) => this.warmed.push(entry.id),
      createAgent: (entry): Agent => ({
        stream: (request, signal) => {
          const call = new ScriptedCall(entry, request, signal);
          this.calls.push(call);
          return call.stream();
        },
      }),
      pricing: createPricing(this.sql, buildRegistry(config), this.clock.now),
      recordAnswer: (_run, detail) => this.recorded.push(detail),
      tools: {
        runner: {
          toolbox: async () => ({ tools: [...this.tools], missing: [], leftOut: 0 }),
          call: (tool, args, { signal, chars = Number.NaN }) => {
            const call = new ScriptedToolCall(tool, args, signal, chars);
            this.toolCalls.push(call);
            return call.outcome;
          },
          close: async () => {
            this.toolsClosed += 1;
          },
        },
        verdicts: createToolVerdicts({
          configHash: config.hash,
          kv: undefined,
          memory: this.verdicts,
          now: this.clock.now,
        }),
        probe: async (entry) => {
          this.probed.push(entry.id);
          return this.passesProbe;
        },
        ...config.tools,
        servers: this.toolServers,
      },
      secondOpinion:
        config.secondOpinionMs === null
          ? null
          : {
              limitMs: config.secondOpinionMs,
              cost: (entry, usage) => costUsd(entry, usage, this.clock.now()),
              timers: this.clock,
              now: this.clock.now,
            },
      till: createTill({
        ledger: {
          reserve: (...call) => this.ledger.reserve(...call),
          settle: (...call) => this.ledger.settle(...call),
          look: (...call) => this.ledger.look(...call),
        },
        budgets: config.budgets,
        runMs: config.limits.runMs,
        cost: (entry, usage) => costUsd(entry, usage, this.clock.now()),
        telemetry: (event) => this.events.push(event),
        now: this.clock.now,
        newId: () => `r${++this.#reservations}`,
        timers: this.clock,
        keepAlive: () => {},
      }),
      telemetry: (event) => this.events.push(event),
      settings: config,
      touch: () => {
        this.touches += 1;
      },
      now: this.clock.now,
      newId: () => this.#newId(),
      timers: this.clock,
      keepAlive: () => {},
    });
  }

  /** The process is gone, the storage and the clients are not. Other settings may come with the new one. */
  restart(env: Record<string, string> = {}): void {
    this.#env = { ...this.#env, ...env };
    this.clock.forget();
    this.session = this.#wake();
  }

  connect(cursor: { conversation: string; after: number } | null = null): RecordingSocket {
    const socket = new RecordingSocket(`socket-${this.sockets.size + 1}`);
    for (const wire of this.session.greet(cursor, this.offer())) socket.send(wire);
    this.sockets.add(socket);
    this.session.audienceChanged();
    return socket;
  }

  /** The connection is gone. */
  leave(socket: RecordingSocket): void {
    this.sockets.delete(socket);
    this.session.audienceChanged();
  }

  async say(socket: RecordingSocket, frame: unknown): Promise<void> {
    void this.session.receive(typeof frame === 'string' ? frame : JSON.stringify(frame), socket);
    await settle();
  }

  /** The newest request that reached an upstream. */
  get call(): ScriptedCall {
    const call = this.calls.at(-1);
    if (call === undefined) throw new Error('nothing was asked upstream');
    return call;
  }

  /** The newest call that reached a server of tools. */
  get toolCall(): ScriptedToolCall {
    const call = this.toolCalls.at(-1);
    if (call === undefined) throw new Error('no tool was called');
    return call;
  }

  /** A whole turn: question, answer, end. */
  async turn(socket: RecordingSocket, question: string, answer: string): Promise<void> {
    await this.say(socket, { type: 'chat', message: question });
    await this.call.text(answer);
    await this.call.finish();
  }
}

/** The numbers of those frames that have one. */
export const seqsOf = (frames: object[]) =>
  frames.flatMap((frame) => ('seq' in frame && typeof frame.seq === 'number' ? [frame.seq] : []));

/** from, from + 1, ... n */
export const upTo = (n: number, from = 1) => Array.from({ length: n - from + 1 }, (_, i) => from + i);
