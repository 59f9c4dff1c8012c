import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../simulator/random.ts';
import type { Question } from './book.ts';
import { ACTIONS, type Action } from './disturbances.ts';
import type { Life } from './life.ts';
import type { Moment, Scene } from './scene.ts';
import { between, chance } from './script.ts';

/** How often each thing happens, out of their sum. */
const WEIGHTS: Record<Action, number> = {
  cut: 40,
  'cut in replay': 14,
  freeze: 4,
  'everybody leaves': 8,
  stop: 8,
  switch: 8,
  join: 5,
  repeat: 6,
  busy: 5,
  evict: 4,
};
const MOMENTS: Moment[] = ['sent', 'accepted', 'held', 'held', 'frames', 'frames', 'frames', 'ended'];

function actionOf(random: Random): Action {
  let draw = random() * Object.values(WEIGHTS).reduce((sum, weight) => sum + weight, 0);
  for (const action of Object.keys(ACTIONS) as Action[]) {
    draw -= WEIGHTS[action];
    if (draw < 0) return action;
  }
  return 'cut';
}

/** One question with everything that disturbs it, and the comparison afterwards. */
export async function episode(life: Life, number: number): Promise<void> {
  const random = life.random(`episode ${number}`);
  const { followers, book, setting } = life;
  const someone = () => followers[between(random, 0, followers.length - 1)];
  const asker = someone();
  if (asker === undefined) return;
  const question = life.newQuestion();
  const count = between(random, 1, 4);
  const planned = Array.from({ length: count }, (_, index) => {
    const moment = MOMENTS[between(random, 0, MOMENTS.length - 1)] ?? 'frames';
    const hasHold = question.script.hold !== null;
    return {
      action: actionOf(random),
      actor: chance(random, 0.4) ? asker : (someone() ?? asker),
      moment:
        moment === 'held' && !hasHold
          ? ('frames' as const)
          : index === 0 && hasHold
            ? ('held' as const)
            : moment,
      random: life.random(`episode ${number} disturbance ${index}`),
    };
  });
  // Whoever waits for frames that the upstream holds back would wait in vain.
  const order: Moment[] =
    question.script.hold === 'end'
      ? ['sent', 'accepted', 'frames', 'held', 'ended']
      : ['sent', 'accepted', 'held', 'frames', 'ended'];
  planned.sort((a, b) => order.indexOf(a.moment) - order.indexOf(b.moment));
  // What a client does is done in turn; two of one client at once would cut each other's lines.
  const byActor = Map.groupBy(planned, ({ actor }) => actor);

  asker.ask(question);
  const waiting = new Set(planned.filter(({ moment }) => moment === 'held'));
  const acts = [...byActor.values()].map(async (own) => {
    for (const one of own) {
      const release = () => {
        waiting.delete(one);
        if (waiting.size === 0) setting.upstream.release(question.id);
      };
      const scene: Scene = {
        life,
        question,
        actor: one.actor,
        moment: one.moment,
        random: one.random,
        release,
      };
      await ACTIONS[one.action](scene);
      release();
      await book.within(5_000, () => one.actor.isThere);
    }
  });
  await Promise.all(acts);
  if (chance(random, 0.5)) await book.within(2_000, () => question.end !== null || question.refused !== null);
  await life.settle();
  await afterwards(life, question, random);
}

/** What happens between two questions. */
async function afterwards(life: Life, question: Question, random: Random): Promise<void> {
  const { book, followers, setting } = life;
  const [first, second, ...more] = followers;
  for (const follower of more) if (chance(random, 0.5)) life.dismiss(follower);
  if (first === undefined) return;
  if (question.accepted !== null && chance(random, 0.2)) {
    const repeater = second ?? first;
    const before = repeater.repeats.get(question.clientId) ?? 0;
    repeater.repeat(question);
    await book.within(
      10_000,
      () => (repeater.repeats.get(question.clientId) ?? 0) > before || !repeater.isThere,
    );
    const isAnswered = (repeater.repeats.get(question.clientId) ?? 0) > before;
    if (!isAnswered && repeater.isThere) book.fail(`C1 ${question.id} was sent again and not answered`);
    setting.tally.note('repeated questions');
  }
  // Idle for so long the platform takes the object out of memory and keeps its sockets.
  if (setting.menu.long && chance(random, 0.01)) {
    await sleep(12_000);
    setting.tally.note('rests');
  }
}
