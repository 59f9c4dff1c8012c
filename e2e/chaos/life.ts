import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { pick, type Random, seededRandom, seedOf } from '../../simulator/random.ts';
import { Api } from './api.ts';
import { Book, type Question } from './book.ts';
import { checkAnswer, checkFollower, pairs } from './checks.ts';
import { Follower } from './follower.ts';
import type { Carrier } from './links.ts';
import type { Mirror } from './mirror.ts';
import { type Menu, questionText } from './script.ts';
import type { ScriptedUpstream } from './scripted-upstream.ts';
import type { Tally } from './tally.ts';
import type { World } from './world.ts';

export type Setting = {
  seed: number;
  world: World;
  upstream: ScriptedUpstream;
  tally: Tally;
  menu: Menu;
  carriers: readonly [Carrier, ...Carrier[]];
};

/** One session with its clients, and what is known of it. */
export class Life {
  readonly setting: Setting;
  readonly book: Book;
  readonly api: Api;
  readonly followers: Follower[] = [];
  #asked = 0;
  #names = 0;

  /** @param end lets nobody wait any longer */
  constructor(name: string, setting: Setting, end: AbortSignal) {
    this.setting = setting;
    this.book = new Book(name, end);
    this.api = new Api(setting.world.url, this.book);
  }

  /** Random numbers of their own for everything that has a name: what one thing draws never moves another. */
  random(name: string): Random {
    return seededRandom(seedOf(`${this.book.name} ${name}`, this.setting.seed));
  }

  async begin(followers: number): Promise<void> {
    const random = this.random('carriers');
    for (let n = 0; n < followers; n += 1) {
      const follower = this.newFollower(random);
      if (this.book.session === '' && follower.way.carrier === 'stream')
        this.book.session = await this.api.makeSession();
      follower.connect();
      await this.book.until(`S1 for ${follower.name}`, () => follower.isThere);
    }
  }

  newFollower(random: Random): Follower {
    const carrier = pick(random, this.setting.carriers);
    const { book, setting } = this;
    this.#names += 1;
    const follower = new Follower(
      `${carrier} ${this.#names}`,
      { carrier, url: setting.world.url },
      book,
      setting.tally,
    );
    this.followers.push(follower);
    return follower;
  }

  /** Takes a client away for good. */
  dismiss(follower: Follower): void {
    follower.leave('close');
    this.followers.splice(this.followers.indexOf(follower), 1);
  }

  newQuestion(): Question {
    this.#asked += 1;
    const id = `${this.book.name}-${this.#asked}`;
    const { upstream, seed, menu } = this.setting;
    const script = upstream.expect(id, seed, menu, () => this.book.wake());
    const question: Question = {
      id,
      clientId: `${id}-${randomUUID().slice(0, 8)}`,
      message: questionText(id),
      script,
      accepted: null,
      refused: null,
      mayBeStopped: this.book.endingIsOut || performance.now() - this.book.strayAt < 2_000,
      mayBeInterrupted: false,
      end: null,
      isSettled: false,
      losses: [],
      seen: [],
      seenChars: 0,
    };
    this.book.add(question);
    return question;
  }

  /** Brings everybody together, waits until every answer has ended, and compares everything with everything. */
  async settle(): Promise<void> {
    const { book, followers, setting } = this;
    for (const question of book.open) setting.upstream.release(question.id);
    await sleep(Math.max(0, book.strayAt + 300 - performance.now()));
    await Promise.all(followers.map((follower) => follower.flushed()));
    for (const follower of followers) if (!follower.isThere) follower.connect();
    await book.until('Everybody is greeted', () => followers.every(({ isThere }) => isThere));
    await book.until('S2 or a refusal for every question', () =>
      book.open.every(({ accepted }) => accepted !== null),
    );
    const [first] = followers;
    if (first === undefined) return;
    const probe = new Follower('probe', first.way, book, setting.tally);
    probe.connect({ style: 'none', cursor: null });
    try {
      await book.until('S1 for the probe', () => probe.isThere);
      for (const id of new Set([probe.conversation, ...this.#unsettled()])) await this.#finished(id);
      await this.#compare([...followers, probe], probe);
      await this.#checkUpstream();
    } finally {
      probe.leave('close');
    }
    book.settle();
  }

  /** Waits until all are in step with one of them, and compares them with the archive. */
  async #compare(everybody: readonly Follower[], one: Follower): Promise<void> {
    const { book, setting } = this;
    const isInStep = ({ isThere, conversation, last, mirror }: Follower) =>
      isThere && conversation === one.conversation && last === one.last && isQuiet(mirror);
    for (;;) {
      await book.until(`R4 all in step with ${one.last}`, () => everybody.every(isInStep));
      const archive = await this.api.conversation(one.conversation);
      // A switch that took its time may have arrived meanwhile.
      if (!everybody.every((other) => other.conversation === archive.id && isInStep(other))) continue;
      for (const other of everybody) checkFollower(book, other, archive, setting.tally);
      return;
    }
  }

  #unsettled(): string[] {
    return [...this.book.questions.values()].flatMap((one) =>
      one.isSettled || one.accepted === null ? [] : [one.accepted.conversation],
    );
  }

  /** Waits until no answer of a conversation is being written, and checks the new ones. */
  async #finished(id: string): Promise<void> {
    const { book, setting } = this;
    for (let tries = 0; ; tries += 1) {
      const archive = await this.api.conversation(id);
      const all = pairs(book, archive);
      if (all.some(({ answer }) => answer.status === 'streaming')) {
        if (tries > 600) book.fail(`An answer in ${id} never ended`);
        await book.within(50, () => false);
        continue;
      }
      for (const { question, answer } of all) {
        if (question.isSettled) continue;
        if (question.accepted === null) {
          book.fail(`${question.id} is in the archive, and its S2 was never seen`);
        }
        checkAnswer(book, question, answer, setting.tally);
        question.isSettled = true;
      }
      return;
    }
  }

  /** Nothing ran twice, and nobody is left waiting for an upstream. */
  async #checkUpstream(): Promise<void> {
    const { book, setting } = this;
    for (const question of book.questions.values()) {
      const { id, script } = question;
      const { requests, played } = setting.upstream.counts(id);
      // A connection that broke before its first output was read is a reason for a fallback too, from home and again
      // from Claude.
      const limit = (script.ending === 'cut' ? 3 : script.refusals.length + 1) + (script.calls > 0 ? 1 : 0);
      if (requests > limit || (played > 1 && script.ending !== 'cut')) {
        book.fail(`C1 R11 ${id} was asked ${requests} times at the upstream`, script);
      }
      if (question.isSettled) {
        await book.until(`R3 the upstream of ${id} is let go`, () => setting.upstream.counts(id).open === 0);
      }
    }
  }

  close(): void {
    for (const follower of this.followers) follower.leave('close');
    for (const { id } of this.book.questions.values()) this.setting.upstream.forget(id);
  }
}

/** Nothing is being written as this client sees it. */
function isQuiet(mirror: Mirror): boolean {
  return [...mirror.messages.values()].every(({ status }) => status !== 'streaming');
}
