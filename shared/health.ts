import * as z from 'zod/mini';

export const serviceStatusSchema = z.enum(['up', 'down', 'disabled', 'unconfigured']);
export type ServiceStatus = z.infer<typeof serviceStatusSchema>;

export const serviceHealthSchema = z.object({
  status: serviceStatusSchema,
  /** ISO 8601; null where the service was never asked (disabled, unconfigured). */
  checked_at: z.nullable(z.string()),
  latency_ms: z.nullable(z.number()),
  /** One sentence for a person; never a key, an address or an upstream's body. */
  detail: z.string(),
  version: z.optional(z.string()),
});
export type ServiceHealth = z.infer<typeof serviceHealthSchema>;

export const SERVICES = ['anthropic', 'litellm', 'ollama'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** One configured server of tools (MCP). */
export const toolServerSchema = z.object({
  name: z.string(),
  /** `unknown`: nobody has needed it yet; it is connected to at the first message. */
  status: z.enum(['up', 'down', 'disabled', 'unknown']),
  /** ISO 8601; null where it was never asked. */
  checked_at: z.nullable(z.string()),
  latency_ms: z.nullable(z.number()),
  /** One sentence for a person; never a token, an address or a server's own words. */
  detail: z.string(),
  /** How many of its tools are allowed; null while unknown. */
  tools: z.nullable(z.number()),
  /** True for the one that `npm start` brings along. */
  simulated: z.boolean(),
});
export type ToolServer = z.infer<typeof toolServerSchema>;

/** Body of `GET /health` (H3). */
export const healthSchema = z.object({
  status: z.enum(['ok', 'degraded', 'down']),
  services: z.object({
    anthropic: serviceHealthSchema,
    litellm: serviceHealthSchema,
    ollama: serviceHealthSchema,
  }),
  warnings: z.array(z.string()),
  /** Absent where no tool server is set. */
  tool_servers: z.optional(z.array(toolServerSchema)),
});
export type Health = z.infer<typeof healthSchema>;
