import {
  type Answer,
  type Conversation,
  LIMITS,
  type Message,
  type MessageAcceptedFrame,
} from '#lib/wire.ts';

function pendingAnswer(id: string, parentId: string, createdAt: string): Answer {
  return {
    id,
    parent_id: parentId,
    role: 'assistant',
    text: '',
    status: 'streaming',
    created_at: createdAt,
    actual_model: null,
    requested_model: null,
    fallback_reason: null,
    routing_path: null,
    reason: null,
    stop_reason: null,
    error_code: null,
    usage: null,
    cost_usd: null,
    ttft_ms: null,
    duration_ms: null,
  };
}

/** The place of a message in order of arrival, from its id; null where the id does not say it. */
function positionOf(id: string): number | null {
  const digits = /\.(\d+)$/.exec(id)?.[1];
  return digits === undefined ? null : Number(digits);
}

/**
 * Whether a question was there before (C8). One that is too old to be loaded is told by its place: the first answer
 * comes right behind its question.
 */
function isRepeated(known: readonly Message[], questionId: string, replyId: string): boolean {
  if (known.some(({ id }) => id === questionId)) return true;
  const [question, reply] = [positionOf(questionId), positionOf(replyId)];
  return question !== null && reply !== null && reply !== question + 1;
}

/** S2: the question, unless it is asked once more, and the place of its answer. */
export function withAccepted(
  conversation: Conversation,
  { message, reply_id }: MessageAcceptedFrame,
): Conversation {
  const { messages, message_count, title } = conversation;
  const asked = isRepeated(messages, message.id, reply_id) ? [] : [message];
  // A conversation is called after its first question, in its newest version (C9).
  const names = asked.length > 0 && (message.parent_id === null || title === '');
  return {
    ...conversation,
    title: names ? message.text.slice(0, LIMITS.titleChars) : title,
    messages: [...messages, ...asked, pendingAnswer(reply_id, message.id, message.created_at)],
    message_count: message_count + asked.length + 1,
  };
}
