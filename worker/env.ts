import type { Attempts } from './guard/attempts.ts';
import type { Ledger } from './guard/ledger.ts';
import type { DeviceLink } from './link/device-link.ts';
import type { ChatSession } from './session/chat-session.ts';

/** The bindings of wrangler.toml. Settings are read by config.ts alone. */
export interface Env {
  SESSIONS: DurableObjectNamespace<ChatSession>;
  LINKS: DurableObjectNamespace<DeviceLink>;
  ATTEMPTS: DurableObjectNamespace<Attempts>;
  LEDGER: DurableObjectNamespace<Ledger>;
  /** Coarse, before the counting in ATTEMPTS; may be missing where the platform has none. */
  CONNECT_GATE?: RateLimit;
  ASSETS: Fetcher;
  HEALTH_CACHE: KVNamespace;
  /** Workers VPC: the private ways to the home machine (litellm/README.md); both are optional. */
  LITELLM_VPC?: Fetcher;
  OLLAMA_VPC?: Fetcher;
  /** A copy of what the ledger counts, for Analytics Engine (docs/spending.md); optional. */
  USAGE_ANALYTICS?: AnalyticsEngineDataset;
}
