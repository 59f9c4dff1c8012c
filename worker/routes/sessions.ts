import { Hono } from 'hono';
import type { AppEnv } from '../app.ts';
import { failure } from './errors.ts';
import { admitChat, admitWriter } from './over-http.ts';
import { bearerSession, mintSession } from './session-stubs.ts';

export const sessions = new Hono<AppEnv>()
  // H9: what the first frame of a socket without a session does, for a client that has no socket.
  .post('/sessions', async (c) => {
    const { refused } = await admitChat(c, 'new_session');
    if (refused !== null) return refused;
    c.header('Cache-Control', 'no-store');
    return c.json({ session_id: await mintSession(c).create() }, 201);
  })
  .delete('/sessions', async (c) => {
    const { refused } = await admitWriter(c);
    if (refused !== null) return refused;
    if (!(await bearerSession(c)?.destroy())) return failure(c, 'not_found', 'There is no such session.');
    return c.body(null, 204);
  });
