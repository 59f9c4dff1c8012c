import { describe, expect, it } from 'vitest';
import { settle, World } from '../testing/world.ts';
import { FRAMES_PER_MINUTE } from './pace.ts';

const LIMITED = { TURNS_PER_MINUTE: '3' };

describe('how fast the frames of a session may come', () => {
  it('S10 comes at once, then at most once a second, and whoever asks meanwhile gets the next', async () => {
    const world = new World();
    const socket = world.connect();
    const second = world.connect();
    for (let i = 0; i < 50; i++) await world.say(socket, { type: 'models' });
    expect(socket.all('models')).toHaveLength(1);
    world.clock.advance(1_000);
    await settle();
    expect(socket.all('models')).toHaveLength(2);
    expect(second.all('models')).toHaveLength(2);
    world.clock.advance(60_000);
    await settle();
    expect(socket.all('models')).toHaveLength(2);
  });

  it.each([
    { type: 'reset' },
    { type: 'model_change', model: 'claude-haiku-5-5' },
    { type: 'open', conversation_id: 'conv-1' },
  ])('%j: as many in a minute as messages, then told when to try again', async (frame) => {
    const world = new World(LIMITED);
    const socket = world.connect();
    for (let i = 0; i < 3; i++) await world.say(socket, frame);
    expect(socket.all('error')).toEqual([]);
    world.clock.advance(20_000);
    await world.say(socket, frame);
    expect(socket.last('error')).toMatchObject({ code: 'rate_limited', retry_after_ms: 40_000 });
    world.clock.advance(40_000);
    await world.say(socket, frame);
    expect(socket.all('error')).toHaveLength(1);
  });

  it('a flood of any frames closes the socket that sends it', async () => {
    const world = new World(LIMITED);
    const socket = world.connect();
    for (let i = 0; i < FRAMES_PER_MINUTE; i++) await world.say(socket, { type: 'stop' });
    expect(socket.closed).toBeNull();
    await world.say(socket, { type: 'stop' });
    expect(socket.closed).toBe(4429);
  });

  it('a local Worker has no such limits', async () => {
    const world = new World();
    const socket = world.connect();
    for (let i = 0; i < FRAMES_PER_MINUTE + 10; i++) await world.say(socket, { type: 'reset' });
    expect(socket.closed).toBeNull();
    expect(socket.all('error')).toEqual([]);
  });
});
