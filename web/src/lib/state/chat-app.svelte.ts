import { RichText } from '#lib/text/rich-text.svelte.ts';
import { CLOSE, type Conversation, type ErrorFrame, type ServerFrame } from '#lib/wire.ts';
import { ArchiveReader } from './archive.svelte.ts';
import { type ChatState, EMPTY_STATE, prependOlder, reduce } from './chat-state.ts';
import { Connection, type Target } from './connection.svelte.ts';
import { Delivery } from './delivery.svelte.ts';
import { Models } from './models.svelte.ts';
import { newsOf } from './news.ts';
import { Notices } from './notices.svelte.ts';
import type { Preferences } from './preferences.ts';
import { preferenceFor } from './preferred-model.ts';

/** A clock in ms and a source of ids, handed in. */
export type World = { now: () => number; newId: () => string };

/** The page's whole state and its verbs; components only show and call. */
export class ChatApp {
  #chat = $state.raw<ChatState>(EMPTY_STATE);
  #modelSelection = $state(true);
  /** Whether the model of a new session is decided, so that messages may go out. */
  #settled = false;
  /** The next connection asks for the whole truth instead of a resume. */
  #wantsSnapshot = false;
  #hadSession = false;
  readonly #world: World;
  readonly preferences: Preferences;
  readonly models = new Models();
  readonly notices = new Notices();
  readonly richText = new RichText();
  readonly archive: ArchiveReader;
  readonly delivery: Delivery;
  readonly connection: Connection;

