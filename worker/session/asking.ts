import type { AutoMode, ChatFrame, EditFrame, ErrorCode, RedoFrame } from '../../shared/index.ts';
import { findMessage, siblings } from '../archive/messages.ts';
import type { ConversationRow } from '../archive/rows.ts';
import type { Sql } from '../archive/sql.ts';
import { TIER_MODELS } from '../models/tiers.ts';
import type { Tier } from '../models/types.ts';
import type { Wish } from './automatic.ts';
import type { Asked } from './machine.ts';
import type { Offer } from './offer.ts';
import type { RunError } from './run-types.ts';

type Found = { asked: Asked; wish: Wish; wrong: RunError | null };

/** Which question of which branch a frame asks to be answered, and how Automatic is to take it (C1, C8, C9). */
export function lookUp(
  frame: ChatFrame | RedoFrame | EditFrame,
  sql: Sql,
  conversation: ConversationRow,
  offer: Offer,
  settings: { modelSelection: boolean; autoMode: AutoMode },
): Found {
  const wish: Wish = {
    tier: null,
    // Where nobody chooses a model, nobody chooses how dear one may be.
    mode: settings.modelSelection ? (frame.auto_mode ?? settings.autoMode) : settings.autoMode,
    attempts: 0,
    after: null,
  };
  switch (frame.type) {
    case 'chat':
      return follow(frame, sql, conversation, wish);
    case 'redo':
      return again(frame, sql, conversation, wish, wrongTier(frame.tier, conversation, offer, settings));
    case 'edit':
      return instead(frame, sql, conversation, wish);
  }
}

function follow(frame: ChatFrame, sql: Sql, conversation: ConversationRow, wish: Wish): Found {
  const { parent_id: id } = frame;
  const newest = conversation.messageCount === 0 ? null : conversation.messageCount;
  if (id === undefined) {
    return {
      asked: { kind: 'new', text: frame.message, parent: newest },
      wish: { ...wish, after: newest },
      wrong: null,
    };
  }
  const found = findMessage(sql, conversation.id, id);
  const parent = found?.position ?? null;
  return {
    asked: { kind: 'new', text: frame.message, parent },
    wish: { ...wish, after: parent },
    wrong: found === null ? NO_MESSAGE : found.message.role === 'user' ? NO_ANSWER : null,
  };
}

/** C8: an answer stands for its question. */
function again(
  frame: RedoFrame,
  sql: Sql,
  conversation: ConversationRow,
  wish: Wish,
  wrong: RunError | null,
): Found {
  const named = findMessage(sql, conversation.id, frame.message_id);
  const question =
    named?.message.role === 'assistant'
      ? findMessage(sql, conversation.id, named.message.parent_id ?? '')
      : named;
  if (question?.message.role !== 'user') return nothing(wish, NO_MESSAGE);
  const { count, newest } = siblings(sql, conversation.id, question.position);
  const after = named?.message.role === 'assistant' ? named.position : newest;
  return {
    asked: {
      kind: 'again',
      text: question.message.text,
      parent: question.parent,
      question: question.message,
      position: question.position,
    },
    wish: { ...wish, tier: frame.tier ?? null, attempts: count, after },
    wrong,
  };
}

/** C9 */
function instead(frame: EditFrame, sql: Sql, conversation: ConversationRow, wish: Wish): Found {
  const old = findMessage(sql, conversation.id, frame.message_id);
  if (old === null) return nothing(wish, NO_MESSAGE);
  if (old.message.role !== 'user') return nothing(wish, NO_QUESTION);
  const { count } = siblings(sql, conversation.id, old.parent);
  const { newest } = siblings(sql, conversation.id, old.position);
  return {
    asked: { kind: 'new', text: frame.message, parent: old.parent },
    wish: { ...wish, attempts: count, after: newest ?? old.parent },
    wrong: null,
  };
}

function nothing(wish: Wish, wrong: RunError): Found {
  return { asked: { kind: 'new', text: '', parent: null }, wish, wrong };
}

function wrongTier(
  tier: Tier | undefined,
  conversation: ConversationRow,
  offer: Offer,
  { modelSelection }: { modelSelection: boolean },
): RunError | null {
  if (tier === undefined) return null;
  if (!modelSelection) return error('model_selection_disabled', 'Choosing a model is switched off here.');
  const bound = offer.usable(conversation.model);
  if (bound !== null && !bound.is_automatic) {
    return error('bad_frame', 'A "tier" can be asked for in a conversation of Automatic only.');
  }
  if (offer.tier(tier) !== null) return null;
  const model = offer.list().find(({ id }) => id === TIER_MODELS[tier]);
  const name = model?.name ?? `Claude's ${tier}`;
  return error('model_unavailable', model?.reason ?? `${name} cannot answer now.`);
}

const error = (code: ErrorCode, message: string): RunError => ({ code, message });
const NO_MESSAGE = error('not_found', 'There is no such message in this conversation.');
const NO_ANSWER = error('bad_frame', 'A message follows an answer: "parent_id" names a question.');
const NO_QUESTION = error('bad_frame', 'Only a question can be edited: "message_id" names an answer.');
