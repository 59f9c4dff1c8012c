import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientFrame } from '../../shared/index.ts';
import { pick, type Random } from '../../simulator/random.ts';
import { cut, cutInReplay, everybodyLeaves, freeze } from './cuts.ts';
import type { Follower } from './follower.ts';
import type { Life } from './life.ts';
import { comeback, isOver, MOMENT_MS, moment, type Scene } from './scene.ts';
import { between, chance } from './script.ts';
import { LONGEST_HOLD_MS } from './scripted-upstream.ts';
import type { CutKind } from './tally.ts';

export type Action =
  | 'cut'
  | 'cut in replay'
  | 'freeze'
  | 'everybody leaves'
  | 'stop'
  | 'switch'
  | 'join'
  | 'repeat'
  | 'busy'
  | 'evict';

const MODELS = ['auto', 'claude-haiku-5-5', 'claude-sonnet-5-5', 'ollama-qwen2.5'] as const;

/** Everything that may be running is told to stop by this frame. */
function sendEnding(life: Life, actor: Follower, frame: ClientFrame): void {
  life.book.endingIsOut = true;
  for (const question of life.book.open) question.mayBeStopped = true;
  actor.send(frame);
}

/** Cuts the line behind a frame that nobody has answered yet: it may arrive later, or never. */
function cutBehind(life: Life, actor: Follower, kind: CutKind, random: Random): void {
  life.book.strayAt = performance.now();
  if (actor.leave(chance(random, 0.5) ? 'reset' : 'close')) life.setting.tally.cut(kind);
}

async function stop(scene: Scene): Promise<void> {
  const { life, question, actor, random, release } = scene;
  const { book, setting, followers } = life;
  await moment(scene);
  const { line, isThere } = actor;
  const losses = book.losses;
  sendEnding(life, actor, { type: 'stop' });
  setting.tally.note('stops');
  if (chance(random, 0.3)) {
    const other = followers[between(random, 0, followers.length - 1)] ?? actor;
    other.send({ type: 'stop' });
    setting.tally.note('double stops');
  }
  if (chance(random, 0.4)) {
    cutBehind(life, actor, 'while stopping', random);
    await sleep(between(random, 0, 100));
    release();
    actor.connect(comeback(scene));
    return;
  }
  // The upstream waits: whatever the order of things elsewhere, this stop comes in time.
  if (scene.moment === 'held' && isThere && setting.upstream.isHolding(question.id)) {
    const isDisturbed = () => actor.line !== line || book.losses !== losses;
    await book.within(LONGEST_HOLD_MS - 500, () => isOver(question) || isDisturbed());
    if (!isOver(question) && !isDisturbed()) {
      book.fail(`C4 ${question.id} was stopped while the upstream waited, and goes on`);
    }
    setting.tally.note('stops in time');
  }
  release();
}

async function change(scene: Scene): Promise<void> {
  const { life, actor, random, release } = scene;
  await moment(scene);
  const known = [...life.book.conversations.keys()];
  const frames: [ClientFrame, ...ClientFrame[]] = [
    { type: 'reset' },
    { type: 'model_change', model: pick(random, MODELS) },
    { type: 'open', conversation_id: pick(random, ['none-of-ours', ...known]) },
    { type: 'open', conversation_id: pick(random, ['none-of-ours', ...known]) },
  ];
  sendEnding(life, actor, pick(random, frames));
  life.setting.tally.note('switches');
  if (chance(random, 0.4)) {
    cutBehind(life, actor, 'while switching', random);
    await sleep(between(random, 0, 100));
    actor.connect(comeback(scene));
  }
  release();
}

async function join(scene: Scene): Promise<void> {
  const { life, random, release } = scene;
  await moment(scene);
  if (life.book.session === '') return;
  const newcomer = life.newFollower(random);
  const known = [...life.book.conversations.keys()];
  const cursor = chance(random, 0.5)
    ? null
    : { conversation: pick(random, ['none-of-ours', ...known]), after: '1000000' };
  newcomer.connect({ style: cursor === null ? 'none' : 'absurd', cursor });
  life.setting.tally.note('second clients');
  await life.book.within(MOMENT_MS, () => newcomer.isThere);
  release();
}

async function repeat(scene: Scene): Promise<void> {
  const { life, question, actor, random, release } = scene;
  await moment(scene);
  const all = [...life.book.questions.values()];
  const which = chance(random, 0.7) ? question : (all[between(random, 0, all.length - 1)] ?? question);
  // A refused one may be sent again, and then it runs: that is no repetition.
  if (which.refused !== null) return;
  for (let times = between(random, 1, 3); times > 0; times -= 1) actor.repeat(which);
  life.setting.tally.note('repeated questions');
  release();
}

async function busy(scene: Scene): Promise<void> {
  const { life, actor, random, release } = scene;
  await moment(scene);
  const second = life.newQuestion();
  actor.ask(second);
  release();
  await life.book.within(MOMENT_MS, () => second.refused !== null || second.accepted !== null);
  if (second.refused === null || chance(random, 0.5)) return;
  await life.book.within(MOMENT_MS, () => isOver(scene.question));
  second.refused = null;
  actor.ask(second);
}

async function evict(scene: Scene): Promise<void> {
  const { life, release } = scene;
  const { world, tally } = life.setting;
  await moment(scene);
  if (world.evict === null) return;
  life.book.lose();
  tally.evictions += 1;
  await world.evict(life.book.session);
  life.book.lose();
  release();
}

export const ACTIONS: Record<Action, (scene: Scene) => Promise<void>> = {
  cut,
  'cut in replay': cutInReplay,
  freeze,
  'everybody leaves': everybodyLeaves,
  stop,
  switch: change,
  join,
  repeat,
  busy,
  evict,
};
