import { type Agent, AgentError, type AgentRequest, type ToolSpec, type ToolUse } from '../agents/agent.ts';
import type { Till } from '../guard/till.ts';
import type { Visitor } from '../guard/visitor.ts';
import type { ModelEntry } from '../models/types.ts';
import { createPrintedCalls } from './printed-calls.ts';

/** What a model is asked to call: nothing is behind it, so that a probe changes nothing anywhere. */
const CANARY: ToolSpec = {
  name: 'report_number',
  title: null,
  description: 'Reports a number to the person.',
  inputSchema: {
    type: 'object',
    properties: { number: { type: 'integer', description: 'The number to report.' } },
    required: ['number'],
  },
};
const NUMBER = 7;

/** A call of one small argument; a model that thinks aloud first gets some room for it. */
const ANSWER_TOKENS = 300;

/**
 * Asks a model once to call a tool that is given to it.
 * @returns whether it did; null when nobody can say: it did not answer, or there is no money for it
 */
export async function probeTools(
  entry: ModelEntry,
  payer: Visitor,
  { createAgent, till }: { createAgent: (entry: ModelEntry) => Agent; till: Till },
): Promise<boolean | null> {
  const request: AgentRequest = {
    upstreamModel: entry.upstream_model ?? entry.id,
    turns: [
      {
        role: 'user',
        text: `Call the tool ${CANARY.name} to report the number ${NUMBER}. Say nothing else.`,
      },
    ],
    system: 'You have tools. Use them when you are asked to.',
    maxTokens: ANSWER_TOKENS,
    thinking: 'none',
    tools: [CANARY],
    toolChoice: 'auto',
  };
  const paid = await till.reserve({ entry, request, payer });
  if (!paid.ok) return null;
  const printed = createPrintedCalls(new Set([CANARY.name]), () => 'probe');
  const calls: ToolUse[] = [];
  try {
    for await (const event of createAgent(entry).stream(request, new AbortController().signal)) {
      if (event.type === 'usage') paid.charge.counted(event.usage);
      else if (event.type === 'text') printed.take(event.text);
      else if (event.type === 'tool_use') calls.push(event.call);
    }
    paid.charge.settle('complete');
  } catch (error) {
    // A server that refuses the request for its tools has said what it thinks of them. Without a status it had begun to
    // answer: LiteLLM says 400 of a runner that broke down on the way as well.
    const isRefused = error instanceof AgentError && error.kind === 'bad_request' && error.status !== null;
    return isRefused ? false : null;
  } finally {
    paid.charge.settle('cut');
  }
  return [...calls, ...printed.end().calls].some(
    ({ name, arguments: args }) => name === CANARY.name && Number(args?.number) === NUMBER,
  );
}
