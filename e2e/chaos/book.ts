import type { MessageEndFrame, ServerFrame } from '../../shared/index.ts';
import type { Script } from './script.ts';

/** Something that must not be. */
export class Finding extends Error {
  override readonly name = 'Finding';
}

/** Patience with what must come, milliseconds: a limit for a broken program, far from any regular time. */
const PATIENCE_MS = 30_000;

/** After a loss the program needs a moment to be there again, milliseconds. */
export const RECOVERY_MS = 25_000;

export type Question = {
  id: string;
  clientId: string;
  message: string;
  script: Script;
  /** Null until its S2 was seen. */
  accepted: { conversation: string; replyId: string } | null;
  refused: string | null;
  /** A stop, a switch or a reset was sent while it may have been running. */
  mayBeStopped: boolean;
  /** The process, or the object, was lost while it may have been running. */
  mayBeInterrupted: boolean;
  end: MessageEndFrame | null;
  /** Its answer was found finished in the archive. */
  isSettled: boolean;
  /** When the object was lost while it may have been running. */
  losses: number[];
  /** Text of its answer as clients saw it, with times, for R11. */
  seen: { at: number; chars: number }[];
  seenChars: number;
};

type Conversation = {
  /** What every number was, for everybody. */
  wires: Map<number, string>;
  highest: number;
  /** A process was lost while something may have been running in it: numbers may be missing. */
  hasHole: boolean;
};

/** What is known of one session, from all its clients together. */
export class Book {
  readonly name: string;
  session = '';
  readonly conversations = new Map<string, Conversation>();
  readonly questions = new Map<string, Question>();
  /** How often the object was lost so far, counted before it happens. */
  losses = 0;
  lostAt = 0;
  /** When a frame was sent over a line that was cut at once: it may arrive later. */
  strayAt = Number.NEGATIVE_INFINITY;
  /** A stop, a switch or a reset was sent since everything was last compared: a question after it may be hit too. */
  endingIsOut = false;
  /** Questions that were sent more than once. */
  readonly resent = new Set<string>();
  readonly #trail: string[] = [];
  #finding: unknown = null;
  readonly #waiting = new Set<() => void>();
  #isUncertain = false;
  readonly #replies = new Map<string, Question>();
  readonly #answered = new Map<string, number>();
  readonly #ends = new Map<string, MessageEndFrame>();

  /** @param end rejects everything that waits */
  constructor(name: string, end: AbortSignal) {
    this.name = name;
    end.addEventListener('abort', () => this.report(new Error('Another session has found something.')));
  }

