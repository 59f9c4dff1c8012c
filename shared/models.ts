import * as z from 'zod/mini';
import { toolServerSchema } from './health.ts';

/** Which way a request takes to its model: Anthropic models go direct, others through LiteLLM. */
export const routingPathSchema = z.enum(['sdk_direct', 'litellm_proxy']);
export type RoutingPath = z.infer<typeof routingPathSchema>;

/**
 * available, deprecated: can be chosen. unavailable: known and enabled, its service does not answer now.
 * retired: its provider has ended it. disabled: taken away by the configuration.
 */
export const modelStatusSchema = z.enum(['available', 'deprecated', 'unavailable', 'retired', 'disabled']);
export type ModelStatus = z.infer<typeof modelStatusSchema>;

/**
 * How the model at home is, told apart because what to do about it differs. cold: it answers, but Ollama must
 * load it first. slow: it answers, later than it should. not_allowed: a gate or a key refuses.
 */
export const homeStateSchema = z.enum([
  'ready',
  'cold',
  'slow',
  'model_missing',
  'ollama_down',
  'proxy_down',
  'tunnel_down',
  'not_allowed',
]);
export type HomeState = z.infer<typeof homeStateSchema>;

/**
 * How a model does with tools. verified: it has called one. untested: nobody has asked it yet. failed: asked to, it did
 * not. unsupported: it is known not to take any.
 */
export const toolStateSchema = z.enum(['verified', 'untested', 'failed', 'unsupported']);
export type ToolState = z.infer<typeof toolStateSchema>;

/** One entry of `GET /models` (H1, H2) and of the `models` frame (S10). */
export const modelSchema = z.object({
  id: z.string(),
  name: z.string(),
  provider: z.string(),
  description: z.string(),
  /** Tokens of prompt and answer together that the model takes. */
  context_length: z.number(),
  routing_path: routingPathSchema,
  is_automatic: z.boolean(),
  enabled: z.boolean(),
  status: modelStatusSchema,
  /** Why it cannot be chosen, or what will become of it, in words a person can act on. */
  reason: z.nullable(z.string()),
  is_default: z.boolean(),
  recommended: z.boolean(),
  capabilities: z.object({ thinking: z.boolean(), tools: z.boolean(), images: z.boolean() }),
  /** US dollars per million tokens; null where it depends on the message (Automatic) or is not known. */
  pricing: z.nullable(z.object({ input_per_mtok: z.number(), output_per_mtok: z.number() })),
  /** ISO 8601; null while no date is known. */
  retires_at: z.nullable(z.string()),
  replaced_by: z.nullable(z.string()),
  /** True when the answers come from the embedded upstreams (CMD5). */
  simulated: z.boolean(),
  /** Only on the model at home. */
  home_state: z.optional(homeStateSchema),
  /** What is known of a model that tools are offered to, beside `capabilities.tools`. Absent where no tool server is set. */
  tool_state: z.optional(toolStateSchema),
  /** The tool servers of this deployment, only on what can use them. */
  tool_servers: z.optional(z.array(toolServerSchema)),
});
export type Model = z.infer<typeof modelSchema>;

/** Whether a model with this status can be chosen. */
export function isChoosable(model: Pick<Model, 'status'>): boolean {
  return model.status === 'available' || model.status === 'deprecated';
}
