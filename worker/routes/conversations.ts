import { Hono } from 'hono';
import { LIMITS } from '../../shared/index.ts';
import type { AppEnv } from '../app.ts';
import { failure } from './errors.ts';
import { admitReader, admitWriter } from './over-http.ts';
import { bearerSession } from './session-stubs.ts';

const NO_SESSION = 'There is no such session.';
const NO_CONVERSATION = 'There is no such conversation.';

/** H5 */
export const conversations = new Hono<AppEnv>()
  .get('/conversations', async (c) => {
    const { refused } = await admitReader(c);
    if (refused !== null) return refused;
    const page = await bearerSession(c)?.archives(c.req.query('cursor') ?? null);
    if (page == null) return failure(c, 'not_found', NO_SESSION);
    c.header('Cache-Control', 'no-store');
    return c.json(page);
  })
  .get('/conversations/:id', async (c) => {
    const { refused } = await admitReader(c);
    if (refused !== null) return refused;
    const session = bearerSession(c);
    if (session === null) return failure(c, 'not_found', NO_SESSION);
    const id = c.req.param('id');
    const format = c.req.query('format');
    if (format !== undefined) {
      if (format !== 'markdown' && format !== 'json') {
        return failure(c, 'bad_frame', 'The format is "markdown" or "json".');
      }
      const file = await session.download(id, format);
      if (file === null) return failure(c, 'not_found', NO_CONVERSATION);
      return c.body(file.body, 200, {
        'Content-Type': file.contentType,
        'Content-Disposition': `attachment; filename="${file.fileName}"`,
        'Cache-Control': 'no-store',
      });
    }
    const limit = limitOf(c.req.query('limit'));
    if (limit === null) return failure(c, 'bad_frame', 'The limit is a whole number from 1 on.');
    const conversation = await session.read(id, { before: c.req.query('before') ?? null, limit });
    if (conversation === null) return failure(c, 'not_found', NO_CONVERSATION);
    c.header('Cache-Control', 'no-store');
    return c.json({ conversation });
  })
  .delete('/conversations/:id', async (c) => {
    const { refused } = await admitWriter(c);
    if (refused !== null) return refused;
    switch ((await bearerSession(c)?.deleteConversation(c.req.param('id'))) ?? 'no_session') {
      case 'deleted':
        return c.body(null, 204);
      case 'current':
        return failure(c, 'busy', 'This is the current conversation: start a new one first.');
      case 'unknown':
        return failure(c, 'not_found', NO_CONVERSATION);
      case 'no_session':
        return failure(c, 'not_found', NO_SESSION);
    }
  });

function limitOf(text: string | undefined): number | null {
  if (text === undefined) return LIMITS.messagesPage;
  return /^[1-9]\d{0,5}$/.test(text) ? Math.min(Number(text), LIMITS.messagesPage) : null;
}
