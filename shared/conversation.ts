import * as z from 'zod/mini';
import { alwaysUsdSchema, routingSchema, tierSchema } from './automatic.ts';
import { errorCodeSchema } from './errors.ts';
import { routingPathSchema } from './models.ts';

/** Why an answer ended (CONTRACT S6). */
export const stopReasonSchema = z.enum([
  'end_turn',
  'max_tokens',
  'stopped',
  'refused',
  'limit',
  'interrupted',
  'error',
]);
export type StopReason = z.infer<typeof stopReasonSchema>;

/** Tokens of one answer as the provider counted them. `input_tokens` is the uncached part only. */
export const usageSchema = z.object({
  input_tokens: z.nullable(z.number()),
  output_tokens: z.nullable(z.number()),
  cache_read_tokens: z.nullable(z.number()),
  cache_write_tokens: z.nullable(z.number()),
  /** Part of `output_tokens`. */
  thinking_tokens: z.nullable(z.number()),
});
export type Usage = z.infer<typeof usageSchema>;

/** Where a tool call stands in its answer, and whose tool it is. */
export const toolPlace = {
  /** The name of the server, as the configuration has it; null for a tool that nobody offers. */
  server: z.optional(z.nullable(z.string())),
  /** A name of the tool for people. */
  title: z.optional(z.nullable(z.string())),
  /** Calls of the same round were asked for at once; the first round is 1. */
  round: z.optional(z.number()),
  /** How many characters of the answer's text came before it. */
  at: z.optional(z.number()),
};

/** One tool call inside an answer, for display. What has no result yet is `waiting` for a person, or `running`. */
export const toolCallSchema = z.object({
  call_id: z.string(),
  name: z.string(),
  arguments: z.unknown(),
  ...toolPlace,
  state: z.optional(z.enum(['waiting', 'running', 'done'])),
  ok: z.nullable(z.boolean()),
  content: z.nullable(z.string()),
  truncated: z.boolean(),
  duration_ms: z.nullable(z.number()),
});

export type ToolCall = z.infer<typeof toolCallSchema>;

const messageBase = {
  id: z.string(),
  /** The message that this one follows; two with the same parent are branches. */
  parent_id: z.nullable(z.string()),
  text: z.string(),
  status: z.union([z.enum(['complete', 'streaming']), stopReasonSchema]),
  /** ISO 8601. */
  created_at: z.string(),
};

export const userMessageSchema = z.object({ ...messageBase, role: z.literal('user') });
export type UserMessage = z.infer<typeof userMessageSchema>;

/** An answer with its receipt; what never came to be is null. */
export const answerSchema = z.object({
  ...messageBase,
  role: z.literal('assistant'),
  actual_model: z.nullable(z.string()),
  requested_model: z.nullable(z.string()),
  fallback_reason: z.nullable(z.string()),
  routing_path: z.nullable(routingPathSchema),
  reason: z.nullable(z.string()),
  reason_code: z.optional(z.nullable(z.string())),
  /** Null where Automatic did not choose. */
  routing: z.optional(z.nullable(routingSchema)),
  /** The tier that a person asked for with a redo. */
  redo_tier: z.optional(z.nullable(tierSchema)),
  stop_reason: z.nullable(stopReasonSchema),
  error_code: z.nullable(errorCodeSchema),
  /** The sentence that went out with the error, so that a reload still explains it. */
  error_message: z.optional(z.nullable(z.string())),
  usage: z.nullable(usageSchema),
  /** US dollars, not rounded; 0 for the home model. */
  cost_usd: z.nullable(z.number()),
  /** Only in conversations of Automatic. */
  always_usd: z.optional(z.nullable(alwaysUsdSchema)),
  /** Milliseconds from the acceptance to the first output, and to the end. */
  ttft_ms: z.nullable(z.number()),
  duration_ms: z.nullable(z.number()),
  thinking: z.optional(z.string()),
  tools: z.optional(z.array(toolCallSchema)),
});
export type Answer = z.infer<typeof answerSchema>;

export const messageSchema = z.discriminatedUnion('role', [userMessageSchema, answerSchema]);
export type Message = z.infer<typeof messageSchema>;

export const conversationSchema = z.object({
  id: z.string(),
  /** The model that the conversation is bound to for its life. */
  model: z.string(),
  title: z.string(),
  status: z.enum(['current', 'archived']),
  /** The newest page, oldest first. */
  messages: z.array(messageSchema),
  /** User and assistant messages together. */
  message_count: z.number(),
  /** Whether older messages than the first of `messages` exist. */
  has_more: z.boolean(),
});
export type Conversation = z.infer<typeof conversationSchema>;

export const archiveEntrySchema = z.object({
  id: z.string(),
  model: z.string(),
  message_count: z.number(),
  title: z.string(),
  started_at: z.string(),
  archived_at: z.string(),
});
export type ArchiveEntry = z.infer<typeof archiveEntrySchema>;

/** Body of `GET /conversations` (H5). */
export const archivePageSchema = z.object({
  conversations: z.array(archiveEntrySchema),
  next: z.nullable(z.string()),
});
export type ArchivePage = z.infer<typeof archivePageSchema>;
