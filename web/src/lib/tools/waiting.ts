import type { ChatState } from '#lib/state/chat-state.ts';
import type { ToolCall } from '#lib/wire.ts';

const NONE: readonly ToolCall[] = [];

/** The calls of the running answer that wait for a person. Cheap while text streams. */
export function waitingCalls({
  conversation,
  runId,
}: Pick<ChatState, 'conversation' | 'runId'>): readonly ToolCall[] {
  if (runId === null) return NONE;
  const answer = conversation?.messages.findLast((message) => message.id === runId);
  if (answer?.role !== 'assistant' || answer.tools === undefined) return NONE;
  const waiting = answer.tools.filter((call) => call.state === 'waiting');
  return waiting.length === 0 ? NONE : waiting;
}
