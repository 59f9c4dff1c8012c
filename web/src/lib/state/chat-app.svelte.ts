import { RichText } from '#lib/text/rich-text.svelte.ts';
import { CLOSE, type Conversation, type ErrorFrame, type ServerFrame, type SessionFrame } from '#lib/wire.ts';
import { serverAnswers } from './api.ts';
import { ArchiveReader } from './archive.svelte.ts';
import { Arrival, type Place } from './arrival.svelte.ts';
import { type ChatState, EMPTY_STATE, reduce } from './chat-state.ts';
import { Connection, type Target } from './connection.svelte.ts';
import { Deletions } from './deletions.svelte.ts';
import { Delivery } from './delivery.svelte.ts';
import { EarlierPages } from './earlier-pages.svelte.ts';
import { LineNews } from './line-news.ts';
import { prependOlder } from './message-pages.ts';
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
  /** A resume is told how far it goes before its frames come: until then nobody knows what was accepted. */
  #replayTo: { conversation: string; seq: number } | null = null;
  readonly #listening = new AbortController();
  readonly #world: World;
  readonly preferences: Preferences;
  readonly models = new Models();
  readonly notices = new Notices();
  readonly richText = new RichText();
  readonly deletions = new Deletions();
  readonly archive: ArchiveReader;
  /** Earlier pages of the current conversation. */
  readonly earlier = new EarlierPages((conversation, before) => this.archive.page(conversation.id, before));
  readonly delivery: Delivery;
  readonly connection: Connection;
  readonly #lineNews: LineNews;
  /** A one-time link that this page was opened with. */
  readonly arrival = new Arrival({
    own: () => this.#own(),
    adopt: (id, place) => this.#adopt(id, place),
  });

  constructor(preferences: Preferences, world: World) {
    this.preferences = preferences;
    this.#world = world;
    this.delivery = new Delivery(preferences, {
      newId: world.newId,
      line: () => ({
        open: this.#settled && this.connection.state.kind === 'open' && this.#replayTo === null,
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
    this.connection = new Connection(
      {
        target: () => this.#target(),
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

  /** R10: where the operator has fixed the model, nothing offers to choose one. */
  get modelSelection(): boolean {
    return this.#modelSelection;
  }

  start(): void {
    const isArriving = this.arrival.take();
    addEventListener('hashchange', () => this.arrival.take(), { signal: this.#listening.signal });
    // A device without a session needs none of its own when a link brings one.
    if (!isArriving || this.preferences.sessionId !== null) this.connection.open();
    void this.refreshModels();
  }

  stopAll(): void {
    this.#listening.abort();
    this.#lineNews.stop();
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

  /** The one-time link is not opened; what this device has, or a new session, it is then. */
  leaveLink(): void {
    this.arrival.leave();
    this.connection.open();
  }

  /** Back to the chat that was here before one of another device; that one can be gone back to in turn. */
  swapSessions(): void {
    this.preferences.swapSessions();
    this.#changeSession();
  }

  #own(): 'none' | 'empty' | 'used' | 'unknown' {
    const { conversation, archives } = this.#chat;
    if (conversation) return conversation.message_count > 0 || archives.length > 0 ? 'used' : 'empty';
    return this.preferences.sessionId === null ? 'none' : 'unknown';
  }

  #adopt(sessionId: string, place: Place): void {
    if (sessionId === this.preferences.sessionId) {
      this.notices.info('This chat is open here already', 'The link was for the very same one.');
    } else {
      const keep = place === 'everywhere' && this.#own() === 'used';
      if (place === 'this-tab') this.preferences.startSeparate();
      this.preferences.adopt(sessionId, keep);
      this.#changeSession();
      this.notices.info(
        'This is the chat from your other device',
        keep ? 'The one that was here is kept: the settings, under History, lead back to it.' : '',
      );
    }
    this.connection.open();
  }

  async showEarlier(): Promise<void> {
    const conversation = this.#chat.conversation;
    const older = conversation && (await this.earlier.before(conversation));
    const current = this.#chat.conversation;
    if (older && current?.id === older.id) {
      this.#chat = { ...this.#chat, conversation: prependOlder(current, older) };
    }
  }

  /** Deletes an archived conversation for good; the words of a failure, or null. */
  async deleteConversation(id: string): Promise<string | null> {
    const failure = await this.deletions.conversation(this.#chat.sessionId ?? '', id);
    // The server says so to every page of the session; this one may be without a line just now.
    if (failure === null) this.#incoming({ type: 'conversation_deleted', conversation_id: id });
    return failure;
  }

  /** Deletes the session, and what this browser keeps of it; a fresh one follows. The words of a failure, or null. */
  async deleteEverything(): Promise<string | null> {
    const id = this.#chat.sessionId;
    if (id === null) return 'There is no connection. Try again when it is back.';
    const failure = await this.deletions.session(id);
    if (failure !== null) return failure;
    this.delivery.discardAll();
    this.preferences.forgetModel();
    // The server closes the sockets, which may already have brought a new session.
    if (this.#chat.sessionId === id) this.#leave(id);
    this.notices.info('Everything is deleted', 'A new, empty session was started.');
    return null;
  }

  #leave(sessionId: string): void {
    this.preferences.forgetSession(sessionId);
    this.#changeSession();
  }

  #changeSession(): void {
    this.archive.forget();
    this.earlier.forget();
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
    if (frame.type === 'session') this.#sessionOpened(frame);
    else if (outcome === 'applied') this.#tell(frame);
    if (frame.type === 'models') this.models.set(frame.models);
    if (frame.type === 'error') this.#failed(frame);
    if (this.#isReplayed()) this.#replayTo = null;
    this.delivery.pump();
  }

  #isReplayed(): boolean {
    const { conversation, lastSeq } = this.#chat;
    return this.#replayTo?.conversation !== conversation?.id || lastSeq >= (this.#replayTo?.seq ?? 0);
  }

  #sessionOpened(frame: SessionFrame): void {
    const { session_id: id, conversation, last_seq: seq, resumed_after } = frame;
    this.#wantsSnapshot = false;
    if (resumed_after === null) {
      this.#replayTo = null;
      const questions = conversation.messages.filter(({ role }) => role === 'user');
      this.delivery.recognise(questions.at(-1)?.text ?? null);
    } else this.#replayTo = { conversation: conversation.id, seq };
    const fresh = this.preferences.sessionId !== id;
    this.preferences.rememberSession(id);
    this.#lineNews.opened();
    this.#settled = !fresh;
    if (fresh) void this.#applyPreferredModel();
    this.arrival.look();
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
      this.earlier.forget();
    }
    if (frame.type === 'conversation_deleted') {
      this.archive.removed(frame.conversation_id, this.deletions.isOwn(frame.conversation_id));
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
      this.#leave(used);
      if (this.deletions.isOwn(used)) return;
      this.notices.info(
        'Your earlier session is gone',
        'A new one was started. What you write now is kept in it.',
      );
    } else if (final) {
      void this.refreshModels();
    } else this.#lineNews.lost();
  }
}
