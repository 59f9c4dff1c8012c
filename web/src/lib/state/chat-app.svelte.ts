import { RichText } from '#lib/text/rich-text.svelte.ts';
import { ToolDesk } from '#lib/tools/tool-desk.svelte.ts';
import {
  type AutoMode,
  CLOSE,
  type Conversation,
  type ErrorFrame,
  type ServerFrame,
  type SessionFrame,
} from '#lib/wire.ts';
import { AccessDesk } from './access.svelte.ts';
import { serverAnswers } from './api.ts';
import { ArchiveReader } from './archive.svelte.ts';
import { Arrival } from './arrival.svelte.ts';
import { Asking } from './asking.svelte.ts';
import { BranchView } from './branch-view.svelte.ts';
import { type ChatState, EMPTY_STATE, reduce } from './chat-state.ts';
import { Commands } from './commands.ts';
import { Connection } from './connection.svelte.ts';
import { Deletions } from './deletions.svelte.ts';
import { Delivery } from './delivery.svelte.ts';
import { EarlierPages } from './earlier-pages.svelte.ts';
import { LineNews } from './line-news.ts';
import { prependOlder } from './message-pages.ts';
import { ModelChoice } from './model-choice.svelte.ts';
import { Models } from './models.svelte.ts';
import { Notices } from './notices.svelte.ts';
import { frameOf } from './outbox-item.ts';
import type { Preferences } from './preferences.ts';
import { Resume } from './resume.ts';
import { Sessions } from './sessions.ts';
import { Spending } from './spending.svelte.ts';
import { Talk } from './talk.svelte.ts';
import { tell } from './tell.ts';

/** A clock in ms, a source of ids, and how the page begins anew, handed in. */
export type World = { now: () => number; newId: () => string; reload: () => void };

/** The page's whole state and its verbs; components only show and call. */
export class ChatApp {
  #chat = $state.raw<ChatState>(EMPTY_STATE);
  readonly #resume = new Resume();
  readonly #listening = new AbortController();
  readonly #world: World;
  readonly #choice: ModelChoice;
  readonly #lineNews: LineNews;
  readonly preferences: Preferences;
  readonly models = new Models();
  readonly notices = new Notices();
  readonly richText = new RichText();
  readonly talk = new Talk();
  readonly deletions = new Deletions();
  readonly spending = new Spending();
  readonly sessions: Sessions;
  readonly access: AccessDesk;
  readonly archive: ArchiveReader;
  /** Earlier pages of the current conversation. */
  readonly earlier = new EarlierPages((conversation, before) => this.archive.page(conversation.id, before));
  readonly delivery: Delivery;
  readonly asking: Asking;
  /** Which line of the current conversation is shown. */
  readonly branches: BranchView = new BranchView({
    conversation: () => this.conversation,
    end: () => this.delivery.end,
  });
  readonly commands: Commands;
  readonly tools: ToolDesk;
  readonly connection: Connection;
  /** A one-time link that this page was opened with. */
  readonly arrival: Arrival;

