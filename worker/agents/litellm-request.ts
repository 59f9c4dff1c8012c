import type {
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
  ChatCompletionTool,
} from 'openai/resources/chat/completions';
import type { AgentRequest, ToolSpec } from './agent.ts';
import type { SentHistory, SentRound } from './tool-rounds.ts';

/**
 * A request of OpenAI's chat completions. No reasoning ever goes back. `tool_choice` is not sent: Ollama does not know
 * it; where nothing may be called, nothing is offered.
 */
export function chatBody(request: AgentRequest, history: SentHistory): ChatCompletionCreateParamsStreaming {
  const { tools = [], toolChoice } = request;
  return {
    model: request.upstreamModel,
    messages: messagesOf(request, history),
    // The older name: LiteLLM maps both, Ollama and llama.cpp behind it know this one.
    max_tokens: request.maxTokens,
    stream: true,
    stream_options: { include_usage: true },
    ...(tools.length === 0 || toolChoice === 'none' ? {} : { tools: tools.map(toolOf) }),
  };
}

function toolOf({ name, description, inputSchema }: ToolSpec): ChatCompletionTool {
  return { type: 'function', function: { name, description, parameters: inputSchema } };
}

function messagesOf(
  { system, turns }: AgentRequest,
  { ofTurns, ofRun }: SentHistory,
): ChatCompletionMessageParam[] {
  const messages: ChatCompletionMessageParam[] = [];
  if (system !== '') messages.push({ role: 'system', content: system });
  for (const [index, { role, text }] of turns.entries()) {
    const rounds = ofTurns[index] ?? [];
    messages.push(...rounds.flatMap(roundMessages));
    if (text !== '' || rounds.length === 0) messages.push({ role, content: text });
  }
  return [...messages, ...ofRun.flatMap(roundMessages)];
}

function roundMessages({ text, calls }: SentRound): ChatCompletionMessageParam[] {
  if (calls.length === 0) return text === '' ? [] : [{ role: 'assistant', content: text }];
  return [
    {
      role: 'assistant',
      // A string in any case: templates of local models print null as a word.
      content: text,
      tool_calls: calls.map((call) => ({
        id: call.id,
        type: 'function',
        function: { name: call.name, arguments: JSON.stringify(call.arguments) },
      })),
    },
    ...calls.map(({ id, ok, content }) => ({
      role: 'tool' as const,
      tool_call_id: id,
      // The format has no field that says so.
      content: ok ? content : `Error: ${content}`,
    })),
  ];
}
