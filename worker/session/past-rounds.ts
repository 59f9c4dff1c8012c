import type { ToolCall } from '../../shared/index.ts';
import type { ToolRound } from '../agents/agent.ts';
import { asTold } from './tool-round.ts';

const NO_RESULT = 'The answer ended before this call did.';

/**
 * The rounds of tools of an earlier answer, from what the archive keeps of it: what a model is told of them never
 * changes afterwards, so that prompts stay cached.
 * @param text the whole answer
 * @returns the rounds, and the text after the last one
 */
export function pastRounds(text: string, tools: readonly ToolCall[]): { rounds: ToolRound[]; text: string } {
  const numbers = [...new Set(tools.map(({ round = 1 }) => round))].sort((a, b) => a - b);
  let from = 0;
  const rounds = numbers.map((number): ToolRound => {
    const calls = tools.filter(({ round = 1 }) => round === number);
    const at = Math.max(from, ...calls.map((call) => call.at ?? 0));
    const before = text.slice(from, at).trim();
    from = at;
    return {
      text: before,
      calls: calls.map(({ call_id, name, arguments: args }) => {
        const isObject = typeof args === 'object' && args !== null && !Array.isArray(args);
        return {
          id: call_id,
          name,
          arguments: isObject ? (args as Record<string, unknown>) : null,
          raw: typeof args === 'string' ? args : JSON.stringify(args ?? {}),
        };
      }),
      results: calls.map(({ call_id, ok, content, server = null }) => ({
        id: call_id,
        ok: ok ?? false,
        content: content === null ? NO_RESULT : asTold(content, server),
      })),
      echo: null,
    };
  });
  return { rounds, text: text.slice(from).trim() };
}