  constructor(preferences: Preferences, world: World) {
    this.preferences = preferences;
    this.#world = world;
    this.sessions = new Sessions({
      preferences,
      notices: this.notices,
      deletions: this.deletions,
      chat: () => this.#chat,
      changed: () => {
        this.archive.forget();
        this.earlier.forget();
        this.#chat = EMPTY_STATE;
        this.connection.reconnect();
      },
      discardUnsent: () => this.delivery.discardAll(),
      reload: world.reload,
    });
    this.arrival = new Arrival({
      own: () => this.sessions.own(),
      adopt: (id, place) => {
        this.sessions.adopt(id, place);
        this.connection.open();
      },
    });
    this.access = new AccessDesk({
      sessionId: () => preferences.sessionId,
      person: (name) => this.sessions.person(name),
      entered: () => {
        this.connection.reconnect();
        void this.arrival.tryAgain();
      },
      left: () => this.connection.reconnect(),
      budget: (budget) => this.spending.set(budget),
    });
    this.#choice = new ModelChoice({
      preferences,
      models: this.models,
      notices: this.notices,
      conversation: () => this.conversation,
      refreshModels: () => this.refreshModels(),
      change: (model) => this.connection.send({ type: 'model_change', model }),
      settled: () => this.delivery.pump(),
    });
    this.delivery = new Delivery(preferences, {
      newId: world.newId,
      line: () => ({
        open: this.#choice.isSettled && this.connection.state.kind === 'open' && !this.#resume.isReplaying,
        running: this.running,
        conversationId: this.conversation?.id ?? null,
      }),
      send: (item) => this.connection.send(frameOf(item, this.isAutomatic ? preferences.autoMode : null)),
    });
    this.asking = new Asking({
      delivery: this.delivery,
      branches: this.branches,
      conversation: () => (this.#choice.isSettled ? this.conversation : null),
      running: () => this.running,
    });
    this.archive = new ArchiveReader(
      () => this.#chat.sessionId,
      (message) => this.notices.problem('not_found', message),
    );
    this.commands = new Commands({
      preferences,
      notices: this.notices,
      archive: this.archive,
      conversation: () => this.conversation,
      send: (frame) => this.connection.send(frame),
      refreshModels: () => this.refreshModels(),
    });
    this.tools = new ToolDesk({
      chat: () => this.#chat,
      send: (frame) => this.connection.send(frame),
      notConnected: () => this.commands.notConnected(),
    });
    this.connection = new Connection(
      {
        target: () => this.#resume.target(preferences.sessionId, this.#chat),
        incoming: (incoming) => this.#incoming(incoming),
        closed: (code, _reason, final) => this.#closed(code, final),
        answers: serverAnswers,
        running: () => this.running,
      },
      preferences,
    );
    this.#lineNews = new LineNews(this.notices, () => this.connection.state, preferences.way === 'http');
  }

  get chat(): ChatState {
    return this.#chat;
  }

  get conversation(): Conversation | null {
    return this.#chat.conversation;
  }

  get running(): boolean {
    return this.#chat.runId !== null;
  }

  /** Whether Automatic chooses who answers in the current conversation. */
  get isAutomatic(): boolean {
    const bound = this.conversation?.model;
    return this.models.find(bound)?.is_automatic ?? bound === 'auto';
  }

  /** How Automatic weighs quality against price: as the person said, else as the server does. */
  get autoMode(): AutoMode {
    return this.preferences.autoMode ?? this.#chat.autoMode ?? 'balanced';
  }

  /** R10: where the operator has fixed the model, nothing offers to choose one. */
  get modelSelection(): boolean {
    return this.#choice.isAllowed;
  }

  start(): void {
    const isArriving = this.arrival.take();
    addEventListener('hashchange', () => this.arrival.take(), { signal: this.#listening.signal });
    // A device without a session needs none of its own when a link brings one.
    if (!isArriving || this.preferences.sessionId !== null) this.connection.open();
    this.access.start(this.#listening.signal);
    void this.refreshModels();
  }

  stopAll(): void {
    this.#listening.abort();
    this.#lineNews.stop();
    this.spending.stop();
    this.connection.close();
  }

  async refreshModels(): Promise<void> {
    await this.models.refresh(this.#world.now());
  }

  /** The one-time link is not opened; what this device has, or a new session, it is then. */
  leaveLink(): void {
    this.arrival.leave();
    this.connection.open();
  }

  /** Whether there are more messages than before now. */
  async showEarlier(): Promise<boolean> {
    const older = this.conversation && (await this.earlier.before(this.conversation));
    const current = this.conversation;
    if (!older || current?.id !== older.id) return false;
    this.#chat = { ...this.#chat, conversation: prependOlder(current, older) };
    return true;
  }

  /** Deletes an archived conversation for good; the words of a failure, or null. */
  async deleteConversation(id: string): Promise<string | null> {
    const failure = await this.deletions.conversation(this.#chat.sessionId ?? '', id);
    // The server says so to every page of the session; this one may be without a line just now.
    if (failure === null) this.#incoming({ type: 'conversation_deleted', conversation_id: id });
    return failure;
  }

  #incoming(frame: ServerFrame): void {
    // Before the order is judged: a repeated S2 is how the server confirms what was sent twice (C1).
    if (frame.type === 'message_accepted') this.delivery.confirm(frame.client_id);
    const { state, outcome } = reduce(this.#chat, frame, this.#world.now());
    if (outcome === 'gap') {
      this.#resume.gap();
      this.connection.reconnect();
      return;
    }
    this.#chat = state;
    this.spending.hear(frame, this.#resume.isLive(frame));
    this.tools.hear(frame);
    if (frame.type === 'session') this.#sessionOpened(frame);
    else if (outcome === 'applied') tell(frame, this, this.#choice);
    if (frame.type === 'models') this.models.set(frame.models);
    if (frame.type === 'error') this.#failed(frame);
    this.#resume.reached(state);
    this.delivery.pump();
  }

  #sessionOpened(frame: SessionFrame): void {
    const { session_id: id, conversation, resumed_after } = frame;
    this.#resume.began(frame);
    if (resumed_after === null) this.delivery.recognise(conversation.messages);
    const fresh = this.preferences.sessionId !== id;
    this.preferences.rememberSession(id);
    this.access.opened();
    this.#lineNews.opened();
    this.#choice.opened(fresh, frame.model_selection ?? true);
    this.arrival.look();
  }

  #failed(frame: ErrorFrame): void {
    if (frame.message_id !== undefined) return;
    this.#choice.settle();
    if (this.delivery.refused(frame)) return;
    if (this.tools.refused(frame)) return;
    this.#choice.refused(frame.code);
    if (['unknown_model', 'model_unavailable'].includes(frame.code)) this.commands.askForModels();
    this.notices.problem(frame.code, frame.message);
  }

  #closed(code: number, final: boolean): void {
    this.delivery.disconnected();
    if (code === CLOSE.unknownSession && this.sessions.lost()) return;
    if (code === CLOSE.signIn) this.access.refused();
    if (final) void this.refreshModels();
    else this.#lineNews.lost();
  }
}
