import * as z from 'zod/mini';

/** One call of a tool that a script makes; `raw` instead of `args`: arguments as this very text. */
export type ScriptedCall = { name: string; id?: string; args?: Record<string, unknown>; raw?: string };

/** One exchange of calls and results, as an upstream is told of it. */
export type SeenRound = {
  /** What the model had said before its calls. */
  text: string;
  calls: { id: string; name: string; arguments: unknown }[];
  results: { id: string; ok: boolean; content: string }[];
};

/** What an upstream is told of tools, whichever of the two formats it speaks. */
export type SeenTools = {
  /** Names of the tools on offer, in their order. */
  tools: string[];
  /** Rounds since the last question. */
  rounds: SeenRound[];
  /** Rounds of earlier answers, oldest first. */
  earlier: SeenRound[];
  /** Text of the last thing that a person said. */
  question: string;
};

const id = z.object({ id: z.string(), name: z.string() });
const blockSchema = z.object({
  type: z.string(),
  text: z.optional(z.string()),
  id: z.optional(z.string()),
  name: z.optional(z.string()),
  input: z.optional(z.unknown()),
  tool_use_id: z.optional(z.string()),
  content: z.optional(z.unknown()),
  is_error: z.optional(z.boolean()),
});
const callSchema = z.object({
  id: z.string(),
  function: z.object({ name: z.string(), arguments: z.string() }),
});
const messageSchema = z.object({
  role: z.string(),
  content: z.optional(z.unknown()),
  tool_calls: z.optional(z.array(callSchema)),
  tool_call_id: z.optional(z.string()),
});
const offerSchema = z.union([
  z.object({ type: z.literal('function'), function: z.object({ name: z.string() }) }),
  z.object({ name: z.string() }),
]);
type Message = z.infer<typeof messageSchema>;

/** Content as blocks; a plain text is one. */
function blocksOf(content: unknown): z.infer<typeof blockSchema>[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return z.array(blockSchema).parse(content ?? []);
}

const textOf = (content: unknown) =>
  blocksOf(content)
    .map(({ text = '' }) => text)
    .join('');

/** The calls of one message of a model, in either format. */
function callsOf({ content, tool_calls = [] }: Message): SeenRound['calls'] {
  const blocks = blocksOf(content).filter(({ type }) => type === 'tool_use');
  return [
    ...blocks.map((block) => ({ ...id.parse(block), arguments: block.input })),
    ...tool_calls.map((call) => ({
      id: call.id,
      name: call.function.name,
      arguments: JSON.parse(call.function.arguments) as unknown,
    })),
  ];
}

/** The results in one message, in either format. */
function resultsOf({ role, content, tool_call_id }: Message): SeenRound['results'] {
  if (role === 'tool') {
    const text = textOf(content);
    // The format has no field for it.
    return [{ id: tool_call_id ?? '', ok: !text.startsWith('Error: '), content: text }];
  }
  return blocksOf(content)
    .filter(({ type }) => type === 'tool_result')
    .map(({ tool_use_id = '', content: inner, is_error = false }) => ({
      id: tool_use_id,
      ok: !is_error,
      content: textOf(inner),
    }));
}

export function readTools(body: { messages: unknown[] } & Record<string, unknown>): SeenTools {
  const messages = z.array(messageSchema).parse(body.messages);
  const offers = z.array(offerSchema).parse(body.tools ?? []);
  const seen: SeenTools = {
    tools: offers.map((offer) => ('function' in offer ? offer.function.name : offer.name)),
    rounds: [],
    earlier: [],
    question: '',
  };
  for (const message of messages) {
    if (message.role === 'assistant') {
      const calls = callsOf(message);
      if (calls.length > 0) seen.rounds.push({ text: textOf(message.content), calls, results: [] });
      continue;
    }
    seen.rounds.at(-1)?.results.push(...resultsOf(message));
    const text = message.role === 'user' ? textOf(message.content) : '';
    if (text === '') continue;
    seen.earlier.push(...seen.rounds.splice(0));
    seen.question = text;
  }
  return seen;
}
