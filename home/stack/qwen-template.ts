import type { OllamaTool } from './ollama-tools.ts';

export type TemplateMessage = {
  role: string;
  content: string;
  tool_calls?: { function: { name: string; arguments: Record<string, unknown> } }[] | undefined;
};

/**
 * Tools, calls and results as Qwen 2.5's template puts them before a model, for a model server whose own template has no
 * words for them: tools behind the system prompt, results in a user's turn.
 */
export function asQwenReads(
  messages: readonly TemplateMessage[],
  tools: readonly OllamaTool[],
): { role: string; content: string }[] {
  const read = messages.map(({ role, content, tool_calls = [] }) => ({
    role: role === 'tool' ? 'user' : role,
    content:
      role === 'tool'
        ? `<tool_response>\n${content}\n</tool_response>`
        : [content, ...tool_calls.map(({ function: call }) => callText(call))].filter(Boolean).join('\n'),
  }));
  if (tools.length === 0) return read;
  const system = read[0]?.role === 'system' ? (read.shift()?.content ?? '') : '';
  const content = `${system}

# Tools

You may call one or more functions to assist with the user query.

You are provided with function signatures within <tools></tools> XML tags:
<tools>
${tools.map((tool) => JSON.stringify(tool)).join('\n')}
</tools>

For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:
<tool_call>
{"name": <function-name>, "arguments": <args-json-object>}
</tool_call>`;
  return [{ role: 'system', content }, ...read];
}

/** A call as the model writes it. */
export function callText(call: { name: string; arguments: Record<string, unknown> }): string {
  return `<tool_call>\n${JSON.stringify(call)}\n</tool_call>`;
}
