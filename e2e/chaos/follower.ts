import {
  type ClientFrame,
  readServerFrame,
  type ServerFrame,
  type SessionFrame,
} from '../../shared/index.ts';
import { type Book, type Question, RECOVERY_MS } from './book.ts';
import { type ClientCursor, type Link, openLink, type Way } from './links.ts';
import { Mirror } from './mirror.ts';
import type { Tally } from './tally.ts';

/** How a client comes back: with its own cursor, an older one, none, one that cannot be, or another conversation's. */
export type Return = { style: 'own' | 'old' | 'none' | 'absurd' | 'foreign'; cursor: ClientCursor | null };

/** A client that does what a good page does, and checks every frame on its way. */
export class Follower {
  readonly name: string;
  readonly way: Way;
  readonly mirror = new Mirror();
  /** Frames that came over this line so far, S1 included. */
  received = 0;
  /** `last_seq` of its last S1: so far at least it must come. */
  promised = 0;
  readonly #book: Book;
  readonly #tally: Tally;
  readonly #outbox = new Set<Question>();
  readonly #resent = new Set<string>();
  #link: Link | null = null;
  #sent: Promise<unknown> = Promise.resolve();
  #isGreeted = false;
  #generation = 0;
  #cutAt: { received: number; leave: () => void } | null = null;
  /** Answers to repeated questions, by client_id. */
  readonly repeats = new Map<string, number>();

  constructor(name: string, way: Way, book: Book, tally: Tally) {
    this.name = `${book.name} ${name}`;
    this.way = way;
    this.#book = book;
    this.#tally = tally;
  }

  get conversation(): string {
    return this.mirror.conversation;
  }

  get last(): number {
    return this.mirror.last;
  }

  /** Which line it has or had last: another number is another line. */
  get line(): number {
    return this.#generation;
  }

  get isThere(): boolean {
    return this.#isGreeted;
  }

  /** Its own place in the conversation; null before the first greeting. */
  get cursor(): ClientCursor | null {
    return this.conversation === '' ? null : { conversation: this.conversation, after: String(this.last) };
  }

  /** Opens a line; {@link isThere} once it is greeted. Lost lines are opened again without being asked. */
  connect(back: Return = { style: 'own', cursor: this.cursor }): void {
    this.#book.log(`${this.name} comes with ${JSON.stringify(back)}`);
    this.#open(back);
  }

  #open(back: Return): void {
    this.#link?.cut('reset');
    this.#generation += 1;
    const generation = this.#generation;
    const ifCurrent = (act: () => void) => {
      if (this.#generation !== generation) return;
      try {
        act();
      } catch (error) {
        this.#book.report(error);
      }
      this.#book.wake();
    };
    this.#isGreeted = false;
    this.received = 0;
    const highest = new Map([...this.#book.conversations].map(([id, one]) => [id, one.highest]));
    const session = this.#book.session === '' ? null : this.#book.session;
    this.#link = openLink(this.way, session, back.cursor, {
      frame: (wire) =>
        ifCurrent(() => {
          this.received += 1;
          this.#take(wire, back, highest);
          if (this.#cutAt !== null && this.received >= this.#cutAt.received) this.#cutAt.leave();
        }),
      closed: (code) => ifCurrent(() => this.#lost(code)),
    });
  }

  /** Everything that it has sent has arrived, as far as its lines tell. */
  async flushed(): Promise<void> {
    await this.#sent;
  }

  /** Cuts the line; the follower stays away until {@link connect}. @returns whether there was one */
  leave(how: 'reset' | 'close' = 'reset'): boolean {
    this.#generation += 1;
    this.#book.log(`${this.name} leaves (${how})`);
    this.#isGreeted = false;
    this.#cutAt = null;
    const link = this.#link;
    link?.cut(how);
    this.#link = null;
    return link !== null;
  }

  /** Cuts the line exactly behind so many more frames; gives up when `isLate` or after some seconds. @returns whether it did */
  async leaveAfter(frames: number, isLate: () => boolean): Promise<boolean> {
    let hasLeft = false;
    this.#cutAt = {
      received: this.received + frames,
      leave: () => {
        hasLeft = true;
        this.leave();
      },
    };
    await this.#book.within(1_500, () => hasLeft || isLate());
    this.#cutAt = null;
    return hasLeft;
  }

  freeze(): void {
    this.#link?.freeze();
  }

  send(frame: ClientFrame): void {
    this.#book.log(
      `${this.name} sends ${JSON.stringify(frame).slice(0, 120)}${this.#link === null ? ' (to nobody)' : ''}`,
    );
    const sent = this.#link?.send(frame);
    if (sent !== undefined) this.#sent = Promise.all([this.#sent, sent]);
  }

  /** Sends a question, and again whenever the line comes back, until its fate is known. */
  ask(question: Question): void {
    if (this.#outbox.has(question)) this.#markResent(question);
    this.#outbox.add(question);
    this.#sendQuestion(question);
  }

  /** Sends a question of somebody else, or of its own, once more. */
  repeat(question: Question): void {
    this.#markResent(question);
    this.#sendQuestion(question);
  }

  #markResent(question: Question): void {
    this.#resent.add(question.clientId);
    this.#book.resent.add(question.clientId);
  }

