import type { Chat } from '../arms/arm.ts';
import { inTurns } from '../rounds.ts';
import type { Stage } from '../stage.ts';
import { added, type Figure, middle, type Spread, spread } from '../stats.ts';

/** A conversation grows; a new one every so many questions keeps what goes upstream small. */
const QUESTIONS = 20;

/** Time from the question to the first delta, and what is added to reading the same stream directly. */
export async function firstDelta(
  stage: Stage,
  options: { rounds: number; conversations: number },
): Promise<Figure[]> {
  const name = 'first delta';
  const arms = await stage.arms('direct', 'bare', 'session', 'peer');
  const chats = await Promise.all(arms.map((arm) => arm.open()));
  const measure = async (chat: Chat): Promise<Spread> => {
    const took: number[] = [];
    for (let i = 0; i < options.conversations * QUESTIONS; i++) {
      if (i % QUESTIONS === 0) await chat.reset();
      const { askedAt, deltas } = await chat.ask({ deltas: 2, everyMs: 0 });
      took.push((deltas[0]?.at ?? Number.NaN) - askedAt);
    }
    return spread(took);
  };
  const turns = { rounds: options.rounds, warmUp: true, signal: stage.signal };
  const all = await inTurns(chats, turns, measure);
  for (const chat of chats) chat.close();
  const [floor = []] = all;
  return arms.flatMap((arm, i): Figure[] => {
    const own = all[i] ?? [];
    const figure: Figure = { name, arm: arm.name, ...middle(own) };
    if (arm.host === null) return [figure];
    const more = added(own, floor);
    const goal = arm.name === 'session' ? { goal: 'p50 < 2, p95 < 5', ok: more.p50 < 2 && more.p95 < 5 } : {};
    return [figure, { name: `${name}, added to the direct one`, arm: arm.name, ...more, ...goal }];
  });
}
