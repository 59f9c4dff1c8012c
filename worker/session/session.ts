import type {
  Budget,
  ChatFrame,
  ClientFrame,
  ConversationDeletedFrame,
  EditFrame,
  RedoFrame,
  ToolDecisionFrame,
} from '../../shared/index.ts';
import { deleteConversation, findConversation, readSession } from '../archive/conversations.ts';
import { findAccepted } from '../archive/messages.ts';
import type { ConversationRow } from '../archive/rows.ts';
import type { Visitor } from '../guard/visitor.ts';
import type { ModelEntry } from '../models/types.ts';
import { describeFault } from '../telemetry/telemetry.ts';
import { AnswerStream } from './answer-stream.ts';
import { takeDecision } from './approval.ts';
import { reply, type Socket, sendAway, tellAll } from './audience.ts';
import type { Wish } from './automatic.ts';
import { askEvent, modelChangeEvent, openEvent, SELECTION_OFF } from './intake.ts';
import type { LiveRun } from './live-run.ts';
import { type Effect, errorFrame, type SessionEvent, type SessionState, step } from './machine.ts';
import { ModelList } from './model-list.ts';
import type { Offer } from './offer.ts';
import { Pace } from './pace.ts';
import { Reception } from './reception.ts';
import { recover } from './recovery.ts';
import { runDeps } from './run-deps.ts';
import type { RunDeps } from './run-types.ts';
import type { SessionDeps } from './session-deps.ts';
import { SessionTools } from './session-tools.ts';
import { type Cursor, greeting, openedFrame } from './snapshot.ts';
import { beginAnother, changeTo } from './switching.ts';

/** Frames that put a conversation away; each costs rows, as a message does. */
const SWITCHES: ReadonlySet<ClientFrame['type']> = new Set(['model_change', 'reset', 'open']);

/** One session: carries out what {@link step} decides, on this archive and these sockets. */
export class Session {
  readonly #deps: SessionDeps;
  #state: SessionState;
  #stream: AnswerStream;
  readonly #pace: Pace;
  readonly #models: ModelList;
  readonly #tools: SessionTools;
  readonly #reception: Reception;
  #isOver = false;

