import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { aRunner, aToolServer, type Everything, startEverything } from './test-support.ts';

let everything: Everything;
beforeAll(async () => {
  everything = await startEverything();
}, 30_000);
afterAll(() => everything.stop());

const world = (timeoutMs = 60_000) => aRunner([aToolServer(everything.url)], { tools: { timeoutMs } });

describe('against server-everything, over Streamable HTTP', () => {
  it('offers its tools, with what it says about them', async () => {
    const { runner } = world();
    const { tools, missing } = await runner.toolbox(new AbortController().signal);
    await runner.close();
    expect(missing).toEqual([]);
    const echo = tools.find(({ name }) => name === 'echo');
    expect(echo).toMatchObject({
      title: 'Echo Tool',
      server: 'one',
      tool: 'echo',
      readOnly: true,
      inputSchema: { type: 'object', properties: { message: { type: 'string' } }, required: ['message'] },
    });
    expect(tools.find(({ name }) => name === 'toggle-simulated-logging')?.readOnly).toBe(false);
    // It asks clients for their models, files and people where they offer them; we offer none.
    expect(tools.map(({ name }) => name).filter((name) => /sampling|elicitation|roots/.test(name))).toEqual(
      [],
    );
  });

  it('gives every kind of content as text', async () => {
    const { runner, call } = world();
    const texts = Object.fromEntries(
      await Promise.all(
        (
          [
            ['echo', { message: 'hi' }],
            ['get-sum', { a: 1, b: 2 }],
            ['get-structured-content', { location: 'New York' }],
            ['get-tiny-image', {}],
            ['get-resource-links', { count: 2 }],
            ['get-resource-reference', { resourceType: 'Text', resourceId: 1 }],
            ['get-annotated-message', { messageType: 'error', includeImage: true }],
          ] as const
        ).map(async ([name, args]) => {
          const { ok, content, truncated } = await call(name, args);
          expect([name, ok, truncated]).toEqual([name, true, false]);
          return [name, content];
        }),
      ),
    );
    await runner.close();
    expect(texts.echo).toBe('Echo: hi');
    expect(texts['get-sum']).toContain('is 3');
    expect(JSON.parse(texts['get-structured-content'] ?? '')).toHaveProperty('temperature');
    expect(texts['get-tiny-image']).toContain('[An image (image/png, 4 KB), which is not passed on]');
    expect(texts['get-resource-links']).toMatch(/\[A link: .*demo:\/\/resource\/dynamic\/text\/2/);
    expect(texts['get-resource-reference']).toContain(
      '[The resource demo://resource/dynamic/text/1:]\nResource 1',
    );
    expect(texts['get-annotated-message']).toContain('Error: Operation failed');
  });

  it('gives the words of an error to the model', async () => {
    const { runner, call } = world();
    const wrong = await call('get-sum', { a: 'one' });
    expect(wrong.ok).toBe(false);
    expect(wrong.content).toMatch(/expected number/i);
    const unknown = await call('no-such-tool');
    expect(unknown.ok).toBe(false);
    expect(unknown.content).toMatch(/no-such-tool/);
    await runner.close();
  });

  it('waits longer than its silence for a call that tells of its progress', async () => {
    const { runner, call } = world(1_500);
    const result = await call('trigger-long-running-operation', { duration: 3, steps: 15 });
    expect(result).toMatchObject({ ok: true, content: expect.stringContaining('completed') });
    const silent = await call('trigger-long-running-operation', { duration: 30, steps: 1 });
    expect(silent).toMatchObject({
      ok: false,
      content: expect.stringContaining('did not answer within 2 seconds'),
    });
    await runner.close();
  });

  it('ends a call that is stopped at once, and goes on working', async () => {
    const { runner, call } = world();
    await call('echo', { message: 'connected' });
    const stop = new AbortController();
    const running = call('trigger-long-running-operation', { duration: 30, steps: 30 }, stop.signal);
    setTimeout(() => stop.abort(), 100);
    expect(await running).toMatchObject({ ok: false, content: 'The call was stopped.' });
    expect((await call('echo', { message: 'again' })).content).toBe('Echo: again');
    await runner.close();
  });

  it('finds a server again that was started anew, and ends its session politely', async () => {
    const anew = async (port?: number) => {
      const server = await startEverything(port);
      onTestFinished(server.stop);
      return server;
    };
    const first = await anew();
    const { runner, call, asked } = aRunner([aToolServer(first.url)]);
    expect((await call('echo', { message: 'one' })).ok).toBe(true);
    await first.stop();
    const gone = await call('echo', { message: 'two' });
    expect(gone).toMatchObject({
      ok: false,
      content: 'The tool server "one" cannot be reached at the moment.',
    });
    const second = await anew(first.port);
    expect((await call('echo', { message: 'three' })).content).toBe('Echo: three');
    await second.stop();
    await anew(first.port);
    expect((await call('echo', { message: 'four' })).content).toBe('Echo: four');
    await runner.close();
    expect(asked.at(-1)).toBe(`DELETE ${first.url}`);
    expect(asked.filter((line) => line.startsWith('GET'))).toEqual([]);
  });

  it('logs each call without what was asked and answered', async () => {
    const { runner, call, events } = world();
    await call('echo', { message: 'a secret question' });
    await runner.close();
    expect(events).toEqual([
      {
        event: 'tool_call',
        server: 'one',
        tool: 'echo',
        connection_id: 'connection',
        ok: true,
        fault: null,
        truncated: false,
        chars: 'Echo: a secret question'.length,
        duration_ms: expect.any(Number),
      },
    ]);
  });
});
