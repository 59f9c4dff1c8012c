import { app } from './app.ts';

export { ChatSession } from './session/chat-session.ts';

export default { fetch: app.fetch };
