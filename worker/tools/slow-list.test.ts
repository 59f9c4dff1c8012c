import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { aRawServer, aRunner, aTool, aToolServer, speaks } from './test-support.ts';

it('a run that ends while a slow server still lists its tools does not make it look broken', async () => {
  const server = await aRawServer(
    speaks(
      () => [aTool('get')],
      undefined,
      async ({ message }) => {
        if (message.method === 'tools/list') await pause(300);
        return false;
      },
    ),
  );
  onTestFinished(server.close);
  const { runner, memory } = aRunner([aToolServer(server.url)]);
  const stop = new AbortController();
  const box = runner.toolbox(stop.signal);
  await pause(100);
  stop.abort();
  await box;
  await runner.close();
  await expect.poll(() => [...memory.values()].map(({ list }) => list?.tools.length)).toEqual([1]);
  expect([...memory.values()].map(({ asked }) => asked?.fault)).toEqual([null]);
});
