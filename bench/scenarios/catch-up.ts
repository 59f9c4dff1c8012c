import { Client, clock } from '../client.ts';
import { type Figure, spread } from '../stats.ts';
import type { World } from '../world.ts';

/** Coming back after a cut with 500 deltas to catch up: from opening the socket to the last frame. */
export async function catchUp(world: World, rounds: number): Promise<Figure[]> {
  const first = await Client.open(world.url);
  const { frame } = await first.next('session');
  const session = String(frame.session_id);
  const conversation = (frame.conversation as { id: string }).id;
  first.ask(500, 11);
  const end = await first.next('message_end');
  first.close();
  const took: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const start = clock();
    const back = await Client.open(world.url, session, `?conversation=${conversation}&after=2`);
    const { at, frame: last } = await back.next('message_end');
    if (last.seq !== end.frame.seq) throw new Error('came back to another end');
    took.push(at - start);
    back.close();
  }
  const times = spread(took);
  return [{ name: 'catch up 500 deltas', ...times, goal: 'p95 < 10', ok: times.p95 < 10 }];
}
