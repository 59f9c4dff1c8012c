import { type Message, resultText, textOf } from './anthropic-content.ts';
import type { AskedCall } from './tools/asked.ts';

/** What a conversation asks: the last message of a person, the calls since, and how many messages came before it. */
export function askedOf(messages: readonly Message[]): {
  prompt: string;
  rounds: AskedCall[][];
  earlier: number;
} {
  const at = messages.findLastIndex((message) => message.role === 'user' && textOf(message) !== '');
  const message = messages[at];
  const isTalk = (one: Message) => textOf(one) !== '' && !one.blocks.some(({ type }) => type === 'tool_use');
  return {
    prompt: message === undefined ? '' : textOf(message),
    rounds: messages.slice(at + 1).flatMap((one, index, after) => {
      const calls = one.blocks.filter(({ type }) => type === 'tool_use');
      const results = after[index + 1]?.blocks ?? [];
      return calls.length === 0 ? [] : [calls.map((call) => answered(call, results))];
    }),
    earlier: messages.slice(0, Math.max(0, at)).filter(isTalk).length,
  };
}

function answered(call: Record<string, unknown>, results: readonly Record<string, unknown>[]): AskedCall {
  const result = results.find((block) => block.tool_use_id === call.id);
  return {
    name: String(call.name),
    arguments: call.input,
    ok: result !== undefined && result.is_error !== true,
    content: resultText(result?.content),
  };
}
