import { type ClaudeModel, findClaude, THINKING_TYPES, type ThinkingType } from './anthropic-models.ts';
import { tokensOf } from './tokens.ts';

/** A request of the Messages API that has passed the checks. */
export type MessagesRequest = {
  model: ClaudeModel;
  /** The id as it was sent. */
  modelId: string;
  system: string;
  messages: { role: string; text: string }[];
  maxTokens: number;
  stream: boolean;
  /** What of its thinking the client gets to see. */
  thinking: 'off' | 'omitted' | 'summarized';
  cached: boolean;
};

export type Refusal = { status: number; type: string; message: string };

type Json = Record<string, unknown>;

/** The checks of the real API, in its order and words where they are known. */
export function readMessagesRequest(
  body: string,
  version: string | null,
  now: Date,
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
  const system = textOf(json.system) ?? '';
  const prompt = tokensOf(system) + messages.reduce((sum, message) => sum + tokensOf(message.text), 0);
  if (prompt > model.maxInput)
    return invalid(`prompt is too long: ${prompt} tokens > ${model.maxInput} maximum`);
  return {
    model,
    modelId: json.model,
    system,
    messages,
    maxTokens,
    stream: json.stream === true,
    thinking,
    cached: body.includes('"cache_control"'),
  };
}

function readMessages(value: unknown): MessagesRequest['messages'] | string {
  if (!Array.isArray(value) || value.length === 0) return 'messages: at least one message is required';
  const messages: MessagesRequest['messages'] = [];
  for (const [index, entry] of value.entries()) {
    const message = isRecord(entry) ? entry : {};
    const { role } = message;
    if (role !== 'user' && role !== 'assistant' && role !== 'system') {
      return `messages.${index}.role: Input should be 'user', 'assistant' or 'system'`;
    }
    const text = textOf(message.content);
    if (text === null) return `messages.${index}.content: Field required`;
    if (text === '') return `messages.${index}: text content blocks must be non-empty`;
    messages.push({ role, text });
  }
  return messages[0]?.role === 'user' ? messages : 'messages: first message must use the "user" role';
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

/** The text of a string or of content blocks; null when it is neither. */
function textOf(content: unknown): string | null {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return null;
  return content
    .map((block) => (isRecord(block) && typeof block.text === 'string' ? block.text : ''))
    .join('');
}

function parse(body: string): Json | null {
  try {
    const value: unknown = JSON.parse(body);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(message: string): Refusal {
  return { status: 400, type: 'invalid_request_error', message };
}
