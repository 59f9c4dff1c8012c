import { setTimeout as sleep } from 'node:timers/promises';
import { comeback, isOver, MOMENT_MS, moment, placeOf, type Scene } from './scene.ts';
import { between, chance } from './script.ts';

/** One line is cut, and its client comes back. */
export async function cut(scene: Scene): Promise<void> {
  const { life, actor, random, release, question } = scene;
  const wasCut = await moment(scene, true);
  const place = placeOf(scene);
  if (actor.leave(chance(random, 0.8) ? 'reset' : 'close') || wasCut) life.setting.tally.cut(place);
  const back = comeback(scene);
  // Back before the upstream goes on, while it does, or long after.
  const draw = random();
  if (draw < 0.4) {
    await sleep(between(random, 0, 60));
    actor.connect(back);
    await life.book.within(MOMENT_MS, () => actor.isThere);
    release();
    return;
  }
  release();
  if (draw < 0.8) await sleep(between(random, 0, 60));
  else await life.book.within(between(random, 50, 600), () => isOver(question));
  actor.connect(back);
}

/** ... and is cut again while it is told what it missed. */
export async function cutInReplay(scene: Scene): Promise<void> {
  const { life, actor, random, release } = scene;
  const { setting } = life;
  const wasCut = await moment(scene, true);
  if (actor.leave() || wasCut) setting.tally.cut(placeOf(scene));
  const times = between(random, 1, 3);
  for (let time = 0; time < times; time += 1) {
    const own = actor.cursor;
    const after =
      own === null ? '0' : String(chance(random, 0.5) ? 0 : between(random, 0, Number(own.after)));
    actor.connect({ style: 'old', cursor: own === null ? null : { ...own, after } });
    // None: in the middle of the handshake.
    const frames = between(random, 0, 12);
    if (frames === 0) await sleep(between(random, 0, 8));
    const isLate = () => actor.isThere && actor.last >= actor.promised;
    const inReplay = frames === 0 || (await actor.leaveAfter(frames, isLate));
    actor.leave();
    setting.tally.cut(inReplay ? 'during replay' : placeOf(scene));
  }
  release();
  actor.connect(comeback(scene));
}

/** A client that takes nothing more off its line, as a frozen tab does. */
export async function freeze(scene: Scene): Promise<void> {
  const { life, actor, random, release } = scene;
  await moment(scene);
  actor.freeze();
  release();
  await sleep(between(random, 20, 400));
  if (actor.leave()) life.setting.tally.cut('frozen line');
  actor.connect(comeback(scene));
}

/** The answer goes on with nobody there (R3). */
export async function everybodyLeaves(scene: Scene): Promise<void> {
  const { life, random, release, question } = scene;
  await moment(scene);
  const place = placeOf(scene);
  for (const follower of life.followers) {
    const wasCut = follower.leave(chance(random, 0.8) ? 'reset' : 'close');
    if (wasCut) life.setting.tally.cut(follower === scene.actor ? 'everybody at once' : place);
  }
  release();
  await sleep(between(random, 0, 500));
  for (const follower of life.followers)
    if (!follower.isThere) follower.connect(comeback({ ...scene, actor: follower }));
  await life.book.within(50, () => isOver(question));
}