  constructor(preferences: Preferences, world: World) {
    this.preferences = preferences;
    this.#world = world;
    this.delivery = new Delivery(preferences, {
      newId: world.newId,
      line: () => ({
        open: this.#settled && this.connection.state.kind === 'open',
        running: this.running,
        conversationId: this.#chat.conversation?.id ?? null,
      }),
      send: ({ text, client_id, trim }) =>
        this.connection.send({ type: 'chat', message: text, client_id, ...(trim ? { trim } : {}) }),
    });
    this.archive = new ArchiveReader(
      () => this.#chat.sessionId,
      (message) => this.notices.problem('not_found', message),
    );
    this.connection = new Connection({
      target: () => this.#target(),
      incoming: (incoming) => this.#incoming(incoming),
      closed: (code, _reason, final) => this.#closed(code, final),
    });
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

  /** R10: where the operator has fixed the model, nothing offers to choose one. */
  get modelSelection(): boolean {
    return this.#modelSelection;
  }

  start(): void {
    this.connection.open();
    void this.refreshModels();
  }

  stopAll(): void {
    this.connection.close();
  }

  async refreshModels(): Promise<void> {
    await this.models.refresh(this.#world.now());
  }

  /** Puts a message in line; it goes out when the connection and the running answer allow it. */
  send(text: string, trim = false): void {
    this.delivery.add(text, trim, this.#settled ? (this.#chat.conversation?.id ?? null) : null);
  }

  /** Like `send`, for a message that follows a command already given: it goes wherever that command leads. */
  sendToWhateverIsCurrent(text: string): void {
    this.delivery.add(text, false, null);
  }

  stop(): void {
    this.connection.send({ type: 'stop' });
  }

  /** C3; an empty conversation is new enough. */
  newChat(): void {
    if (this.#chat.conversation?.message_count !== 0) this.#command({ type: 'reset' });
    this.archive.close();
  }

  /** C2: what was current goes into the archive. */
  changeModel(model: string): void {
    this.preferences.chooseModel(model);
    this.#command({ type: 'model_change', model });
  }

  /** C5 */
  openAgain(id: string): void {
    this.#command({ type: 'open', conversation_id: id });
  }

  /** C7: fresh states for the selector, and the home model starts to load. */
  askForModels(): void {
    if (!this.connection.send({ type: 'models' })) void this.refreshModels();
  }

  startSeparateSession(): void {
    this.preferences.startSeparate();
    this.#changeSession();
  }

  joinSharedSession(): void {
    this.preferences.joinShared();
    this.#changeSession();
  }

  async showEarlier(): Promise<void> {
    const conversation = this.#chat.conversation;
    const older = conversation && (await this.archive.earlierThan(conversation));
    const current = this.#chat.conversation;
    if (older && current?.id === older.id) {
      this.#chat = { ...this.#chat, conversation: prependOlder(current, older) };
    }
  }

  #changeSession(): void {
    this.archive.forget();
    this.#chat = EMPTY_STATE;
    this.connection.reconnect();
  }

  #command(frame: Parameters<Connection['send']>[0]): void {
    if (this.connection.send(frame)) return;
    this.notices.info('Not connected', 'That works again when the connection is back.');
  }

  #target(): Target {
    const sessionId = this.preferences.sessionId;
    const known = sessionId === this.#chat.sessionId && !this.#wantsSnapshot;
    return {
      sessionId,
      conversationId: known ? (this.#chat.conversation?.id ?? null) : null,
      after: this.#chat.lastSeq,
    };
  }

  #incoming(frame: ServerFrame): void {
    if (frame.type === 'session') this.#modelSelection = frame.model_selection ?? true;
    // Before the order is judged: a repeated S2 is how the server confirms what was sent twice (C1).
    if (frame.type === 'message_accepted') this.delivery.confirm(frame.client_id);
    const { state, outcome } = reduce(this.#chat, frame, this.#world.now());
    if (outcome === 'gap') {
      this.#wantsSnapshot = true;
      this.connection.reconnect();
      return;
    }
    this.#chat = state;
    if (frame.type === 'session') this.#sessionOpened(frame.session_id);
    else if (outcome === 'applied') this.#tell(frame);
    if (frame.type === 'models') this.models.set(frame.models);
    if (frame.type === 'error') this.#failed(frame);
    this.delivery.pump();
  }

  #sessionOpened(id: string): void {
    this.#wantsSnapshot = false;
    const fresh = this.preferences.sessionId !== id;
    this.preferences.rememberSession(id);
    this.notices.announce(this.#hadSession ? 'Connected again.' : 'Connected.');
    this.#hadSession = true;
    this.#settled = !fresh;
    if (fresh) void this.#applyPreferredModel();
  }

  /** The remembered choice, for a session that is new and empty. */
  async #applyPreferredModel(): Promise<void> {
    const conversation = this.#chat.conversation;
    const wanted = this.preferences.model;
    if (
      wanted !== null &&
      wanted !== conversation?.model &&
      conversation?.message_count === 0 &&
      this.#modelSelection
    ) {
      await this.refreshModels();
      // The list may have taken seconds: a person who has chosen or begun meanwhile is not overruled.
      const isOvertaken =
        this.preferences.model !== wanted ||
        this.#chat.conversation?.id !== conversation.id ||
        this.#chat.conversation.message_count > 0;
      if (isOvertaken) {
        this.#settled = true;
        this.delivery.pump();
        return;
      }
      const preference = preferenceFor(
        wanted,
        conversation.model,
        this.models.loaded && !this.models.error ? this.models.all : null,
      );
      if (preference.kind === 'forget') this.preferences.forgetModel();
      if (preference.kind === 'tell') {
        this.notices.info(`${preference.model.name} cannot be chosen now`, preference.model.reason ?? '');
      }
      // The answer to it, model_changed or an error, settles which model the session has.
      if (
        preference.kind === 'change' &&
        this.connection.send({ type: 'model_change', model: preference.model })
      )
        return;
    }
    this.#settled = true;
    this.delivery.pump();
  }

  #tell(frame: ServerFrame): void {
    if (frame.type === 'model_changed') {
      this.#settled = true;
      if (frame.replaced && this.preferences.model === frame.replaced.requested) {
        this.preferences.chooseModel(frame.new_model);
      }
    }
    if (
      frame.type === 'model_changed' ||
      frame.type === 'conversation_reset' ||
      frame.type === 'conversation_opened'
    ) {
      this.archive.close();
    }
    const news = newsOf(frame, (id) => this.models.nameOf(id));
    if (news && 'status' in news) this.notices.announce(news.status);
    else if (news) this.notices.info(news.notice.title, news.notice.detail);
  }

  #failed(frame: ErrorFrame): void {
    if (frame.message_id !== undefined) return;
    this.#settled = true;
    if (this.delivery.refused(frame)) return;
    const { code, message } = frame;
    if (code === 'model_selection_disabled') this.#modelSelection = false;
    if (code === 'unknown_model') this.preferences.forgetModel();
    if (code === 'unknown_model' || code === 'model_unavailable') this.askForModels();
    this.notices.problem(code, message);
  }

  #closed(code: number, final: boolean): void {
    this.delivery.disconnected();
    const used = this.#chat.sessionId ?? this.preferences.sessionId;
    if (code === CLOSE.unknownSession && used) {
      this.preferences.forgetSession(used);
      this.#changeSession();
      this.notices.info(
        'Your earlier session is gone',
        'A new one was started. What you write now is kept in it.',
      );
    } else if (final) {
      void this.refreshModels();
    } else if (this.#hadSession) {
      this.notices.announce('Connection lost. Reconnecting.');
    }
  }
}
