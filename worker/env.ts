import type { DeviceLink } from './link/device-link.ts';
import type { ChatSession } from './session/chat-session.ts';

/** The bindings of wrangler.toml. Settings are read by config.ts alone. */
export interface Env {
  SESSIONS: DurableObjectNamespace<ChatSession>;
  LINKS: DurableObjectNamespace<DeviceLink>;
  ASSETS: Fetcher;
  HEALTH_CACHE: KVNamespace;
  /** Workers VPC: the private ways to the home machine (litellm/README.md); both are optional. */
  LITELLM_VPC?: Fetcher;
  OLLAMA_VPC?: Fetcher;
}
