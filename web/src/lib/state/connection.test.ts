import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Connection, type ConnectionEvents } from './connection.svelte.ts';
import { sessionFrame } from './test-frames.ts';

/** A browser without WebSockets, and a server of H9 behind it that sends its comments. */
class World {
  readonly document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  readonly window = new EventTarget();
  isRunning = false;
  openStreams = 0;
  requests: string[] = [];
  readonly closed: string[] = [];
  readonly ways: string[] = [];
  readonly #events: ConnectionEvents = {
    target: () => ({ sessionId: 's1', conversationId: 'c1', after: 4 }),
    incoming: () => undefined,
    closed: (code, reason) => this.closed.push(`${code} ${reason}`),
    answers: async () => true,
    running: () => this.isRunning,
  };
  readonly connection = new Connection(this.#events, {
    way: 'http',
    keepWay: (way) => this.ways.push(way),
  });

  see(visibilityState: 'visible' | 'hidden'): void {
    this.document.visibilityState = visibilityState;
    this.document.dispatchEvent(new Event('visibilitychange'));
  }

  readonly fetch = async (path: string, init: RequestInit): Promise<Response> => {
    this.requests.push(path);
    this.openStreams += 1;
    const encoder = new TextEncoder();
    const stream = new ReadableStream<Uint8Array>({
      start: (line) => {
        line.enqueue(encoder.encode(`data: ${JSON.stringify(sessionFrame())}\n\n`));
        const comments = setInterval(() => line.enqueue(encoder.encode(': ping\n\n')), 15_000);
        init.signal?.addEventListener('abort', () => {
          this.openStreams -= 1;
          clearInterval(comments);
          line.error(new DOMException('aborted', 'AbortError'));
        });
      },
    });
    return new Response(stream);
  };
}

let world: World;

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', undefined);
  world = new World();
  vi.stubGlobal('document', world.document);
  vi.stubGlobal('location', { origin: 'http://chat.example' });
  vi.stubGlobal('addEventListener', world.window.addEventListener.bind(world.window));
  vi.stubGlobal('fetch', world.fetch);
  world.connection.open();
  await vi.advanceTimersByTimeAsync(100);
});
afterEach(() => {
  world.connection.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('a connection over HTTP', () => {
  it('is open when the session has spoken, and lives by the comments', async () => {
    expect(world.connection.state).toEqual({ kind: 'open', way: 'http' });
    await vi.advanceTimersByTimeAsync(120_000);
    expect([world.requests, world.closed]).toEqual([['/stream?conversation=c1&after=4'], []]);
    expect(world.ways).toEqual(['http']);
  });

  it('is hung up by a hidden page that waits for nothing, and back when the page is seen', async () => {
    world.see('hidden');
    await vi.advanceTimersByTimeAsync(61_000);
    expect([world.openStreams, world.connection.state.kind, world.closed]).toEqual([
      0,
      'waiting',
      ['1000 rest'],
    ]);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(world.requests).toHaveLength(1);
    world.see('visible');
    await vi.advanceTimersByTimeAsync(100);
    expect([world.openStreams, world.connection.state.kind]).toEqual([1, 'open']);
  });

  it('is kept by a hidden page while an answer is being written', async () => {
    world.isRunning = true;
    world.see('hidden');
    await vi.advanceTimersByTimeAsync(200_000);
    expect(world.openStreams).toBe(1);
    world.isRunning = false;
    await vi.advanceTimersByTimeAsync(61_000);
    expect(world.openStreams).toBe(0);
  });

  it('is hung up by a hidden page also when it came back there', async () => {
    world.see('hidden');
    await vi.advanceTimersByTimeAsync(30_000);
    world.connection.reconnect();
    await vi.advanceTimersByTimeAsync(100);
    expect(world.openStreams).toBe(1);
    await vi.advanceTimersByTimeAsync(61_000);
    expect(world.openStreams).toBe(0);
  });

  it('is replaced at once when the network changes, and once for each change', async () => {
    world.window.dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(100);
    expect([world.requests.length, world.openStreams, world.closed]).toEqual([2, 1, ['1000 again']]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(world.requests).toHaveLength(2);
  });

  it('does not follow every call of a fault that calls again and again', async () => {
    for (let round = 0; round < 100; round += 1) {
      world.connection.reconnect();
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(world.requests.length).toBeLessThan(8);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(world.openStreams).toBe(1);
  });
});
