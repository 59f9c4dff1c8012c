import { app } from './app.ts';

export { DeviceLink } from './link/device-link.ts';
export { ChatSession } from './session/chat-session.ts';

export default { fetch: app.fetch };
