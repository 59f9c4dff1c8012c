import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { Agent, AgentRequest, ToolRound, ToolSpec, ToolUse } from '../worker/agents/agent.ts';
import { type Outcome, run } from '../worker/agents/test-support.ts';

/** A client of the simulated NetBox, for tests. */
export async function netboxClient(url: string): Promise<{ client: Client; tools: ToolSpec[] }> {
  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  const { tools } = await client.listTools();
  return {
    client,
    tools: tools.map(({ name, title, description, inputSchema }) => ({
      name,
      title: title ?? null,
      description: description ?? '',
      inputSchema: { ...inputSchema },
    })),
  };
}

export type CallTool = (call: ToolUse) => Promise<{ ok: boolean; content: string }>;

export function callOver(client: Client): CallTool {
  return async ({ name, arguments: args }) => {
    if (args === null) return { ok: false, content: 'The arguments are no JSON.' };
    try {
      const { content, isError } = await client.callTool({ name, arguments: args });
      const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('');
      return { ok: isError !== true, content: text };
    } catch (error) {
      return { ok: false, content: error instanceof Error ? error.message : String(error) };
    }
  };
}

/** The plainest loop there is: asks, calls, asks again; `most` rounds, then without tools. Echoes pass as JSON. */
export async function loop(
  agent: Agent,
  request: AgentRequest,
  callTool: CallTool,
  most = 6,
): Promise<{ rounds: ToolRound[]; outcomes: Outcome[]; last: Outcome }> {
  const rounds: ToolRound[] = [];
  const outcomes: Outcome[] = [];
  for (;;) {
    const toolChoice = rounds.length < most ? 'auto' : 'none';
    const outcome = await run(agent, { ...request, rounds, toolChoice });
    outcomes.push(outcome);
    if (outcome.stop !== 'tool_use' || rounds.length > most) return { rounds, outcomes, last: outcome };
    const results = await Promise.all(
      outcome.calls.map(async (call) => ({ id: call.id, ...(await callTool(call)) })),
    );
    const echo: unknown = JSON.parse(JSON.stringify(outcome.echo ?? null));
    rounds.push({ text: outcome.text, calls: outcome.calls, results, echo });
  }
}
