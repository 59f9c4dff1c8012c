import { pick, type Random } from '../../simulator/random.ts';
import type { Question } from './book.ts';
import type { Follower, Return } from './follower.ts';
import type { Life } from './life.ts';
import { between, chance } from './script.ts';
import type { CutKind } from './tally.ts';

/** When in the life of a question something happens. */
export type Moment = 'sent' | 'accepted' | 'held' | 'frames' | 'ended';
/** One disturbance of one question, by one client. `release` lets a held upstream go on. */
export type Scene = {
  life: Life;
  question: Question;
  actor: Follower;
  moment: Moment;
  random: Random;
  release: () => void;
};

/** A moment that does not come (the answer was too short, say) is passed over after this long, milliseconds. */
export const MOMENT_MS = 1_500;

export const isOver = ({ end, refused, isSettled }: Question) =>
  end !== null || refused !== null || isSettled;

/** Where the question is now, for the statistics of cuts. */
export function placeOf({ life, question }: Scene): CutKind {
  const { upstream } = life.setting;
  if (upstream.isHolding(question.id)) {
    const places = {
      start: 'before the start',
      character: 'inside a character',
      end: 'before the end',
    } as const;
    return places[question.script.hold ?? 'start'];
  }
  if (isOver(question)) return 'at the end';
  if (question.accepted === null) return 'before acceptance';
  return question.seenChars === 0 ? 'before the start' : 'mid-stream';
}

/**
 * Waits for the scene's moment. "frames" cuts the line right behind a random one, where `leaves` says so.
 * @returns whether it was cut
 */
export async function moment(scene: Scene, leaves = false): Promise<boolean> {
  const { life, question, actor, random } = scene;
  const { book, setting } = life;
  switch (scene.moment) {
    case 'sent':
      return false;
    case 'accepted':
      await book.within(MOMENT_MS, () => question.accepted !== null || isOver(question));
      return false;
    case 'held':
      await book.within(MOMENT_MS, () => setting.upstream.isHolding(question.id) || isOver(question));
      return false;
    case 'ended':
      await book.within(MOMENT_MS, () => isOver(question));
      return false;
    case 'frames': {
      const frames = between(random, 1, 25);
      if (leaves) return actor.leaveAfter(frames, () => isOver(question));
      const from = actor.received;
      await book.within(MOMENT_MS, () => actor.received >= from + frames || isOver(question));
      return false;
    }
  }
}

/** With what a client comes back. */
export function comeback({ life, actor, random }: Scene): Return {
  const own = actor.cursor;
  const draw = random();
  if (own === null || draw < 0.6) return { style: 'own', cursor: own };
  const { conversation } = own;
  if (draw < 0.75) {
    const after = chance(random, 0.5) ? 0 : between(random, 0, actor.last);
    return { style: 'old', cursor: { conversation, after: String(after) } };
  }
  if (draw < 0.85) return { style: 'none', cursor: null };
  if (draw < 0.93) {
    const after = pick(random, ['1000000', '999999999999999', '99999999999999999999', '-1', '1.5', 'x', '']);
    return { style: 'absurd', cursor: { conversation, after } };
  }
  const others = [...life.book.conversations.keys()].filter((id) => id !== conversation);
  return {
    style: 'foreign',
    cursor: { conversation: pick(random, ['none-of-ours', ...others]), after: String(actor.last) },
  };
}
