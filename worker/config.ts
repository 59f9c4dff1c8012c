/** How a deployment is put together, as the requirements plan names it. */
export type Scenario = 'direct_and_home' | 'direct_only' | 'all_via_litellm' | 'home_only' | 'none';

export type LogLevel = 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';

/** Every setting, parsed once. Nothing else reads `env`. */
export type Config = {
  scenario: Scenario;
  /** `npm start` says so; it lifts the rules for public deployments (CONTRACT CMD6). */
  local: boolean;
  /** The upstreams are the embedded ones (CMD5). */
  simulated: boolean;
  /** Claude, direct or (scenario 3) through the proxy; null when no Claude model can be offered. */
  anthropic: {
    apiKey: string;
    /** Origin and path prefix without `/v1` and without a trailing slash. */
    baseUrl: string;
    /** Silence after which a stream is given up, milliseconds. */
    timeoutMs: number;
    /** `litellm_proxy` only in scenario 3. */
    routingPath: 'sdk_direct' | 'litellm_proxy';
    /** Extra headers for the tunnel's service token; empty on the direct path. */
    headers: Record<string, string>;
  } | null;
  /** The home side; null when it is off or not usable. */
  litellm: {
    /** Without `/v1` and without a trailing slash. */
    proxyUrl: string;
    masterKey: string;
    /** `model_name` of the home model at the proxy. */
    model: string;
    minVersion: string;
    timeoutMs: number;
    maxRetries: number;
    headers: Record<string, string>;
  } | null;
  ollama: { baseUrl: string | null; model: string };
  /** Why Claude, or the home model, is off: in words that name the variable and the fix. */
  anthropicOffReason: string | null;
  litellmOffReason: string | null;
  /** As set; null lets the registry decide. */
  defaultModel: string | null;
  modelSelection: boolean;
  localFallback: boolean;
  fallbackModel: string;
  /** The JSON of `MODELS`, checked entry by entry in models/overrides.ts. */
  modelOverrides: string | null;
  allowedOrigins: string[];
  logLevel: LogLevel;
  logModelUsage: boolean;
  /** Faults that leave nothing to offer: every one names its variable and the fix (H7). Empty when fine. */
  fatal: string[];
  /** Faults that disable only what they concern. */
  warnings: string[];
  /** Changes whenever a setting changes; contains no secret (a digest). Keys the health cache. */
  hash: string;
};
