import * as z from 'zod/mini';
import { autoModeSchema, tierSchema } from './automatic.ts';
import type { ErrorCode } from './errors.ts';
import { LIMITS, type Limits } from './limits.ts';

const id = z.string().check(z.minLength(1), z.maxLength(LIMITS.idChars));

/** What every frame that asks for an answer may say beside what it asks. */
const asking = {
  client_id: z.optional(z.string().check(z.minLength(1), z.maxLength(LIMITS.clientIdChars))),
  trim: z.optional(z.boolean()),
  /** Of Automatic, for this answer alone; the server's own setting where it is not said. */
  auto_mode: z.optional(autoModeSchema),
};

/** C1. `attachments` is reserved: a list that is not empty is refused. */
export const chatFrame = z.object({
  type: z.literal('chat'),
  message: z.string(),
  ...asking,
  /** The message that this one follows; the newest where it is not said. */
  parent_id: z.optional(id),
  attachments: z.optional(z.array(z.unknown())),
});
/** C2 */
export const modelChangeFrame = z.object({ type: z.literal('model_change'), model: id });
/** C3 */
export const resetFrame = z.object({ type: z.literal('reset') });
/** C4 */
export const stopFrame = z.object({ type: z.literal('stop') });
/** C5 */
export const openFrame = z.object({ type: z.literal('open'), conversation_id: id });
/** C6 */
export const toolDecisionFrame = z.object({
  type: z.literal('tool_decision'),
  call_id: id,
  allow: z.boolean(),
  remember: z.optional(z.boolean()),
});
/** C7 */
export const modelsRequestFrame = z.object({ type: z.literal('models') });
/** C8 */
export const redoFrame = z.object({
  type: z.literal('redo'),
  message_id: id,
  tier: z.optional(tierSchema),
  ...asking,
});
/** C9 */
export const editFrame = z.object({
  type: z.literal('edit'),
  message_id: id,
  message: z.string(),
  ...asking,
});

export const clientFrameSchema = z.discriminatedUnion('type', [
  chatFrame,
  modelChangeFrame,
  resetFrame,
  stopFrame,
  openFrame,
  toolDecisionFrame,
  modelsRequestFrame,
  redoFrame,
  editFrame,
]);
export type ClientFrame = z.infer<typeof clientFrameSchema>;
export type ChatFrame = z.infer<typeof chatFrame>;
export type RedoFrame = z.infer<typeof redoFrame>;
export type EditFrame = z.infer<typeof editFrame>;
export type ToolDecisionFrame = z.infer<typeof toolDecisionFrame>;

export type ParsedFrame =
  | { ok: true; frame: ClientFrame }
  | {
      ok: false;
      code: Extract<ErrorCode, 'bad_frame' | 'message_too_long'>;
      message: string;
      client_id?: string;
    };

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The one place where a client's text becomes a frame (C1 to C9, R8).
 * Texts of messages come out well-formed: a lone surrogate would not survive UTF-8.
 */
export function parseClientFrame(text: string, limits: Pick<Limits, 'messageChars'> = LIMITS): ParsedFrame {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, code: 'bad_frame', message: 'The frame is not JSON.' };
  }
  if (!isRecord(json)) return { ok: false, code: 'bad_frame', message: 'The frame is not a JSON object.' };
  const client_id =
    typeof json.client_id === 'string' && json.client_id.length <= LIMITS.clientIdChars
      ? json.client_id
      : undefined;
  const bad = (message: string): ParsedFrame => ({ ok: false, code: 'bad_frame', message, client_id });

  const candidate = json.type === undefined && 'message' in json ? { ...json, type: 'chat' } : json;
  const parsed = z.safeParse(clientFrameSchema, candidate);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.path.join('.') || 'type';
    return bad(
      field === 'type' ? 'The frame has no known type.' : `The field "${field}" is missing or wrong.`,
    );
  }
  const frame = parsed.data;
  if (frame.type !== 'chat' && frame.type !== 'edit') return { ok: true, frame };

  if (frame.message.length > limits.messageChars) {
    return {
      ok: false,
      code: 'message_too_long',
      message: `The message has ${frame.message.length} characters; ${limits.messageChars} are allowed.`,
      client_id,
    };
  }
  if (frame.message.trim() === '') return bad('The message is empty.');
  if (frame.type === 'chat' && frame.attachments?.length) return bad('Attachments are not supported.');
  return { ok: true, frame: { ...frame, message: frame.message.toWellFormed() } };
}
