import type { UnnumberedFrame } from '../../shared/index.ts';
import type { FrameChunk } from '../archive/frames.ts';

/** Deltas that follow each other faster than this are joined; a slower one goes out at once. Milliseconds. */
export const JOIN_MS = 10;
/**
 * Text waits at most this long for the disk, milliseconds. A 30 s answer then costs 25 chunk rows and
 * stays inside the 35 that the free plan's row budget allows.
 */
export const STORE_MS = 1_200;
/** ... and at most this many characters. */
export const STORE_CHARS = 4_096;
/**
 * How far `seq` jumps after the loss of the process (R11). A chunk is stored before it holds more than
 * STORE_CHARS frames of at least one character, so this is above every number that can have been sent.
 */
export const SEQ_GAP = 10_000;

export type DeltaKind = 'text_delta' | 'thinking_delta';
/** Called with the frame for the wire, and with what it carries for whoever keeps the text. */
export type SendDelta = (wire: string, text: string, kind: DeltaKind) => void;

/**
 * Numbers the frames of one conversation, joins deltas, and gathers what must go to disk. Pure: it says
 * what to send and when to come back; sockets, timers and SQL belong to its owner.
 */
export class StreamBuffer {
  readonly conversation: string;
  #seq: number;
  #unstored: string[] = [];
  #unstoredFirst = 0;
  #unstoredChars = 0;
  #unstoredSince = 0;
  /** Held back to be joined; it can also be the first half of a character that the provider cut in two. */
  #pending: { kind: DeltaKind; messageId: string; text: string } | null = null;
  #sentAt = Number.NEGATIVE_INFINITY;

  constructor(conversation: string, lastSeq: number) {
    this.conversation = conversation;
    this.#seq = lastSeq;
  }

  /** The highest number given out so far. */
  get lastSeq(): number {
    return this.#seq;
  }

  /** Gives a frame its number and returns the text for the wire. Deltas held back must be sent before: {@link drain}. */
  number(frame: UnnumberedFrame, now: number): string {
    this.#seq += 1;
    const wire = JSON.stringify({ ...frame, seq: this.#seq });
    this.#keep(wire, 0, now);
    return wire;
  }

  /**
   * Takes a delta and hands every piece that is due to `send`.
   * @returns milliseconds until {@link drain} must be called, or 0 when nothing waits
   */
  delta(kind: DeltaKind, messageId: string, text: string, now: number, send: SendDelta): number {
    if (this.#pending !== null && this.#pending.kind !== kind) this.drain(now, send, true);
    if (this.#pending === null) this.#pending = { kind, messageId, text };
    else this.#pending.text += text;
    const wait = this.#sentAt + JOIN_MS - now;
    if (wait > 0 && this.#pending.text.length < STORE_CHARS) return wait;
    this.drain(now, send);
    return 0;
  }

  /**
   * Sends what waits. A high surrogate at the end stays for its other half, which may be in the next
   * delta, unless `final`: then it goes as U+FFFD, since half a character survives neither UTF-8 nor SQL.
   */
  drain(now: number, send: SendDelta, final = false): void {
    const pending = this.#pending;
    if (pending === null) return;
    const last = pending.text.charCodeAt(pending.text.length - 1);
    const keep = !final && last >= 0xd800 && last <= 0xdbff ? 1 : 0;
    const due = keep === 0 ? pending.text : pending.text.slice(0, -1);
    this.#pending = keep === 0 ? null : { ...pending, text: pending.text.slice(-1) };
    if (due === '') return;
    const text = due.isWellFormed() ? due : due.toWellFormed();
    this.#seq += 1;
    this.#sentAt = now;
    const frame = { type: pending.kind, message_id: pending.messageId, seq: this.#seq, text };
    const wire = JSON.stringify(frame);
    this.#keep(wire, text.length, now);
    send(wire, text, pending.kind);
  }

  #keep(wire: string, chars: number, now: number): void {
    if (this.#unstored.length === 0) {
      this.#unstoredFirst = this.#seq;
      this.#unstoredSince = now;
    }
    this.#unstored.push(wire);
    this.#unstoredChars += chars;
  }

  /** Whether the frames that were sent have waited long enough for the disk. */
  storeDue(now: number): boolean {
    return (
      this.#unstored.length > 0 &&
      (now - this.#unstoredSince >= STORE_MS || this.#unstoredChars >= STORE_CHARS)
    );
  }

  /** What must be written now; forgets it. Null when there is nothing. */
  takeChunk(): FrameChunk | null {
    if (this.#unstored.length === 0) return null;
    const chunk: FrameChunk = {
      conversation: this.conversation,
      firstSeq: this.#unstoredFirst,
      lastSeq: this.#seq,
      wire: this.#unstored.join('\n'),
    };
    this.#unstored = [];
    this.#unstoredChars = 0;
    return chunk;
  }

  /** Frames with a number above `seq` that are not on disk yet, as JSON texts. */
  unstoredAfter(seq: number): string[] {
    return this.#unstored.slice(Math.max(0, seq + 1 - this.#unstoredFirst));
  }
}
