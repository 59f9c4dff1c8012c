import type { Model, RoutingPath } from '../../shared/index.ts';

export type Tier = 'haiku' | 'sonnet' | 'opus';

/** US dollars per million tokens. Writes are those of the five-minute cache. */
export type Rates = { input: number; output: number; cache_read: number; cache_write: number };

/** One registered model: what is offered, and what its upstream really accepts. */
export type ModelEntry = {
  id: string;
  name: string;
  provider: 'anthropic' | 'ollama';
  description: string;
  /** Tokens of prompt and answer together. */
  context_length: number;
  /** The most that we ask an answer to have, thinking included. */
  max_output_tokens: number;
  routing_path: RoutingPath;
  is_automatic: boolean;
  enabled: boolean;
  /** Why `enabled` is false, in words that name the setting. */
  disabled_reason: string | null;
  /** Which tier of Automatic it stands for; null where it is not one of today's three. */
  tier: Tier | null;
  /** The id that goes upstream; null only for Automatic. */
  upstream_model: string | null;
  thinking: 'adaptive' | 'none';
  capabilities: { thinking: boolean; tools: boolean; images: boolean };
  /** Built-in lifecycle; the live list overrules it. */
  deprecated: boolean;
  /** ISO 8601 or null. From that moment on it is retired, without a release of ours. */
  retires_at: string | null;
  /** Registry id of the successor. */
  replaced_by: string | null;
  /** Prices set by `MODELS`; null where the table of prices.ts speaks. */
  rates: Rates | null;
};

/** What becomes of a wish for a model (CONTRACT R6). */
export type Choice =
  | { kind: 'ok'; entry: ModelEntry }
  | { kind: 'replaced'; entry: ModelEntry; requested: string; reason: string }
  | { kind: 'unavailable'; reason: string }
  | { kind: 'unknown'; allowed: string[] };

export type { Model };
