import type { Answer, ServerFrame, ToolCall } from '#lib/wire.ts';

type ToolFrame = Extract<ServerFrame, { type: 'tool_request' | 'tool_call' | 'tool_result' }>;

const NOT_OVER = { ok: null, content: null, truncated: false, duration_ms: null };

/** One frame of S5 in its answer, as the archive will have it: a call keeps its row from the request to the result. */
export function withToolFrame(answer: Answer, frame: ToolFrame): Answer {
  const { call_id, name, server, title, round } = frame;
  const calls = answer.tools ?? [];
  const index = calls.findIndex((call) => call.call_id === call_id);
  const known = calls[index];
  const place = { call_id, name, server, title, round, at: frame.at ?? known?.at ?? answer.text.length };
  const call: ToolCall =
    frame.type === 'tool_result'
      ? {
          ...(known ?? { ...place, arguments: null }),
          ok: frame.ok,
          content: frame.content,
          truncated: frame.truncated,
          duration_ms: frame.duration_ms,
          state: 'done',
        }
      : {
          ...place,
          arguments: frame.arguments,
          ...NOT_OVER,
          state: frame.type === 'tool_request' ? 'waiting' : 'running',
        };
  return { ...answer, tools: index < 0 ? [...calls, call] : calls.with(index, call) };
}

/** The answer is over: what has no result will get none. */
export function withToolsEnded(answer: Answer): Answer {
  if (!answer.tools?.some((call) => stateOf(call) !== 'done')) return answer;
  const tools = answer.tools.map(
    (call): ToolCall => (stateOf(call) === 'done' ? call : { ...call, ok: false, state: 'done' }),
  );
  return { ...answer, tools };
}

/** Servers that do not say the state have no calls that wait. */
function stateOf(call: ToolCall): NonNullable<ToolCall['state']> {
  return call.state ?? (call.ok === null ? 'running' : 'done');
}
