import * as z from 'zod/mini';
import { alwaysUsdSchema, autoModeSchema, routingSchema } from './automatic.ts';
import { budgetSchema } from './budget.ts';
import {
  archiveEntrySchema,
  conversationSchema,
  stopReasonSchema,
  toolPlace,
  usageSchema,
  userMessageSchema,
} from './conversation.ts';
import { errorCodeSchema } from './errors.ts';
import { modelSchema, routingPathSchema } from './models.ts';

const seq = z.number();

/** S1: always the first frame of a socket. */
export const sessionFrame = z.object({
  type: z.literal('session'),
  protocol: z.number(),
  session_id: z.string(),
  model: z.string(),
  conversation: conversationSchema,
  archives: z.array(archiveEntrySchema),
  archives_next: z.nullable(z.string()),
  /** The highest `seq` of the current conversation so far; 0 when there is none. */
  last_seq: z.number(),
  /** R2: the cursor that was taken up, or null when `conversation.messages` replaces everything. */
  resumed_after: z.nullable(z.number()),
  /** The running answer and the `seq` of its `message_accepted`. */
  run: z.nullable(z.object({ message_id: z.string(), seq })),
  /** False when this server lets nobody choose a model (R10). */
  model_selection: z.optional(z.boolean()),
  /** Days after which a session that nobody touched deletes itself; null when it is kept for ever. */
  retention_days: z.optional(z.nullable(z.number())),
  /** How Automatic weighs quality against price where a message says nothing of it. */
  auto_mode: z.optional(autoModeSchema),
  /** Null where no spending limit is set, or the ledger did not answer. */
  budget: z.optional(z.nullable(budgetSchema)),
});

/** S2 */
export const messageAcceptedFrame = z.object({
  type: z.literal('message_accepted'),
  seq,
  client_id: z.nullable(z.string()),
  message: userMessageSchema,
  reply_id: z.string(),
  /** How many old messages are left out of what goes upstream (R13). */
  dropped_messages: z.number(),
  /** Where it was accepted: a repeated one can be of another conversation than the current. */
  conversation_id: z.optional(z.string()),
});

/** S3 */
export const messageStartFrame = z.object({
  type: z.literal('message_start'),
  seq,
  message_id: z.string(),
  model: z.string(),
  actual_model: z.string(),
  routing_path: routingPathSchema,
  reason: z.string(),
  reason_code: z.string(),
  /** What Automatic thought; null where it did not choose. */
  routing: z.optional(z.nullable(routingSchema)),
});

/** S4 */
const deltaFields = { seq, message_id: z.string(), text: z.string() };
export const textDeltaFrame = z.object({ type: z.literal('text_delta'), ...deltaFields });
export const thinkingDeltaFrame = z.object({ type: z.literal('thinking_delta'), ...deltaFields });

/** S5: a call that waits for a person, one that runs now, one that is over. */
const toolFields = { seq, message_id: z.string(), call_id: z.string(), name: z.string(), ...toolPlace };
export const toolRequestFrame = z.object({
  type: z.literal('tool_request'),
  ...toolFields,
  arguments: z.unknown(),
});
export const toolCallFrame = z.object({
  type: z.literal('tool_call'),
  ...toolFields,
  arguments: z.unknown(),
});
export const toolResultFrame = z.object({
  type: z.literal('tool_result'),
  ...toolFields,
  ok: z.boolean(),
  content: z.string(),
  truncated: z.boolean(),
  duration_ms: z.number(),
});

/** S6: exactly one for every `reply_id`, whatever happens (R1). */
export const messageEndFrame = z.object({
  type: z.literal('message_end'),
  seq,
  message_id: z.string(),
  stop_reason: stopReasonSchema,
  error_code: z.optional(z.nullable(errorCodeSchema)),
  actual_model: z.nullable(z.string()),
  usage: z.nullable(usageSchema),
  cost_usd: z.nullable(z.number()),
  /** Only in conversations of Automatic. */
  always_usd: z.optional(z.nullable(alwaysUsdSchema)),
  ttft_ms: z.nullable(z.number()),
  duration_ms: z.nullable(z.number()),
  /** As it stood when the answer ended; null where no spending limit is set, and for the home model. */
  budget: z.optional(z.nullable(budgetSchema)),
});

