import * as z from 'zod/mini';
import {
  type AutoMode,
  type ClientFrame,
  type ErrorCode,
  errorCodeSchema,
  type Message,
  tierSchema,
} from '#lib/wire.ts';
import type { End } from './branches.ts';

/** What a message is to the conversation; `after` is the id of the message that what is asked for will follow. */
const askingSchema = z.discriminatedUnion('type', [
  /** C1; `after` is null where it follows whatever is newest then. */
  z.object({ type: z.literal('chat'), after: z.nullable(z.string()) }),
  /** C8: another answer to the same question. */
  z.object({
    type: z.literal('redo'),
    message_id: z.string(),
    tier: z.nullable(tierSchema),
    after: z.string(),
  }),
  /** C9: another question in the place of one; `after` is null where that was the first. */
  z.object({ type: z.literal('edit'), message_id: z.string(), after: z.nullable(z.string()) }),
]);
export type Asking = z.infer<typeof askingSchema>;

export const ANEW: Asking = { type: 'chat', after: null };

const itemSchema = z.object({
  client_id: z.string(),
  /** What the person wrote; of a redo the question, once more. */
  text: z.string(),
  /** What an older page stored were all new messages. */
  asking: z._default(askingSchema, ANEW),
  trim: z.boolean(),
  /** The conversation that it was written for; null when none was known yet. */
  conversation_id: z.nullable(z.string()),
  /** waiting: never sent, or to be sent again. sent: no answer yet. failed: refused, for a person to decide. */
  state: z.enum(['waiting', 'sent', 'failed']),
  /** Sent at least once without any answer: the server may have it. */
  unconfirmed: z.boolean(),
  busy_count: z.number(),
  error: z.nullable(
    z.object({
      code: errorCodeSchema,
      message: z.string(),
      /** When it may be sent again: wall clock, ms. Null where waiting is not what helps. */
      retry_at: z._default(z.nullable(z.number()), null),
    }),
  ),
});
export type OutboxItem = z.infer<typeof itemSchema>;
export type Outbox = readonly OutboxItem[];

/** What a person has written or asked for, before it is in the outbox. */
export type Letter = Pick<OutboxItem, 'text' | 'trim' | 'conversation_id' | 'asking'>;

export const MOVED: { code: ErrorCode; message: string } = {
  code: 'not_found',
  message: 'The conversation that you wrote this for is no longer the current one.',
};

/** What a reload keeps. Storage is not trusted: anything that is not an outbox is an empty one. */
export function readItems(stored: string | null): Outbox {
  if (!stored) return [];
  try {
    const parsed = z.safeParse(z.array(itemSchema), JSON.parse(stored));
    return parsed.success ? parsed.data : [];
  } catch {
    return [];
  }
}

/** @param mode what Automatic is to go by; null where nobody has chosen, or it is not Automatic that answers */
export function frameOf(item: OutboxItem, mode: AutoMode | null): ClientFrame {
  const { asking, text, client_id, trim } = item;
  const options = { client_id, ...(trim ? { trim } : {}), ...(mode === null ? {} : { auto_mode: mode }) };
  switch (asking.type) {
    case 'chat':
      return {
        type: 'chat',
        message: text,
        ...options,
        ...(asking.after === null ? {} : { parent_id: asking.after }),
      };
    case 'redo': {
      const { message_id, tier } = asking;
      return { type: 'redo', message_id, ...options, ...(tier === null ? {} : { tier }) };
    }
    case 'edit':
      return { type: 'edit', message_id: asking.message_id, message: text, ...options };
  }
}

/** Where the conversation ends as long as this item is on its way. */
export function endBefore({ asking }: OutboxItem): End {
  return asking.type === 'chat' ? (asking.after ?? undefined) : asking.after;
}

/** Whether these messages most likely have it already. */
export function isIn(messages: readonly Message[], { asking, text }: OutboxItem): boolean {
  const newest = messages.at(-1);
  if (asking.type === 'redo') {
    return newest?.parent_id === asking.after && newest.id !== asking.message_id;
  }
  const question = messages.findLast(({ role }) => role === 'user');
  if (question?.text !== text) return false;
  return asking.type === 'chat' ? true : question.id !== asking.message_id;
}
