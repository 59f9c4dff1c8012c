import type { ClientFrame, ErrorFrame, ServerFrame, ToolCall } from '#lib/wire.ts';

export type Choice = 'once' | 'always' | 'deny';

/**
 * What is known here of the decision about a call. sent: on its way, or kept until the other calls of its round are
 * decided. late: it was decided before, here or in another tab or device. allowed, denied: it has had its effect.
 */
export type Decision =
  | { kind: 'sent'; choice: Choice }
  | { kind: 'late' }
  | { kind: 'allowed'; always: boolean }
  | { kind: 'denied' };

export type DecisionsWorld = {
  /** False when there is no open connection. */
  send: (frame: ClientFrame) => boolean;
  waiting: () => readonly ToolCall[];
  notConnected: () => void;
};

/** What people decide about calls of tools that wait for them (C6). */
export class Decisions {
  #known = $state.raw<ReadonlyMap<string, Decision>>(new Map());
  /** Calls that have waited for a person. */
  readonly #asked = new Set<string>();
  readonly #world: DecisionsWorld;

  constructor(world: DecisionsWorld) {
    this.#world = world;
    for (const { call_id } of world.waiting()) this.#asked.add(call_id);
  }

  of(callId: string): Decision | null {
    return this.#known.get(callId) ?? null;
  }

  /** Calls that wait and about which nothing has been said here. */
  get open(): readonly ToolCall[] {
    return this.#world.waiting().filter((call) => !this.#known.has(call.call_id));
  }

  decide(call: ToolCall, choice: Choice): void {
    const remember = choice === 'always' ? { remember: true } : {};
    const frame = {
      type: 'tool_decision',
      call_id: call.call_id,
      allow: choice !== 'deny',
      ...remember,
    } as const;
    if (!this.#world.send(frame)) {
      this.#world.notConnected();
      return;
    }
    // The server takes it for every call of that tool in the round.
    const same = choice === 'always' ? this.open.filter(({ name }) => name === call.name) : [];
    this.#put([call.call_id, ...same.map(({ call_id }) => call_id)], { kind: 'sent', choice });
  }

  /** Takes up what a frame says about decisions; after the frame is in the state. */
  hear(frame: ServerFrame): void {
    switch (frame.type) {
      case 'session':
        // What was on its way may be lost: it can be said again, and the server passes over what it knows.
        this.#forget(({ kind }) => kind === 'sent' || kind === 'late');
        for (const { call_id } of this.#world.waiting()) this.#asked.add(call_id);
        break;
      case 'tool_request':
        this.#asked.add(frame.call_id);
        break;
      case 'tool_call': {
        if (!this.#wasAsked(frame.call_id)) break;
        const known = this.of(frame.call_id);
        this.#put([frame.call_id], {
          kind: 'allowed',
          always: known?.kind === 'sent' && known.choice === 'always',
        });
        break;
      }
      case 'tool_result': {
        const known = this.of(frame.call_id);
        if (known?.kind === 'allowed') break;
        if (this.#wasAsked(frame.call_id)) this.#put([frame.call_id], { kind: 'denied' });
        break;
      }
    }
  }

  /** Whether an error only says that somebody else was first: that is no news to anybody. */
  refused({ code, message_id }: ErrorFrame): boolean {
    if (code !== 'not_found' || message_id !== undefined) return false;
    const sent = [...this.#known].filter(([, { kind }]) => kind === 'sent').map(([id]) => id);
    if (sent.length === 0) return false;
    const waiting = new Set(this.#world.waiting().map(({ call_id }) => call_id));
    this.#put(sent.filter((id) => waiting.has(id)).slice(-1), { kind: 'late' });
    return true;
  }

  #wasAsked(callId: string): boolean {
    return this.#asked.has(callId) || this.#known.has(callId);
  }

  #put(ids: readonly string[], decision: Decision): void {
    if (ids.length === 0) return;
    const known = new Map(this.#known);
    for (const id of ids) {
      known.delete(id);
      known.set(id, decision);
    }
    this.#known = known;
  }

  #forget(isOver: (decision: Decision) => boolean): void {
    this.#known = new Map([...this.#known].filter(([, decision]) => !isOver(decision)));
  }
}
