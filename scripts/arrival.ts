import type { Link } from './home-links.ts';

/** How an answer arrived; times in milliseconds. */
export type Arrival = { pieces: number; chars: number; firstMs: number; spreadMs: number };

/** Collects when the pieces of one answer arrive. @param now milliseconds, of any beginning */
export function watchArrival(now: () => number) {
  const asked = now();
  const times: number[] = [];
  let chars = 0;
  return {
    piece(text: string): void {
      times.push(now());
      chars += text.length;
    },
    get pieces(): number {
      return times.length;
    },
    result(): Arrival {
      const first = times[0] ?? now();
      return {
        pieces: times.length,
        chars,
        firstMs: first - asked,
        spreadMs: (times.at(-1) ?? first) - first,
      };
    },
  };
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

export function completionLink({ pieces, firstMs }: Arrival): Link {
  const what = pieces === 0 ? 'it ended without a word' : 'the first token came';
  return { name: 'completion', state: 'ok', told: `${what} after ${seconds(firstMs)}` };
}

/** Of an answer that was gathered on the way the pieces come in one go, a small part of the time that it took. */
const STREAMED_SHARE = 0.15;
const STREAMED_MS = 20;
/** Too little to tell from. */
const SHORT_CHARS = 10;

/** Whether an answer of a loaded model came piece by piece. */
export function streamingLink({ pieces, chars, firstMs, spreadMs }: Arrival): Link {
  const name = 'streaming';
  if (chars < SHORT_CHARS) return { name, state: 'skipped', told: 'the answer was too short to tell' };
  const isStreamed = pieces > 2 && spreadMs > STREAMED_MS && spreadMs > STREAMED_SHARE * (firstMs + spreadMs);
  return isStreamed
    ? { name, state: 'ok', told: `${pieces} pieces over ${seconds(spreadMs)}` }
    : {
        name,
        state: 'broken',
        told: `the answer came all at once, after ${seconds(firstMs)}: something on the way gathers it.`,
      };
}

/** A model in memory answers sooner than this; afterwards the person is told what is waited for. Milliseconds. */
const QUIET_MS = 5_000;

/** Waits for `work`, with a word when it takes longer than a loaded model would. */
export async function* patiently<T>(
  work: Promise<T>,
  pause: (ms: number) => Promise<unknown>,
): AsyncGenerator<Link, T> {
  const isLate = await Promise.race([work.then(() => false), pause(QUIET_MS).then(() => true)]);
  if (isLate) {
    const told = `no word yet after ${seconds(QUIET_MS)}: it may be loading the model`;
    yield { name: 'loading', state: 'waiting', told };
  }
  return await work;
}
