import type { ChatFrame } from '../../shared/index.ts';
import { SYSTEM_PROMPT } from '../agents/system-prompt.ts';
import { findConversation } from '../archive/conversations.ts';
import { findAccepted, saidMessages } from '../archive/messages.ts';
import type { Sql } from '../archive/sql.ts';
import type { Choice } from '../models/types.ts';
import { type Fit, fitContext } from './context.ts';
import type { SessionEvent, SessionState } from './machine.ts';
import type { Offer } from './offer.ts';

/** Looks up, for the frames of clients, what the rules of machine.ts need to know; changes nothing. */

type EventOf<T extends SessionEvent['type']> = Extract<SessionEvent, { type: T }>;

export const SELECTION_OFF = 'Choosing a model is switched off here.';
const NOT_LOOKED_UP: Fit = { ok: false, needed: 0, allowed: 0, canTrim: false };

/** @param goneReason why the conversation that the person wrote to was just put away (R6); null when it was not */
export function chatEvent(
  frame: ChatFrame,
  sql: Sql,
  { conversation, phase }: SessionState,
  offer: Offer,
  goneReason: string | null,
): EventOf<'chat'> {
  const clientId = frame.client_id ?? null;
  const duplicate = clientId === null ? null : findAccepted(sql, clientId);
  const bound: Choice =
    goneReason === null
      ? offer.rebind(conversation.model)
      : {
          kind: 'unavailable',
          reason: `${goneReason} A new conversation was started; send the message again.`,
        };
  // Reading a long conversation takes its time: only for what may be answered.
  const fit =
    bound.kind === 'ok' && duplicate === null && phase === 'idle'
      ? fitContext({
          messages: saidMessages(sql, conversation.id),
          question: frame.message,
          system: SYSTEM_PROMPT,
          contextLength: bound.entry.context_length,
          maxOutputTokens: bound.entry.max_output_tokens,
          trim: frame.trim ?? false,
        })
      : NOT_LOOKED_UP;
  return { type: 'chat', message: frame.message, clientId, duplicate, bound, fit };
}

/** @param offer null where choosing a model is switched off */
export function modelChangeEvent(
  model: string,
  offer: Offer | null,
  begin: { newId: string; now: number },
): EventOf<'model_change'> {
  const choice: Choice =
    offer === null ? { kind: 'unavailable', reason: SELECTION_OFF } : offer.choose(model);
  return { type: 'model_change', choice, selection: offer !== null, ...begin };
}

export function openEvent(
  id: string,
  sql: Sql,
  offer: Offer,
  modelSelection: boolean,
  now: number,
): EventOf<'open'> {
  const target = findConversation(sql, id);
  const choice: Choice = target === null ? { kind: 'unknown', allowed: [] } : offer.rebind(target.model);
  const selectionAllows = modelSelection || target?.model === offer.defaultId();
  return { type: 'open', target, choice, selectionAllows, now };
}