  /** For the trail that a finding shows. */
  log(line: string): void {
    this.#trail.push(`${Math.round(performance.now())} ${line}`);
    if (this.#trail.length > 400) this.#trail.splice(0, 200);
  }

  fail(what: string, ...details: unknown[]): never {
    const told = details.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)).slice(0, 600));
    const trail = this.#trail.slice(-60).map((line) => `  | ${line}`);
    throw new Finding([`${this.name}: ${what}`, ...told.map((one) => `    ${one}`), ...trail].join('\n'));
  }

  conversation(id: string): Conversation {
    let known = this.conversations.get(id);
    if (known === undefined) {
      known = { wires: new Map(), highest: 0, hasHole: this.#isUncertain };
      this.conversations.set(id, known);
    }
    return known;
  }

  add(question: Question): void {
    this.questions.set(question.clientId, question);
  }

  /** The questions whose answers may be under way. */
  get open(): Question[] {
    return [...this.questions.values()].filter(
      ({ end, refused, isSettled }) => end === null && refused === null && !isSettled,
    );
  }

  /** Everything that may be running may now lose its object. */
  lose(): void {
    this.losses += 1;
    this.log('the object is lost');
    this.lostAt = performance.now();
    for (const question of this.open) {
      this.#isUncertain = true;
      question.mayBeInterrupted = true;
      question.losses.push(this.lostAt);
      if (question.accepted !== null) this.conversation(question.accepted.conversation).hasHole = true;
      // Where it was accepted, if it was, nobody has heard yet.
      else for (const conversation of this.conversations.values()) conversation.hasHole = true;
    }
  }

  /** Every answer has ended and was compared: what begins from here on is not touched by an earlier loss. */
  settle(): void {
    for (const question of this.open) question.isSettled = true;
    this.#isUncertain = false;
    this.endingIsOut = false;
  }

  /** A numbered frame as one client got it: the same number is the same frame, for everybody and for ever. */
  note(conversation: string, seq: number, wire: string, frame: ServerFrame, by: string): void {
    const known = this.conversation(conversation);
    const before = known.wires.get(seq);
    if (before !== undefined) {
      if (before !== wire) this.fail(`R1 number ${seq} was given twice (seen by ${by})`, before, wire);
      return;
    }
    known.wires.set(seq, wire);
    if (!frame.type.endsWith('_delta')) this.log(`${by} first: ${seq} ${wire.slice(0, 160)}`);
    known.highest = Math.max(known.highest, seq);
    this.#take(conversation, seq, frame);
  }

  #take(conversation: string, seq: number, frame: ServerFrame): void {
    switch (frame.type) {
      case 'message_accepted': {
        const question = this.accept(frame.client_id, conversation, frame.reply_id);
        if (question === null) return;
        const first = this.#answered.get(question.clientId);
        if (first !== undefined) this.fail(`C1 ${question.id} was accepted twice, as ${first} and ${seq}`);
        this.#answered.set(question.clientId, seq);
        return;
      }
      case 'message_end': {
        if (this.#ends.has(frame.message_id)) this.fail(`R1 a second end of ${frame.message_id}`, frame);
        this.#ends.set(frame.message_id, frame);
        const question = this.#replies.get(frame.message_id);
        if (question !== undefined) question.end = frame;
        return;
      }
      case 'text_delta': {
        const question = this.#replies.get(frame.message_id);
        if (question === undefined) return;
        question.seenChars += frame.text.length;
        question.seen.push({ at: performance.now(), chars: question.seenChars });
        return;
      }
    }
  }

  /** The number of a question's S2, once it was seen. */
  numberOf(question: Question): number | undefined {
    return this.#answered.get(question.clientId);
  }

  /** A question is known to be accepted; null when it is none of ours. */
  accept(clientId: string | null, conversation: string, replyId: string): Question | null {
    const question = clientId === null ? undefined : this.questions.get(clientId);
    if (question === undefined) return this.fail('S2 of a question that nobody asked', { clientId });
    const before = question.accepted;
    if (before !== null && (before.replyId !== replyId || before.conversation !== conversation)) {
      this.fail(`C1 ${question.id} runs twice`, before, { conversation, replyId });
    }
    question.accepted = { conversation, replyId };
    question.refused = null;
    question.end ??= this.#ends.get(replyId) ?? null;
    this.#replies.set(replyId, question);
    return question;
  }

  /** For what is found where nobody waits for a result: it is thrown at whoever waits, now or next. */
  report(error: unknown): void {
    this.#finding ??= error;
    this.wake();
  }

  /** Something has happened: whoever waits looks again. */
  wake(): void {
    for (const look of [...this.#waiting]) look();
  }

  /** Resolves when `test` is true; a {@link Finding} when it never is. */
  async until(what: string, test: () => boolean): Promise<void> {
    if (!(await this.within(PATIENCE_MS, test))) this.fail(`${what}: did not happen`);
  }

  /** Whether `test` comes true within so many milliseconds. */
  within(ms: number, test: () => boolean): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const done = (result: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(result);
      };
      const look = () => {
        try {
          if (this.#finding !== null) throw this.#finding;
          if (test()) done(true);
        } catch (error) {
          reject(error);
          done(false);
        }
      };
      const timer = setTimeout(() => done(false), ms);
      this.#waiting.add(look);
      look();
    });
  }
}
