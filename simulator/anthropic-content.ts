import { isRecord, type OfferedTool } from './tools/asked.ts';

/** A block of a message, as it was sent, without its cache breakpoint. */
export type Block = Record<string, unknown> & { type: string };
export type Message = { role: string; blocks: Block[]; marks: boolean[] };

const ID = /^[a-zA-Z0-9_-]+$/;
const NAME = /^[a-zA-Z0-9_-]{1,128}$/;
/** What a message may hold; the server tools' own blocks are not simulated. */
const OF_ASSISTANT = ['text', 'thinking', 'redacted_thinking', 'tool_use'];
const OF_USER = ['text', 'tool_result', 'image', 'document'];

/** The messages of a request; a text that says what is wrong, in the API's words where they are known. */
export function readMessages(value: unknown): Message[] | string {
  if (!Array.isArray(value) || value.length === 0) return 'messages: at least one message is required';
  const messages: Message[] = [];
  for (const [index, entry] of value.entries()) {
    const { role, content } = isRecord(entry) ? entry : {};
    if (role !== 'user' && role !== 'assistant' && role !== 'system')
      return `messages.${index}.role: Input should be 'user', 'assistant' or 'system'`;
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    if (!Array.isArray(blocks)) return `messages.${index}.content: Field required`;
    if (blocks.length === 0) return `messages.${index}: all messages must have non-empty content`;
    const message: Message = { role, blocks: [], marks: [] };
    for (const [nth, block] of blocks.entries()) {
      const fault = faultOf(block, role);
      if (fault !== null) return `messages.${index}.content.${nth}${fault}`;
      const { cache_control, ...rest } = block;
      message.blocks.push(rest);
      message.marks.push(isRecord(cache_control));
    }
    messages.push(message);
  }
  if (messages[0]?.role !== 'user') return 'messages: first message must use the "user" role';
  return pairingFault(messages) ?? messages;
}

function faultOf(block: unknown, role: string): string | null {
  if (!isRecord(block) || typeof block.type !== 'string') return '.type: Field required';
  const allowed = role === 'assistant' ? OF_ASSISTANT : OF_USER;
  if (!allowed.includes(block.type))
    return `: \`${block.type}\` blocks are not permitted in \`${role}\` messages`;
  switch (block.type) {
    case 'text':
      if (typeof block.text !== 'string') return '.text.text: Field required';
      if (block.text === '') return ': text content blocks must be non-empty';
      return block.text.trim() === '' ? ': text content blocks must contain non-whitespace text' : null;
    case 'tool_use':
      if (typeof block.id !== 'string' || !ID.test(block.id))
        return ".tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'";
      if (typeof block.name !== 'string' || !NAME.test(block.name))
        return ".tool_use.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'";
      return isRecord(block.input) ? null : '.tool_use.input: Input should be a valid dictionary';
    case 'tool_result':
      if (typeof block.tool_use_id !== 'string') return '.tool_result.tool_use_id: Field required';
      return block.is_error === true && (block.content === undefined || block.content === '')
        ? '.tool_result: content cannot be empty if `is_error` is true'
        : null;
    case 'thinking':
      if (typeof block.thinking !== 'string') return '.thinking.thinking: Field required';
      return typeof block.signature === 'string' ? null : '.thinking.signature: Field required';
    default:
      return null;
  }
}

/** Every call is answered in the next message, results first, and every result answers a call of the one before. */
function pairingFault(messages: readonly Message[]): string | null {
  const seen = new Set<unknown>();
  for (const [index, { blocks }] of messages.entries()) {
    const asked = idsOf(messages[index - 1], 'tool_use', 'id');
    const results = idsOf(messages[index], 'tool_result', 'tool_use_id');
    const stray = results.find((id) => !asked.includes(id));
    if (stray !== undefined)
      return `messages.${index}.content: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
    const isLate = blocks.findLastIndex(({ type }) => type === 'tool_result') >= results.length;
    const missing = asked.filter((id) => !results.includes(id));
    if (missing.length > 0 || isLate)
      return `messages.${index - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${(missing.length > 0 ? missing : asked).join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
    if (new Set(results).size < results.length)
      return `messages.${index}.content: each \`tool_use\` must have a single result. Found multiple \`tool_result\` blocks with id: ${results.join(', ')}`;
    for (const id of idsOf(messages[index], 'tool_use', 'id')) {
      if (seen.has(id)) return `messages.${index}.content: \`tool_use\` ids must be unique`;
      seen.add(id);
    }
  }
  const open = idsOf(messages.at(-1), 'tool_use', 'id');
  return open.length === 0
    ? null
    : `messages.${messages.length - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
}

function idsOf(message: Message | undefined, type: string, field: string): unknown[] {
  return (message?.blocks ?? []).filter((block) => block.type === type).map((block) => block[field]);
}

/** The tools of a request, or what is wrong with them. */
export function readTools(value: unknown): OfferedTool[] | string {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return 'tools: Input should be a valid list';
  const tools: OfferedTool[] = [];
  for (const [index, tool] of value.entries()) {
    const { name, input_schema: schema } = isRecord(tool) ? tool : {};
    if (typeof name !== 'string' || !NAME.test(name))
      return `tools.${index}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`;
    if (tools.some((other) => other.name === name)) return 'tools: Tool names must be unique.';
    if (!isRecord(schema) || schema.type !== 'object')
      return `tools.${index}.custom.input_schema.type: Input should be 'object'`;
    if (['oneOf', 'anyOf', 'allOf'].some((key) => key in schema))
      return `tools.${index}.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level`;
    tools.push({ name, schema });
  }
  return tools;
}

/** The text of a message. */
export function textOf({ blocks }: Message): string {
  return blocks.map(({ text }) => (typeof text === 'string' ? text : '')).join('');
}

/** The text of a result's content, which is a string or blocks. */
export function resultText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((block) => (isRecord(block) && typeof block.text === 'string' ? block.text : ''))
    .join('\n');
}
