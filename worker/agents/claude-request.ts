import type {
  CacheControlEphemeral,
  ContentBlockParam,
  MessageCreateParamsStreaming,
  Tool,
  ToolResultBlockParam,
} from '@anthropic-ai/sdk/resources/messages';
import type { AgentRequest, ToolSpec } from './agent.ts';
import { echoedBlocks } from './claude-blocks.ts';
import { NOT_RUN, type SentCall, type SentHistory, type SentRound } from './tool-rounds.ts';

type Message = { role: 'user' | 'assistant'; content: string | ContentBlockParam[] };

const MARK: CacheControlEphemeral = { type: 'ephemeral' };

/**
 * A request of the Messages API. Sampling parameters, a prefill and `thinking: enabled` are refused with 400 by today's
 * models, and so is a conversation with tool blocks that offers no tools.
 */
export function claudeBody(request: AgentRequest, history: SentHistory): MessageCreateParamsStreaming {
  const messages = marked(messagesOf(request, history), request);
  const offered = request.tools ?? [];
  const tools = offered.length > 0 ? offered.map(toolOf) : history.names.map(stubOf);
  return {
    model: request.upstreamModel,
    max_tokens: request.maxTokens,
    stream: true,
    // Automatic caching: one breakpoint on the last block, moved on with every turn.
    cache_control: MARK,
    ...(tools.length === 0 ? {} : { tools }),
    ...(tools.length > 0 && (offered.length === 0 || request.toolChoice === 'none')
      ? { tool_choice: { type: 'none' } }
      : {}),
    ...systemOf(request.system, tools.length > 0),
    ...(request.thinking === 'adaptive' ? { thinking: { type: 'adaptive', display: 'summarized' } } : {}),
    messages,
  };
}

/** With tools, the end of what every conversation has in common gets a breakpoint of its own. */
function systemOf(system: string, hasTools: boolean): Pick<MessageCreateParamsStreaming, 'system'> {
  if (system === '') return {};
  return { system: hasTools ? [{ type: 'text', text: system, cache_control: MARK }] : system };
}

function toolOf({ name, description, inputSchema }: ToolSpec): Tool {
  // The API takes none of these three beside `type`, only below it.
  const { oneOf: _oneOf, anyOf: _anyOf, allOf: _allOf, ...schema } = inputSchema;
  return {
    name,
    ...(description === '' ? {} : { description }),
    input_schema: { ...schema, type: 'object' },
  };
}

/** Stands for a tool that was used before and is not offered any more. */
function stubOf(name: string): Tool {
  return { name, input_schema: { type: 'object' } };
}

function messagesOf({ turns }: AgentRequest, history: SentHistory): Message[] {
  const messages: Message[] = [];
  const add = (role: 'user' | 'assistant', content: ContentBlockParam[]) => {
    const last = messages.at(-1);
    if (content.length === 0) return;
    // What a person says after calls without a word from the model comes behind their results.
    if (last?.role === role) last.content = [...blocksOf(last.content), ...content];
    else messages.push({ role, content });
  };
  const addRound = (round: SentRound) => {
    const blocks = assistantBlocks(round);
    add('assistant', blocks);
    add(
      'user',
      blocks.filter((block) => block.type === 'tool_use').map(({ id }) => resultOf(id, round.calls)),
    );
  };
  for (const [index, turn] of turns.entries()) {
    for (const round of history.ofTurns[index] ?? []) addRound(round);
    if (messages.at(-1)?.role !== turn.role && turn.text !== '')
      messages.push({ role: turn.role, content: turn.text });
    else add(turn.role, textBlocks(turn.text));
  }
  for (const round of history.ofRun) addRound(round);
  return messages;
}

function assistantBlocks({ text, calls, echo }: SentRound): ContentBlockParam[] {
  return (
    echoedBlocks(echo) ?? [
      ...textBlocks(text),
      ...calls.map(({ id, name, arguments: input }) => ({ type: 'tool_use' as const, id, name, input })),
    ]
  );
}

/** Every call of an answer needs a result, also one that the caller left out. */
function resultOf(id: string, calls: SentCall[]): ToolResultBlockParam {
  const { ok, content } = calls.find((call) => call.id === id) ?? { ok: false, content: NOT_RUN };
  return { type: 'tool_result', tool_use_id: id, content, ...(ok ? {} : { is_error: true }) };
}

/** The API refuses text of nothing but white space. */
function textBlocks(text: string): ContentBlockParam[] {
  return text.trim() === '' ? [] : [{ type: 'text', text }];
}

function blocksOf(content: Message['content']): ContentBlockParam[] {
  return typeof content === 'string' ? textBlocks(content) : content;
}

/**
 * One more breakpoint where an earlier request ended. The automatic one looks back over 20 blocks only, which is as
 * much as nine calls at once with their results; and an answer that used tools was last sent with its thinking, now
 * without, so that the cache of its run is good up to the question.
 */
function marked(messages: Message[], { turns, rounds = [] }: AgentRequest): Message[] {
  const usedTools = (turns.findLast(({ role }) => role === 'assistant')?.rounds ?? []).length > 0;
  if (rounds.length === 0 && !usedTools) return messages;
  const end =
    rounds.length > 0
      ? messages.findLastIndex(({ role }) => role === 'assistant') - 1
      : firstOfLastAnswer(messages) - 1;
  const message = messages[end];
  if (message === undefined) return messages;
  const blocks = blocksOf(message.content);
  const last = blocks.at(-1);
  if (last === undefined || (last.type !== 'text' && last.type !== 'tool_result')) return messages;
  const content = [...blocks.slice(0, -1), { ...last, cache_control: MARK }];
  return messages.with(end, { ...message, content });
}

/** Where the answer before the last question begins: its calls and their results belong to it. */
function firstOfLastAnswer(messages: Message[]): number {
  let first = messages.length - 1;
  for (let index = messages.length - 2; index > 0; index--) {
    const { role, content } = messages[index] ?? {};
    const isResult = typeof content !== 'string' && content?.at(-1)?.type === 'tool_result';
    if (role === 'assistant') first = index;
    else if (!isResult) break;
  }
  return first;
}
