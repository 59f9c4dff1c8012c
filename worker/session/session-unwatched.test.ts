import { describe, expect, it } from 'vitest';
import { allMessages } from '../archive/messages.ts';
import { type RecordingSocket, World } from '../testing/world.ts';

const answerOf = (world: World) => allMessages(world.sql, 'conv-1').at(-1);

async function asked(
  settings: Record<string, string> = {},
): Promise<{ world: World; socket: RecordingSocket }> {
  const world = new World(settings);
  const socket = world.connect();
  await world.say(socket, { message: 'q' });
  await world.call.text('before ');
  return { world, socket };
}

describe('R3 unwatched work has a limit', () => {
  it('a closed socket stops nothing: within the limit the answer comes to its end', async () => {
    const { world, socket } = await asked();
    world.leave(socket);
    world.clock.advance(299_000);
    await world.call.text('after');
    await world.call.finish();
    expect(answerOf(world)).toMatchObject({ text: 'before after', status: 'complete' });
  });

  it('after the time it ends with what there is, and the upstream is aborted', async () => {
    const { world, socket } = await asked();
    world.leave(socket);
    world.clock.advance(300_000);
    expect(answerOf(world)).toMatchObject({ text: 'before ', status: 'limit' });
    expect(world.call.signal.aborted).toBe(true);
    expect(world.connect().last('session')).toMatchObject({ run: null });
  });

  it('the time is a setting', async () => {
    const { world, socket } = await asked({ UNWATCHED_LIMIT_S: '10' });
    world.leave(socket);
    world.clock.advance(9_999);
    expect(answerOf(world)?.status).toBe('streaming');
    world.clock.advance(1);
    expect(answerOf(world)?.status).toBe('limit');
  });

  it('whoever is back in time starts it anew; one of two is enough', async () => {
    const { world, socket } = await asked();
    const second = world.connect();
    world.leave(socket);
    world.clock.advance(301_000);
    expect(answerOf(world)?.status).toBe('streaming');
    world.leave(second);
    world.clock.advance(200_000);
    const back = world.connect({ conversation: 'conv-1', after: 0 });
    world.clock.advance(50_000);
    world.leave(back);
    world.clock.advance(299_000);
    expect(answerOf(world)?.status).toBe('streaming');
    world.clock.advance(1_000);
    expect(answerOf(world)?.status).toBe('limit');
  });

  it('the tokens are a setting, counted from the moment nobody watches', async () => {
    const { world, socket } = await asked({ UNWATCHED_LIMIT_TOKENS: '10' });
    await world.call.text('a'.repeat(400));
    world.leave(socket);
    await world.call.text('b'.repeat(40));
    expect(answerOf(world)?.status).toBe('streaming');
    await world.call.text('c');
    const { text, status } = answerOf(world) ?? {};
    expect(status).toBe('limit');
    expect(text).toBe(`before ${'a'.repeat(400)}${'b'.repeat(40)}c`);
  });

  it('the next question is under no old limit', async () => {
    const { world, socket } = await asked({ UNWATCHED_LIMIT_TOKENS: '10' });
    world.leave(socket);
    await world.call.text('x'.repeat(100));
    expect(answerOf(world)?.status).toBe('limit');
    const back = world.connect();
    await world.say(back, { message: 'q2' });
    await world.call.text('y'.repeat(100));
    await world.call.finish();
    expect(answerOf(world)).toMatchObject({ status: 'complete', text: 'y'.repeat(100) });
  });

  it('a question whose asker left before it began is unwatched from the start', async () => {
    const world = new World({ UNWATCHED_LIMIT_S: '10' });
    const socket = world.connect();
    world.leave(socket);
    await world.say(socket, { message: 'q' });
    world.clock.advance(10_000);
    expect(answerOf(world)?.status).toBe('limit');
  });
});
