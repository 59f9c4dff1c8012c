import { type Message, readMessages, readTools, textOf } from './anthropic-content.ts';
import { type ClaudeModel, findClaude, THINKING_TYPES, type ThinkingType } from './anthropic-models.ts';
import { prefixOf, signatureFault } from './signatures.ts';
import { type PromptPart, tokensOf } from './tokens.ts';
import { isRecord, type OfferedTool } from './tools/asked.ts';

/** A request of the Messages API that has passed the checks. */
export type MessagesRequest = {
  model: ClaudeModel;
  /** The id as it was sent. */
  modelId: string;
  messages: Message[];
  /** What may be called now. */
  tools: OfferedTool[];
  /** What thinking of the answer is bound to. */
  prefix: string;
  /** The whole prompt in the order of caching, with its breakpoints. */
  parts: PromptPart[];
  maxTokens: number;
  stream: boolean;
  /** What of its thinking the client gets to see. */
  thinking: 'off' | 'omitted' | 'summarized';
};

export type Refusal = { status: number; type: string; message: string };

type Json = Record<string, unknown>;

/** The checks of the real API, in its order and words where they are known. */
export function readMessagesRequest(
  body: string,
  version: string | null,
  now: Date,
  thoughtBefore: ReadonlySet<string>,
  countOnly = false,
): MessagesRequest | Refusal {
  if (version === null) return invalid('anthropic-version: header is required');
  const json = parse(body);
  if (json === null) return invalid('The request body is not valid JSON');
  if (typeof json.model !== 'string') return invalid('model: Field required');
  const model = findClaude(json.model, now);
  if (model === null) return { status: 404, type: 'not_found_error', message: `model: ${json.model}` };
  const sampling = ['temperature', 'top_p', 'top_k'].find((name) => json[name] !== undefined);
  if (sampling !== undefined && (version >= '2026-10-21' || !model.prefill)) {
    return invalid(`${sampling}: Extra inputs are not permitted`);
  }
  const messages = readMessages(json.messages);
  if (typeof messages === 'string') return invalid(messages);
  const tools = readTools(json.tools);
  if (typeof tools === 'string') return invalid(tools);
  if (
    tools.length === 0 &&
    messages.some(({ blocks }) => blocks.some(({ type }) => type.startsWith('tool_')))
  )
    return invalid('Requests which include `tool_use` or `tool_result` blocks must define tools');
  const choice = isRecord(json.tool_choice) ? json.tool_choice.type : 'auto';
  if (choice !== 'auto' && choice !== 'none' && !model.prefill)
    return invalid(`tool_choice.type: "${String(choice)}" is not supported for this model`);
  if (messages.at(-1)?.role === 'assistant' && !model.prefill) {
    return invalid(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    );
  }
  const maxTokens = countOnly ? 1 : json.max_tokens;
  if (typeof maxTokens !== 'number' || !Number.isInteger(maxTokens) || maxTokens < 1) {
    return invalid('max_tokens: Field required, an integer greater than 0');
  }
  if (maxTokens > model.maxOutput) {
    return invalid(
      `max_tokens: ${maxTokens} > ${model.maxOutput}, which is the maximum allowed number of output tokens for ${model.id}`,
    );
  }
  const thinking = readThinking(json.thinking, model);
  if (typeof thinking !== 'string') return thinking;
  const system = systemBlocks(json.system);
  const systemText = system.map(({ text }) => text).join('');
  const bound = thinkingFault(json.tools, systemText, messages, thoughtBefore);
  if (bound !== null) return invalid(bound);
  const parts = [...toolParts(json.tools), ...system, ...messages.flatMap(messageParts)];
  const last = parts.at(-1);
  const marks = parts.filter(({ mark }) => mark).length + (isRecord(json.cache_control) ? 1 : 0);
  if (marks > MOST_MARKS)
    return invalid(`A maximum of ${MOST_MARKS} blocks with cache_control may be provided. Found ${marks}.`);
  if (last !== undefined && isRecord(json.cache_control)) last.mark = true;
  const prompt = parts.reduce((sum, { text }) => sum + tokensOf(text), 0);
  if (prompt > model.maxInput)
    return invalid(`prompt is too long: ${prompt} tokens > ${model.maxInput} maximum`);
  return {
    model,
    modelId: json.model,
    messages,
    tools: choice === 'none' ? [] : tools,
    prefix: prefixOf(json.tools, systemText, messages),
    parts,
    maxTokens,
    stream: json.stream === true,
    thinking,
  };
}

const MOST_MARKS = 4;

/** Thinking comes back as it was, in front of what was there; and inside a run of calls it must come back. */
function thinkingFault(
  tools: unknown,
  system: string,
  messages: Message[],
  thoughtBefore: ReadonlySet<string>,
): string | null {
  const question = messages.findLastIndex((message) => message.role === 'user' && textOf(message) !== '');
  for (const [index, { role, blocks }] of messages.entries()) {
    const prefix = prefixOf(tools, system, messages.slice(0, index));
    for (const [nth, block] of blocks.entries()) {
      const fault = block.type === 'thinking' ? signatureFault(block, prefix) : null;
      if (fault !== null) return `messages.${index}.content.${nth}: ${fault}`;
    }
    const [first] = blocks;
    const called = blocks.some((block) => block.type === 'tool_use' && thoughtBefore.has(String(block.id)));
    if (index > question && role === 'assistant' && called && first?.type !== 'thinking')
      return `messages.${index}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${first?.type}\`.`;
  }
  return null;
}

function toolParts(tools: unknown): PromptPart[] {
  return (Array.isArray(tools) ? tools : []).map(({ cache_control, ...tool }) => ({
    text: JSON.stringify(tool),
    mark: isRecord(cache_control),
  }));
}

function systemBlocks(system: unknown): PromptPart[] {
  if (typeof system === 'string') return system === '' ? [] : [{ text: system, mark: false }];
  return (Array.isArray(system) ? system : []).filter(isRecord).map(({ text, cache_control }) => ({
    text: typeof text === 'string' ? text : '',
    mark: isRecord(cache_control),
  }));
}

function messageParts({ role, blocks, marks }: Message): PromptPart[] {
  return blocks.map((block, index) => ({
    text: `${role}: ${block.type === 'text' ? block.text : JSON.stringify(block)}`,
    mark: marks[index] ?? false,
  }));
}

function readThinking(value: unknown, model: ClaudeModel): MessagesRequest['thinking'] | Refusal {
  if (value === undefined || value === null) return model.thinking.byDefault ? 'omitted' : 'off';
  const { type, display } = isRecord(value) ? value : {};
  const known: ThinkingType | undefined = THINKING_TYPES.find((name) => name === type);
  if (known === undefined || !model.thinking.types.includes(known)) {
    return invalid(`thinking.type: "${String(type)}" is not supported for this model`);
  }
  if (known === 'disabled') return 'off';
  if (known === 'enabled') return 'summarized';
  return display === 'summarized' ? 'summarized' : 'omitted';
}

function parse(body: string): Json | null {
  try {
    const value: unknown = JSON.parse(body);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function invalid(message: string): Refusal {
  return { status: 400, type: 'invalid_request_error', message };
}
