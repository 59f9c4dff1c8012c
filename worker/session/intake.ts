import type { AutoMode, ChatFrame, EditFrame, RedoFrame } from '../../shared/index.ts';
import { type SystemPrompts, systemFor } from '../agents/system-prompt.ts';
import { findConversation } from '../archive/conversations.ts';
import { findAccepted, saidMessages } from '../archive/messages.ts';
import type { Sql } from '../archive/sql.ts';
import { recentTurns } from '../archive/turns.ts';
import type { Till } from '../guard/till.ts';
import type { Visitor } from '../guard/visitor.ts';
import { TIERS } from '../models/tiers.ts';
import type { Choice, ModelEntry } from '../models/types.ts';
import { lookUp } from './asking.ts';
import { type Fit, fitContext } from './context.ts';
import type { SessionEvent, SessionState } from './machine.ts';
import type { Offer } from './offer.ts';
import type { RunError } from './run-types.ts';

/** Looks up, for the frames of clients, what the rules of machine.ts need to know; changes nothing. */

type EventOf<T extends SessionEvent['type']> = Extract<SessionEvent, { type: T }>;

export const SELECTION_OFF = 'Choosing a model is switched off here.';
const NOT_LOOKED_UP: Fit = { ok: false, needed: 0, allowed: 0, canTrim: false, byServer: false };
const MINUTE_MS = 60_000;

/** What bounds a message beside its model. */
export type Bounds = {
  historyTokens: number | null;
  turnsPerMinute: number | null;
  modelSelection: boolean;
  autoMode: AutoMode;
  prompts: SystemPrompts;
  /** Of the tools that are offered, by our guess. */
  toolTokens: number;
  till: Till;
  payer: Visitor;
  now: number;
};

/** @param goneReason why the conversation that the person wrote to was just put away (R6); null when it was not */
export function askEvent(
  frame: ChatFrame | RedoFrame | EditFrame,
  sql: Sql,
  { conversation, phase }: SessionState,
  offer: Offer,
  goneReason: string | null,
  bounds: Bounds,
): EventOf<'ask'> {
  const clientId = frame.client_id ?? null;
  const duplicate = clientId === null ? null : findAccepted(sql, clientId);
  const bound: Choice =
    goneReason === null
      ? offer.rebind(conversation.model)
      : {
          kind: 'unavailable',
          reason: `${goneReason} A new conversation was started; send the message again.`,
        };
  const { asked, wish, wrong } = lookUp(frame, sql, conversation, offer, bounds);
  const mayBeAnswered = bound.kind === 'ok' && duplicate === null && phase === 'idle' && wrong === null;
  const tooFast = mayBeAnswered ? tooManyTurns(sql, conversation.id, bounds) : null;
  // Reading a long conversation takes its time: only for what may be answered.
  const fit =
    mayBeAnswered && tooFast === null
      ? fitContext({
          messages: saidMessages(sql, conversation.id, asked.parent),
          question: asked.text,
          system: systemFor(bounds.prompts, bound.entry),
          toolTokens: bound.entry.capabilities.tools ? bounds.toolTokens : 0,
          contextLength: bound.entry.context_length,
          maxOutputTokens: bound.entry.max_output_tokens,
          historyTokens: bounds.historyTokens,
          trim: frame.trim ?? false,
        })
      : NOT_LOOKED_UP;
  const refused =
    (goneReason === null ? wrong : null) ??
    tooFast ??
    (bound.kind === 'ok' && fit.ok ? noMoney(bound.entry, fit, offer, bounds) : null);
  return { type: 'ask', asked, clientId, duplicate, bound, fit, refused, wish };
}

/** Counted from what was accepted, so that it survives hibernation and costs no row. */
function tooManyTurns(sql: Sql, conversation: string, { turnsPerMinute, now }: Bounds): RunError | null {
  if (turnsPerMinute === null) return null;
  const turns = recentTurns(sql, conversation, now - MINUTE_MS, turnsPerMinute);
  const first = turns[turnsPerMinute - 1];
  if (first === undefined) return null;
  const wait = first + MINUTE_MS - now;
  return {
    code: 'rate_limited',
    message: `Here ${turnsPerMinute} messages a minute are answered. Try again in ${Math.ceil(wait / 1000)} s.`,
    retry_after_ms: wait,
  };
}

/** Before anything is accepted: only what is certain without asking the ledger. */
function noMoney(
  bound: ModelEntry,
  { turns }: Extract<Fit, { ok: true }>,
  offer: Offer,
  { till, payer, prompts }: Bounds,
): RunError | null {
  const candidates = bound.is_automatic ? TIERS.flatMap((tier) => offer.tier(tier) ?? []) : [bound];
  return till.surelyRefused(
    candidates.map((entry) => ({
      entry,
      request: { turns, system: systemFor(prompts, entry), maxTokens: entry.max_output_tokens },
      payer,
    })),
  );
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