  /** Wakes a session whose storage is initialised; a run that was cut becomes `interrupted`. */
  constructor(deps: SessionDeps) {
    this.#deps = deps;
    this.#pace = new Pace(deps.settings.limits.turnsPerMinute);
    this.#models = new ModelList({
      ...deps,
      broadcast: (wire) => this.#broadcast(wire),
      onFault: (error) => this.#reportFault('models', error),
    });
    this.#reception = new Reception({
      ...deps,
      pace: this.#pace,
      limits: deps.settings.limits,
      isOver: () => this.#isOver,
      stop: (from) => this.#apply({ type: 'stop' }, from, null),
      openSelector: (from) => this.#openSelector(from),
      handle: (frame, from) => this.#handle(frame, from),
    });
    this.#tools = new SessionTools(deps.tools, deps.sql, deps.newId);
    const recovered = this.#read();
    this.#state = stateOf(recovered);
    this.#stream = this.#streamOf(recovered);
  }

  get conversation(): ConversationRow {
    return this.#state.conversation;
  }

  get run(): LiveRun | null {
    return this.#stream.run;
  }

  /**
   * The frames for a socket that has just come, S1 first. They must be sent in the same turn in which the
   * socket joins the others, so that nothing falls in between.
   * @param budget what is left for whoever comes, for S1
   */
  greet(cursor: Cursor | null, offer: Offer, budget: Budget | null = null): string[] {
    this.#deps.touch();
    // A running answer goes on to its end on the model that began it (R3); the next message finds out.
    const changed = this.#state.phase === 'idle' ? this.#rebindIfGone(offer) : null;
    const { modelSelection, retentionDays, autoMode } = this.#deps.settings;
    const { buffer, run } = this.#stream;
    const frames = greeting(
      this.#deps.sql,
      {
        id: this.#deps.id,
        conversation: this.conversation,
        buffer,
        run,
        modelSelection,
        retentionDays,
        autoMode,
        budget,
      },
      cursor,
    );
    return changed === null ? frames : [...frames, changed.wire];
  }

  /** A socket has come or gone. */
  audienceChanged(): void {
    this.#stream.audienceChanged();
  }

  /**
   * Deletes an archived conversation for good, and tells everybody.
   * @returns what is in the way: it is the `current` one, or `unknown`
   */
  deleteConversation(id: string): 'deleted' | 'current' | 'unknown' {
    if (id === this.conversation.id) return 'current';
    if (!deleteConversation(this.#deps.sql, id)) return 'unknown';
    const frame: ConversationDeletedFrame = { type: 'conversation_deleted', conversation_id: id };
    this.#broadcast(JSON.stringify(frame));
    return 'deleted';
  }

  /**
   * The session is about to be deleted: a running answer is stopped, with its receipt in the log (it is paid for), and
   * from here on nothing is written, whatever is still under way.
   */
  end(): void {
    try {
      this.#stream.end({ stop_reason: 'stopped', error: null });
    } catch {
      // A disk that takes no writes can still be emptied.
    }
    this.#isOver = true;
    this.#models.clear();
    this.#stream.discard();
  }

  /** One text frame of a client. */
  receive(text: string, from: Socket): Promise<void> {
    return this.#reception.receive(text, from);
  }

  async #handle(frame: ClientFrame, from: Socket): Promise<unknown> {
    const { now, newId, offer, sql, settings } = this.#deps;
    const wait = SWITCHES.has(frame.type) ? this.#pace.waitToSwitch(now()) : 0;
    if (wait > 0) {
      const words = `Too many new conversations in a minute. Try again in ${Math.ceil(wait / 1000)} s.`;
      return reply(from, errorFrame('rate_limited', words, null, wait));
    }
    switch (frame.type) {
      case 'chat':
      case 'redo':
      case 'edit':
        return this.#ask(frame, from, await offer('known'));
      case 'model_change': {
        const known = settings.modelSelection ? await offer('known') : null;
        const begin = { newId: newId(), now: now() };
        return this.#apply(modelChangeEvent(frame.model, known, begin), from, null);
      }
      case 'reset': {
        // A new conversation on a model that is gone would be refused at its first message.
        if (this.#rebindIfGone(await offer('known')) !== null) return;
        return this.#apply({ type: 'reset', newId: newId(), now: now() }, from, null);
      }
      case 'open': {
        const known = await offer('known');
        const event = openEvent(frame.conversation_id, sql, known, settings.modelSelection, now());
        return this.#apply(event, from, null);
      }
      case 'stop':
        return this.#apply({ type: 'stop' }, from, null);
      case 'tool_decision':
        return this.#decide(frame, from, await offer('known'));
      case 'models':
        return;
    }
  }

  #ask(frame: ChatFrame | RedoFrame | EditFrame, from: Socket, offer: Offer): void {
    const { sql, settings, till, now } = this.#deps;
    const { limits, modelSelection, autoMode, prompts } = settings;
    const bounds = {
      ...limits,
      modelSelection,
      autoMode,
      prompts,
      toolTokens: this.#tools.tokens,
      till,
      payer: from.visitor,
      now: now(),
    };
    // What was accepted before is answered as it was, wherever it went; and a run goes on to its end (R3).
    const isKnown = frame.client_id !== undefined && findAccepted(sql, frame.client_id) !== null;
    const gone = isKnown || this.#state.phase === 'running' ? null : this.#rebindIfGone(offer);
    this.#apply(askEvent(frame, sql, this.#state, offer, gone?.reason ?? null, bounds), from, offer);
  }

  /** R6: archives what is bound to a model that is gone, and says so to everybody; null when nothing is. */
  #rebindIfGone(offer: Offer): { wire: string; reason: string } | null {
    const { settings, now, newId } = this.#deps;
    const { model } = this.conversation;
    const wanted = settings.modelSelection ? model : offer.defaultId();
    const choice = offer.rebind(wanted);
    if ((choice.kind !== 'ok' && choice.kind !== 'replaced') || choice.entry.id === model) return null;
    const reason = choice.kind === 'replaced' ? choice.reason : SELECTION_OFF;
    const event = { kind: 'replaced', entry: choice.entry, requested: model, reason } as const;
    const rebind = { type: 'rebind', choice: event, newId: newId(), now: now() } as const;
    const wire = this.#apply(rebind, null, offer);
    return { wire, reason };
  }

  /** @throws whatever went wrong, after the session has been built anew from what is on disk */
  #apply(event: SessionEvent, from: Socket | null, offer: Offer | null): string {
    if (this.#isOver) return '';
    const { state, effects } = step(this.#state, event);
    this.#state = state;
    let said = '';
    try {
      for (const effect of effects) said = this.#carryOut(effect, from, offer) ?? said;
    } catch (error) {
      this.#startOver(error);
      throw error;
    }
    return said;
  }

  /**
   * What is in memory and what is on disk may differ (a write has failed): only the disk counts. A running answer
   * ends as after the loss of the process (R11), and the clients come back with their cursors.
   */
  #startOver(error: unknown): void {
    this.#reportFault('session', error);
    this.#stream.discard();
    try {
      const recovered = this.#read();
      this.#state = stateOf(recovered);
      this.#stream = this.#streamOf(recovered);
    } catch (again) {
      this.#state = { phase: 'idle', conversation: this.#state.conversation };
      this.#reportFault('start over', again);
    }
    sendAway(this.#deps.sockets());
  }

  #read() {
    const current = readSession(this.#deps.sql, 'current');
    const row = current === null ? null : findConversation(this.#deps.sql, current);
    if (row === null) throw new Error('The session has no current conversation.');
    return recover(this.#deps.sql, row);
  }

  /** @returns what was said to everybody, for a socket that is not among the others yet */
  #carryOut(effect: Effect, from: Socket | null, offer: Offer | null): string | null {
    switch (effect.do) {
      case 'reply':
        if (from !== null) reply(from, effect.frame);
        return null;
      case 'end_run':
        this.#stream.end({ stop_reason: effect.stop_reason, error: null });
        return null;
      case 'accept': {
        // Only a frame of somebody's is ever accepted.
        if (from === null) return null;
        const { connectionId, visitor: payer } = from;
        this.#stream.accept({ ...effect, conversation: this.conversation, connectionId, payer });
        return null;
      }
      case 'start_run':
        if (offer !== null) this.#startRun(effect, offer);
        return null;
      case 'begin':
        return this.#begin(effect);
      case 'reopen':
        return this.#reopen(effect.id, effect.now);
    }
  }

  #startRun({ entry, turns, wish }: Extract<Effect, { do: 'start_run' }>, offer: Offer): void {
    this.#stream.start(entry, turns, this.#runDeps(wish, offer));
  }

  #runDeps(wish: Wish, offer: Offer): RunDeps {
    const connectionId = this.#stream.run?.connectionId ?? '';
    const tools = this.#tools.forRun(this.conversation.id, connectionId);
    return runDeps(this.#deps, this.conversation.id, wish, offer, tools);
  }

  #decide(frame: ToolDecisionFrame, from: Socket, offer: Offer): void {
    const outcome = takeDecision(frame, this.#stream, offer, this.#deps.sql, (wish) =>
      this.#runDeps(wish, offer),
    );
    if (outcome === 'unknown') reply(from, errorFrame('not_found', 'No tool call waits for this decision.'));
    else if (outcome === 'ended') this.#apply({ type: 'run_ended' }, null, null);
  }

  #begin(effect: Extract<Effect, { do: 'begin' }>): string {
    const { sql } = this.#deps;
    const { conversation, frame } = beginAnother(sql, this.#stream.buffer.conversation, effect);
    this.#stream = this.#streamOf(recover(sql, conversation));
    return this.#broadcast(JSON.stringify(frame));
  }

  #reopen(id: string, now: number): string {
    const { sql } = this.#deps;
    const current = this.#stream.buffer.conversation;
    const archived = id === current ? null : changeTo(sql, current, id, now);
    if (id !== current) {
      this.#stream = this.#streamOf(recover(sql, this.conversation));
    }
    const { buffer, run } = this.#stream;
    return this.#broadcast(JSON.stringify(openedFrame(sql, this.conversation, buffer, run, archived)));
  }

  #streamOf({ conversation, buffer, parked }: ReturnType<typeof recover>): AnswerStream {
    const { sql, pricing, recordAnswer, telemetry, now, timers, keepAlive } = this.#deps;
    return new AnswerStream(
      {
        sql,
        pricing,
        recordAnswer: (run, detail) => {
          recordAnswer(run, detail);
          if (detail.stop_reason === 'end_turn' && run.actual !== null) this.#findOut(run.actual, run.payer);
        },
        telemetry,
        now,
        timers,
        keepAlive,
        unwatched: this.#deps.settings.unwatched,
        runMs: this.#deps.settings.limits.runMs,
        isWatched: () => !this.#deps.sockets()[Symbol.iterator]().next().done,
        broadcast: (wire) => this.#broadcast(wire),
        onFault: (error) => this.#startOver(error),
        onRest: () => keepAlive(this.#tools.close()),
        onEnd: (upstreamFailed) => {
          this.#deps.touch();
          this.#apply({ type: 'run_ended' }, null, null);
          if (upstreamFailed) keepAlive(this.#models.say(this.#deps.recheckHealth()));
        },
      },
      conversation,
      buffer,
      parked,
    );
  }

  /** C7: somebody is about to choose, so a home model that is not in memory is asked to load. */
  async #openSelector(from: Socket): Promise<void> {
    const known = await this.#models.ask();
    const cold = known?.coldModel() ?? null;
    if (cold !== null) this.#deps.keepAlive(this.#deps.warmUp(cold, from.visitor));
    const ready = known?.readyModel() ?? null;
    if (ready !== null) this.#findOut(ready, from.visitor);
  }

  /** A local model is in memory: whether it can use tools is asked once, and told to everybody. */
  #findOut(entry: ModelEntry, payer: Visitor): void {
    const { keepAlive, offer } = this.#deps;
    const saying = async () => {
      if (await this.#tools.findOut(entry, payer)) await this.#models.say(offer('known'));
    };
    keepAlive(saying());
  }

  #broadcast(wire: string): string {
    tellAll(this.#deps.sockets(), wire);
    return wire;
  }

  #reportFault(where: string, error: unknown): void {
    this.#deps.telemetry({ event: 'internal_error', where, error: describeFault(error) });
  }
}

/** A run that waits for a person is a run. */
function stateOf({ conversation, parked }: ReturnType<typeof recover>): SessionState {
  return { phase: parked === null ? 'idle' : 'running', conversation };
}
