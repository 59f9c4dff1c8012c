import type { Host } from '../host.ts';

/** What the upstream is asked for: so many deltas, one every so often (0: all at once), then silence, then the end. */
export type Script = { deltas: number; everyMs: number; tailMs?: number };

/** When a delta was received and when the upstream had written it, by the clock of {@link clock}. */
export type Delta = { at: number; sent: number };

export type Answer = { askedAt: number; deltas: Delta[] };

/** One conversation with an upstream, however it is reached. */
export type Chat = {
  /** Returns after the end of the answer. */
  ask(script: Script): Promise<Answer>;
  /** The deltas of the running answer so far. */
  deltas(): Delta[];
  /** Begins an empty conversation. */
  reset(): Promise<void>;
  /**
   * Opens another connection, as after a cut.
   * @param missed text of the last delta that it must bring; null when nothing was missed
   * @returns milliseconds until the state of the chat, or that delta, was there
   */
  comeBack(missed: string | null): Promise<number>;
  close(): void;
};

/** One of those that are compared. */
export type Arm = {
  name: ArmName;
  /** Where it runs; null for the direct readers, between which and the upstream nothing is. */
  host: Host | null;
  open(): Promise<Chat>;
};

export const ARMS = ['direct', 'bare', 'session', 'peer'] as const;
export type ArmName = (typeof ARMS)[number];

/** The text that asks the upstream for a script. */
export function question({ deltas, everyMs, tailMs = 0 }: Script): string {
  return JSON.stringify({ deltas, every_ms: everyMs, tail_ms: tailMs });
}

/** The deltas in a piece of text: joined ones count for each that is in it. */
export function deltasOf(text: string, at: number): Delta[] {
  return text
    .trim()
    .split(' ')
    .map((sent) => ({ at, sent: Number(sent) }));
}

/** The text of a delta, as the upstream has written it. */
export function stampOf(delta: Delta | undefined): string {
  if (delta === undefined) throw new Error('There is no such delta.');
  return `${delta.sent.toFixed(3)} `;
}
