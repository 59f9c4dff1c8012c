import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { afterAll, describe, expect, test } from 'vitest';
import { Client } from './harness/client.ts';
import { http } from './harness/http.ts';
import { freePort, startProgram } from './harness/program.ts';
import { settingsFor, startUpstream } from './harness/upstream.ts';

const upstream = await startUpstream();
afterAll(() => upstream.close());

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

function leftovers(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('netbox-chatbox-'));
}

describe('CMD1 npm start', () => {
  test('tells the health of each service and where it is; SIGTERM ends it, the port is free, nothing stays', async () => {
    const before = leftovers();
    const program = await startProgram({ env: settingsFor(upstream) });
    for (const service of ['anthropic', 'litellm', 'ollama'])
      expect(program.output()).toMatch(new RegExp(`^ +${service} +up`, 'm'));
    expect(program.output()).toContain(`Ready on ${program.url}\n`);
    const { tookMs } = await program.stop('SIGTERM');
    expect(tookMs).toBeLessThan(5_000);
    expect(await canListen(program.port)).toBe(true);
    expect(leftovers().filter((name) => !before.includes(name))).toEqual([]);
  });

  test('SIGINT in the middle of an answer ends it too', async () => {
    const program = await startProgram({ env: settingsFor(upstream) });
    const { client } = await Client.connect(program.url);
    upstream.on('never ends', (stream) => {
      stream.start();
      stream.text('and');
    });
    client.send({ type: 'chat', message: 'never ends' });
    await client.next('text_delta');
    const { tookMs } = await program.stop('SIGINT');
    expect(tookMs).toBeLessThan(5_000);
    expect(await canListen(program.port)).toBe(true);
  });

  test('a signal while it starts ends it as well', async () => {
    const program = await startProgram({ env: settingsFor(upstream), untilReady: false });
    await program.printed(/./);
    const { tookMs } = await program.stop();
    expect(tookMs).toBeLessThan(5_000);
    expect(await canListen(program.port)).toBe(true);
  });

  test('a port that is taken: one sentence', async () => {
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    const program = await startProgram({ port, untilReady: false });
    await program.printed(new RegExp(`Port ${port} is in use`));
    expect((await program.stop()).code).not.toBe(null);
    other.close();
  });

  test('when npm itself is killed, nothing is left that holds the port', async () => {
    const program = await startProgram({ env: settingsFor(upstream) });
    await program.stop('SIGKILL');
    await expect.poll(() => canListen(program.port), { timeout: 10_000 }).toBe(true);
  });
});

describe('CMD4 settings', () => {
  test('the environment of npm start reaches the Worker, special characters included', async () => {
    const key = 'sk-ant-$HOME "q" #1=';
    const program = await startProgram({ env: { ...settingsFor(upstream), ANTHROPIC_API_KEY: key } });
    const { client } = await Client.connect(program.url);
    await client.ask('Which key?');
    const headers = upstream.asked.findLast(({ question }) => question === 'Which key?')?.headers;
    expect(`${headers?.['x-api-key']} ${headers?.authorization}`).toContain(key);
    client.close();
    await program.stop();
  });
});

describe('CMD5, CMD6 on a fresh machine', () => {
  test('without any upstream the embedded ones answer, marked as simulated; only local names are served', async () => {
    const program = await startProgram({ env: { PATH: process.env.PATH ?? '' } });
    const { client, session } = await Client.connect(program.url);
    expect(session.model).toBe('auto');
    const answer = await client.ask('Hello');
    expect(answer.text.length).toBeGreaterThan(0);
    expect(answer.end.stop_reason).toBe('end_turn');
    client.send({ type: 'models' });
    const { models } = await client.next('models');
    expect(models.filter(({ status }) => status === 'available').every(({ simulated }) => simulated)).toBe(
      true,
    );
    client.close();

    for (const name of ['localhost', '127.0.0.1', '[::1]']) {
      const host = `${name}:${program.port}`;
      expect((await http(program, '/health', { headers: { Host: host } })).status, host).toBe(200);
    }
    for (const host of [
      'evil.example',
      `localhost.evil.example:${program.port}`,
      `192.168.1.1:${program.port}`,
    ]) {
      for (const path of ['/', '/models', '/health', '/favicon.svg', '/_app/version.json']) {
        expect((await http(program, path, { headers: { Host: host } })).status, `${host}${path}`).toBe(403);
      }
    }
    expect(
      existsSync('/proc/net/if_inet6')
        ? (await http(program, '/health', { host: '::1' }).catch(() => ({ status: 200 }))).status
        : 200,
    ).toBe(200);
    await program.stop();
  });
});