  #sendQuestion({ message, clientId }: Question): void {
    this.send({ type: 'chat', message, client_id: clientId });
  }

  #lost(code: number): void {
    this.#link = null;
    this.#isGreeted = false;
    const generation = this.#generation;
    const isExpected = performance.now() - this.#book.lostAt < RECOVERY_MS && code < 4000 && code !== 404;
    if (!isExpected) this.#book.fail(`${this.name} was closed with ${code}`);
    setTimeout(() => {
      if (this.#generation === generation) this.#open({ style: 'own', cursor: this.cursor });
    }, 60);
  }

  #take(wire: string, back: Return, highest: ReadonlyMap<string, number>): void {
    const frame = readServerFrame(wire);
    if (frame === null) {
      if (/"type":"conversation_deleted"/.test(wire)) return;
      this.#book.fail(`${this.name} got a frame that the schemas do not know`, wire);
    }
    if (!this.#isGreeted) {
      if (frame.type !== 'session') this.#book.fail(`S1 is not the first frame for ${this.name}`, wire);
      else this.#greet(frame, back, highest);
      return;
    }
    if (frame.type === 'session') this.#book.fail(`A second S1 for ${this.name}`);
    if ('seq' in frame && frame.seq !== undefined) this.#numbered(frame, frame.seq, wire);
    else this.#unnumbered(frame);
  }

  #greet(frame: SessionFrame, back: Return, highest: ReadonlyMap<string, number>): void {
    const book = this.#book;
    if (book.session === '') book.session = frame.session_id;
    if (frame.session_id !== book.session) book.fail(`${this.name} came to another session`);
    const { id } = frame.conversation;
    const known = book.conversation(id);
    this.promised = frame.last_seq;
    if (frame.last_seq < (highest.get(id) ?? 0)) {
      book.fail('R1 R11 S1 is behind what was sent before', {
        last_seq: frame.last_seq,
        highest: highest.get(id),
      });
    }
    const after =
      back.cursor?.conversation === id && /^\d+$/.test(back.cursor.after) ? Number(back.cursor.after) : null;
    const isPossible = after !== null && after <= frame.last_seq && back.style !== 'absurd';
    if (frame.resumed_after === null) {
      if (isPossible && !known.hasHole) book.fail(`R2 ${this.name} was not resumed`, back, frame.last_seq);
      this.#tally.note('snapshots');
      this.mirror.replace(frame.conversation, frame.last_seq);
    } else {
      if (!isPossible || frame.resumed_after !== after) book.fail('R2 resumed somewhere else', back, frame);
      if (frame.conversation.messages.length > 0) book.fail('R2 resumed, and messages beside it', frame);
      this.#tally.note('resumed');
      this.mirror.resume(id, frame.resumed_after);
    }
    const running = frame.run === null ? undefined : this.mirror.messages.get(frame.run.message_id);
    if (frame.run !== null && frame.resumed_after === null && running?.status !== 'streaming') {
      book.fail('S1 tells of a run that its messages do not have', frame.run);
    }
    book.log(
      `${this.name} is greeted in ${id} at ${this.last} of ${frame.last_seq}, run ${frame.run?.message_id}`,
    );
    this.#isGreeted = true;
    for (const question of this.#outbox) {
      if (question.accepted !== null || question.refused !== null) this.#outbox.delete(question);
      else this.repeat(question);
    }
  }

  #numbered(frame: ServerFrame, seq: number, wire: string): void {
    if (frame.type === 'message_accepted') {
      const where = frame.conversation_id ?? this.conversation;
      if (where !== this.conversation || seq <= this.last) {
        const known = this.way.carrier === 'socket' ? this.#resent : this.#book.resent;
        if (!known.has(frame.client_id ?? ''))
          this.#book.fail(`R1 ${this.name} at ${this.last} got again`, wire);
        const question = this.#book.accept(frame.client_id, where, frame.reply_id);
        if (question === null) return;
        const first = this.#book.numberOf(question);
        if (first !== undefined && first !== seq)
          this.#book.fail(`C1 not the first S2, which was ${first}`, wire);
        this.repeats.set(question.clientId, (this.repeats.get(question.clientId) ?? 0) + 1);
        return;
      }
    }
    if (seq !== this.last + 1) this.#book.fail(`R1 ${this.name}: after ${this.last} came`, wire);
    this.mirror.last = seq;
    this.#book.note(this.conversation, seq, wire, frame, this.name);
    this.mirror.apply(frame);
  }

  #unnumbered(frame: ServerFrame): void {
    if (frame.type !== 'models') this.#book.log(`${this.name} got ${JSON.stringify(frame).slice(0, 160)}`);
    switch (frame.type) {
      case 'model_changed':
      case 'conversation_reset':
        this.mirror.begin(frame.conversation_id);
        return;
      case 'conversation_opened':
        this.mirror.replace(frame.conversation, frame.last_seq);
        return;
      case 'error': {
        if (frame.code === 'internal' || frame.code === 'bad_frame')
          this.#book.fail('A fault of the program', frame);
        const question =
          frame.client_id === undefined ? undefined : this.#book.questions.get(frame.client_id);
        this.#tally.note(`replied ${frame.code}`);
        if (question === undefined) return;
        // Of a question that was sent twice, one may have been refused before the other was accepted.
        if (question.accepted === null) question.refused = frame.code;
        else if (!this.#book.resent.has(question.clientId)) {
          this.#book.fail(`C1 ${question.id} was accepted and is refused`, frame);
        }
      }
    }
  }
}
