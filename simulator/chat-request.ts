import { type AskedCall, isRecord, type OfferedTool } from './tools/asked.ts';

/** A request of `/v1/chat/completions` that has passed the checks. */
export type Chat = {
  model: string;
  messages: ChatMessage[];
  tools: OfferedTool[];
  /** What the prompt is counted by. */
  promptText: string;
  maxTokens: number;
  stream: boolean;
  usage: boolean;
};

type ChatCall = { id: string; name: string; json: string };
export type ChatMessage = { role: string; text: string; calls: ChatCall[]; answers: string | null };

/** @returns a text that says what is wrong, in the words of OpenAI where they are known */
export function readChat(body: string): Chat | string {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return UNREADABLE;
  }
  if (!isRecord(json) || typeof json.model !== 'string') return UNREADABLE;
  const { messages: sent, tools: offered = [], stream_options } = json;
  if (!Array.isArray(sent) || sent.length === 0 || !Array.isArray(offered)) return UNREADABLE;
  const messages: ChatMessage[] = [];
  for (const message of sent) {
    const read = readMessage(message);
    if (read === null) return UNREADABLE;
    messages.push(read);
  }
  const unpaired = pairingFault(messages);
  if (unpaired !== null) return unpaired;
  const tools = offered.map(readTool);
  if (tools.some((tool) => tool === null)) return UNREADABLE;
  const limit = json.max_completion_tokens ?? json.max_tokens;
  return {
    model: json.model,
    messages,
    tools: json.tool_choice === 'none' ? [] : tools.filter((tool) => tool !== null),
    promptText:
      JSON.stringify(offered) +
      messages.map(({ text, calls }) => text + (calls.length > 0 ? JSON.stringify(calls) : '')).join(''),
    maxTokens: typeof limit === 'number' ? limit : 8192,
    stream: json.stream === true,
    usage: isRecord(stream_options) && stream_options.include_usage === true,
  };
}

const UNREADABLE = 'The request could not be read.';

function readMessage(message: unknown): ChatMessage | null {
  if (!isRecord(message) || typeof message.role !== 'string') return null;
  const { role, content, tool_calls: sent = [], tool_call_id } = message;
  if (!Array.isArray(sent)) return null;
  const calls = sent.map(readCall);
  if (typeof content !== 'string' && !(content === null && calls.length > 0)) return null;
  if ((role === 'tool') !== (typeof tool_call_id === 'string')) return null;
  if (calls.some((call) => call === null)) return null;
  return {
    role,
    text: content ?? '',
    calls: calls.filter((call) => call !== null),
    answers: typeof tool_call_id === 'string' ? tool_call_id : null,
  };
}

/** LiteLLM reads the arguments on the way to Ollama, which wants an object. */
function readCall(call: unknown): ChatCall | null {
  const { id, function: of } = isRecord(call) ? call : {};
  if (typeof id !== 'string' || !isRecord(of) || typeof of.name !== 'string' || of.name === '') return null;
  if (typeof of.arguments !== 'string') return null;
  try {
    return isRecord(JSON.parse(of.arguments)) ? { id, name: of.name, json: of.arguments } : null;
  } catch {
    return null;
  }
}

function readTool(tool: unknown): OfferedTool | null {
  const of = isRecord(tool) && tool.type === 'function' ? tool.function : null;
  if (!isRecord(of) || typeof of.name !== 'string') return null;
  return { name: of.name, schema: isRecord(of.parameters) ? of.parameters : {} };
}

/** Behind a message with calls stands a tool message for each of them, and nowhere else. */
function pairingFault(messages: readonly ChatMessage[]): string | null {
  let open: string[] = [];
  for (const { role, calls, answers } of messages) {
    if (role === 'tool') {
      if (!open.includes(answers ?? ''))
        return "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
      open = open.filter((id) => id !== answers);
      continue;
    }
    if (open.length > 0) break;
    open = calls.map(({ id }) => id);
    if (new Set(open).size < open.length) return "Duplicate value for 'tool_call_id'.";
  }
  return open.length === 0
    ? null
    : `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${open.join(', ')}`;
}

/** What a conversation asks: the last message of a person, the calls since, and how many messages came before it. */
export function askedOf(messages: readonly ChatMessage[]): {
  prompt: string;
  rounds: AskedCall[][];
  earlier: number;
} {
  const at = messages.findLastIndex(({ role }) => role === 'user');
  const isTalk = ({ role, calls }: ChatMessage) =>
    (role === 'user' || role === 'assistant') && calls.length === 0;
  return {
    prompt: messages[at]?.text ?? '',
    rounds: messages
      .slice(at + 1)
      .filter(({ calls }) => calls.length > 0)
      .map(({ calls }) => calls.map((call) => answered(call, messages))),
    earlier: messages.slice(0, Math.max(0, at)).filter(isTalk).length,
  };
}

function answered({ id, name, json }: ChatCall, messages: readonly ChatMessage[]): AskedCall {
  // Ids of earlier rounds may come again; the newest is meant.
  const content = messages.findLast(({ answers }) => answers === id)?.text ?? '';
  return { name, arguments: JSON.parse(json), ok: !content.startsWith('Error: '), content };
}
