import { app } from './app.ts';

export { Attempts } from './guard/attempts.ts';
export { Ledger } from './guard/ledger.ts';
export { DeviceLink } from './link/device-link.ts';
export { ChatSession } from './session/chat-session.ts';

export default { fetch: app.fetch };
