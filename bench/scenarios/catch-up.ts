import { setTimeout as pause } from 'node:timers/promises';
import { type Chat, stampOf } from '../arms/arm.ts';
import { inTurns } from '../rounds.ts';
import type { Stage } from '../stage.ts';
import { type Figure, middle, spread } from '../stats.ts';

const DELTAS = 500;
/** Slower than what the Worker joins. */
const EVERY_MS = 11;
/** So long the answers go on while their clients come back. */
const TAIL_MS = 8_000;

/**
 * Coming back after a cut, from opening the socket: to the last of 500 deltas that were missed, of an answer that is
 * still running; and with nothing missed, to the state of the chat.
 */
export async function catchUp(stage: Stage, options: { rounds: number; cuts: number }): Promise<Figure[]> {
  const arms = await stage.arms('bare', 'session', 'peer');
  const chats = await Promise.all(arms.map((arm) => arm.open()));
  const cut = (missed: (chat: Chat) => string | null) => async (chat: Chat) => {
    const took: number[] = [];
    for (let i = 0; i < options.cuts; i++) took.push(await chat.comeBack(missed(chat)));
    return spread(took);
  };
  const turns = { rounds: options.rounds, warmUp: true, signal: stage.signal };
  const script = { deltas: DELTAS, everyMs: EVERY_MS, tailMs: TAIL_MS };
  const answers = Promise.all(chats.map((chat) => chat.ask(script)));
  for (const chat of chats) while (chat.deltas().length < DELTAS) await pause(100);
  const last = (chat: Chat) => stampOf(chat.deltas()[DELTAS - 1]);
  const running = await inTurns(chats, turns, cut(last));
  await answers;
  const idle = await inTurns(
    chats,
    turns,
    cut(() => null),
  );
  for (const chat of chats) chat.close();
  return [
    ...arms.map((arm, i): Figure => {
      const times = middle(running[i] ?? []);
      const line = { name: `coming back, ${DELTAS} deltas to catch up`, arm: arm.name, ...times };
      return arm.name === 'session' ? { ...line, goal: 'p95 < 10', ok: times.p95 < 10 } : line;
    }),
    ...arms.map((arm, i): Figure => {
      return { name: 'coming back, nothing missed', arm: arm.name, ...middle(idle[i] ?? []) };
    }),
  ];
}
