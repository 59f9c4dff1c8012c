import { Hono } from 'hono';
import type { AppEnv } from '../app.ts';
import { failure } from './errors.ts';
import { admitReader } from './over-http.ts';
import { bearerSession } from './session-stubs.ts';

/** The audit of a session: every call of a tool that a model asked for, newest first, made or not. */
export const toolCalls = new Hono<AppEnv>().get('/tool-calls', async (c) => {
  const { refused } = await admitReader(c);
  if (refused !== null) return refused;
  const calls = (await bearerSession(c)?.toolCalls()) ?? null;
  if (calls === null) return failure(c, 'not_found', 'There is no such session.');
  c.header('Cache-Control', 'no-store');
  return c.json({
    tool_calls: calls.map(({ at, ...call }) => ({ at: new Date(at).toISOString(), ...call })),
  });
});