/** S7 */
export const modelChangedFrame = z.object({
  type: z.literal('model_changed'),
  old_model: z.string(),
  new_model: z.string(),
  archived_message_count: z.number(),
  context_reset: z.literal(true),
  /** Of the new conversation. */
  conversation_id: z.string(),
  replaced: z.nullable(z.object({ requested: z.string(), reason: z.string() })),
  /** What went into the archive; null when the conversation was empty. */
  archived: z.optional(z.nullable(archiveEntrySchema)),
});

/** S8 */
export const conversationResetFrame = z.object({
  type: z.literal('conversation_reset'),
  conversation_id: z.string(),
  model: z.string(),
  archived_message_count: z.number(),
  archived: z.optional(z.nullable(archiveEntrySchema)),
});
export const conversationOpenedFrame = z.object({
  type: z.literal('conversation_opened'),
  conversation: conversationSchema,
  /** The opened conversation's cursor: its next frame has `seq` last_seq + 1. */
  last_seq: z.number(),
  archived: z.optional(z.nullable(archiveEntrySchema)),
});

/** An archived conversation is gone for good, for every socket of the session. */
export const conversationDeletedFrame = z.object({
  type: z.literal('conversation_deleted'),
  conversation_id: z.string(),
});

/** S9 */
export const fallbackFrame = z.object({
  type: z.literal('fallback'),
  seq,
  message_id: z.string(),
  requested_model: z.string(),
  actual_model: z.string(),
  reason: z.string(),
  reason_code: z.string(),
});

/** S10 */
export const modelsFrame = z.object({ type: z.literal('models'), models: z.array(modelSchema) });

/** S11: with `message_id` it belongs to a run and has a `seq`. */
export const errorFrame = z.object({
  type: z.literal('error'),
  code: errorCodeSchema,
  message: z.string(),
  retryable: z.boolean(),
  client_id: z.optional(z.string()),
  message_id: z.optional(z.string()),
  seq: z.optional(seq),
  retry_after_ms: z.optional(z.number()),
});

export const serverFrameSchema = z.discriminatedUnion('type', [
  sessionFrame,
  messageAcceptedFrame,
  messageStartFrame,
  textDeltaFrame,
  thinkingDeltaFrame,
  toolRequestFrame,
  toolCallFrame,
  toolResultFrame,
  messageEndFrame,
  modelChangedFrame,
  conversationResetFrame,
  conversationOpenedFrame,
  conversationDeletedFrame,
  fallbackFrame,
  modelsFrame,
  errorFrame,
]);

export type SessionFrame = z.infer<typeof sessionFrame>;
export type MessageAcceptedFrame = z.infer<typeof messageAcceptedFrame>;
export type MessageStartFrame = z.infer<typeof messageStartFrame>;
export type MessageEndFrame = z.infer<typeof messageEndFrame>;
export type ConversationOpenedFrame = z.infer<typeof conversationOpenedFrame>;
export type ConversationDeletedFrame = z.infer<typeof conversationDeletedFrame>;
export type ToolRequestFrame = z.infer<typeof toolRequestFrame>;
export type ToolCallFrame = z.infer<typeof toolCallFrame>;
export type ToolResultFrame = z.infer<typeof toolResultFrame>;
export type FallbackFrame = z.infer<typeof fallbackFrame>;
export type ModelsFrame = z.infer<typeof modelsFrame>;
export type ErrorFrame = z.infer<typeof errorFrame>;
export type ServerFrame = z.infer<typeof serverFrameSchema>;

/** Frames that number the life of a conversation (R1). */
export type SequencedFrame =
  | Extract<ServerFrame, { seq: number }>
  | (ErrorFrame & { seq: number; message_id: string });

/** A frame of R1 before it has its number. */
export type UnnumberedFrame = SequencedFrame extends infer F
  ? F extends unknown
    ? Omit<F, 'seq'>
    : never
  : never;

/** Reads a server frame; null for one that this version does not know, which a client passes over. */
export function readServerFrame(text: string): ServerFrame | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = z.safeParse(serverFrameSchema, json);
  return parsed.success ? parsed.data : null;
}
