import type { ContentBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type { AgentEvent, ToolUse } from './agent.ts';
import { argumentsToSend, type CallIds, nameToSend, readArguments } from './tool-calls.ts';

/** A block of an answer as the API sent it; of the future ones only the name of the type is known. */
type Block = Record<string, unknown> & { type: string };
type OpenCall = { block: Block; json: string };

const ALIVE: AgentEvent = { type: 'alive' };
const PROVIDER = 'anthropic';

/**
 * Puts the blocks of one streamed answer together: says what of them is shown, which calls are complete, and keeps
 * them whole so that they can go back. By each part's own type: LiteLLM sends thinking inside blocks that it opened as
 * text, and a gateway may put the first words, or all the arguments, into the start of a block.
 */
export class ClaudeBlocks {
  readonly #ids: CallIds;
  readonly #blocks = new Map<unknown, Block>();
  readonly #open = new Map<unknown, OpenCall>();
  #last: unknown = null;
  #calls = 0;

  constructor(ids: CallIds) {
    this.#ids = ids;
  }

  /** How many calls are complete. */
  get calls(): number {
    return this.#calls;
  }

  start(event: { index?: unknown; content_block?: unknown }): AgentEvent {
    if (!isBlock(event.content_block)) return ALIVE;
    const block = { ...event.content_block };
    this.#last = event.index ?? this.#blocks.size;
    this.#blocks.set(this.#last, block);
    if (block.type === 'tool_use' || block.type === 'server_tool_use')
      this.#open.set(this.#last, { block, json: '' });
    if (block.type === 'text') return shown('text', block.text);
    if (block.type === 'thinking') return shown('thinking', block.thinking);
    return ALIVE;
  }

  delta(event: { index?: unknown; delta?: unknown }): AgentEvent {
    const { delta } = event;
    if (!isBlock(delta)) return ALIVE;
    const index = event.index ?? this.#last;
    switch (delta.type) {
      case 'text_delta':
        this.#append(index, 'text', 'text', delta.text);
        return shown('text', delta.text);
      case 'thinking_delta':
        this.#append(index, 'thinking', 'thinking', delta.thinking);
        return shown('thinking', delta.thinking);
      case 'signature_delta': {
        const block = this.#blocks.get(index);
        if (block?.type === 'thinking') block.signature = delta.signature;
        return ALIVE;
      }
      case 'citations_delta': {
        const block = this.#blocks.get(index);
        if (block?.type === 'text')
          block.citations = [...(Array.isArray(block.citations) ? block.citations : []), delta.citation];
        return ALIVE;
      }
      case 'input_json_delta': {
        const call = this.#open.get(index);
        const piece = delta.partial_json;
        if (typeof piece !== 'string' || piece === '') return ALIVE;
        if (call !== undefined) call.json += piece;
        return { type: 'alive', drafted: piece };
      }
      default:
        return ALIVE;
    }
  }

  stop(event: { index?: unknown }): AgentEvent {
    return this.#close(event.index ?? this.#last) ?? ALIVE;
  }

  /** The calls whose end was never told; nothing comes after them. */
  rest(): AgentEvent[] {
    return [...this.#open.keys()].map((index) => this.#close(index)).filter((event) => event !== null);
  }

  /** All blocks as they go back inside this run. */
  echo(): unknown {
    return { provider: PROVIDER, content: [...this.#blocks.values()].filter(canGoBack) };
  }

  #append(index: unknown, type: 'text' | 'thinking', field: 'text' | 'thinking', text: unknown): void {
    if (typeof text !== 'string') return;
    let block = this.#blocks.get(index);
    if (block?.type !== type) {
      // A part of another kind than its block: it gets a block of its own, in the order of arrival.
      const own = `${type} of ${String(index)}`;
      block = this.#blocks.get(own) ?? { type, [field]: '' };
      this.#blocks.set(own, block);
    }
    const before = block[field];
    block[field] = (typeof before === 'string' ? before : '') + text;
  }

  #close(index: unknown): AgentEvent | null {
    const open = this.#open.get(index);
    if (open === undefined) return null;
    this.#open.delete(index);
    const { block } = open;
    const raw = open.json === '' ? JSON.stringify(block.input ?? {}) : open.json;
    const read = { arguments: readArguments(raw), raw };
    block.input = argumentsToSend(read);
    // Calls of the provider's own tools are its own business; they only have to go back.
    if (block.type !== 'tool_use') return null;
    const call: ToolUse = {
      id: this.#ids.take(block.id),
      name: typeof block.name === 'string' ? block.name : '',
      ...read,
    };
    block.id = call.id;
    block.name = nameToSend(call.name);
    this.#calls++;
    return { type: 'tool_use', call };
  }
}

/** The blocks of an {@link ClaudeBlocks.echo}; null for every other value. */
export function echoedBlocks(echo: unknown): ContentBlockParam[] | null {
  if (typeof echo !== 'object' || echo === null || !('provider' in echo) || !('content' in echo)) return null;
  return echo.provider === PROVIDER && areBlocks(echo.content) ? echo.content : null;
}

function areBlocks(value: unknown): value is ContentBlockParam[] {
  return Array.isArray(value) && value.length > 0 && value.every(isBlock);
}

function isBlock(value: unknown): value is Block {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** The API refuses text of nothing but white space, though models write it, and thinking without a signature. */
function canGoBack(block: Block): boolean {
  if (block.type === 'text') return typeof block.text === 'string' && block.text.trim() !== '';
  if (block.type === 'thinking') return typeof block.signature === 'string' && block.signature !== '';
  return true;
}

function shown(type: 'text' | 'thinking', text: unknown): AgentEvent {
  return typeof text === 'string' && text !== '' ? { type, text } : ALIVE;
}
