import type { AgentEvent, ToolUse } from './agent.ts';
import { type CallIds, readArguments } from './tool-calls.ts';

/** What of a piece of a call is looked at; every field may be missing or of another type. */
type Piece = { index?: unknown; id?: unknown; function?: unknown };
type Open = { index: number | null; id: string; name: string; json: string };

/**
 * Puts calls together that an OpenAI-style stream sends in pieces. The format says: pieces of one call have the same
 * `index`, and only the first has an id and a name. Servers at home also leave ids or indexes out, repeat id and name
 * in every piece, give every call the index 0, send a call whole, or send its arguments as an object.
 */
export class StreamedCalls {
  readonly #calls: Open[] = [];

  /**
   * @param delta of a chunk's choice, with `tool_calls`, or `function_call` of the format before it
   * @returns what of arguments came with it
   */
  take(delta: unknown): string {
    if (typeof delta !== 'object' || delta === null) return '';
    if ('tool_calls' in delta && Array.isArray(delta.tool_calls) && delta.tool_calls.length > 0) {
      return delta.tool_calls.map((piece: unknown) => (isPiece(piece) ? this.#piece(piece) : '')).join('');
    }
    if ('function_call' in delta && delta.function_call) {
      return this.#piece({ index: 0, function: delta.function_call });
    }
    return '';
  }

  /** The calls in the order in which they began; asked for once, at the end. */
  uses(ids: CallIds): Extract<AgentEvent, { type: 'tool_use' }>[] {
    const calls = this.#calls.filter(({ name, json }) => name !== '' || json !== '');
    return calls.map(({ id, name, json }) => {
      const call: ToolUse = { id: ids.take(id), name, arguments: readArguments(json), raw: json };
      return { type: 'tool_use', call };
    });
  }

  #piece(piece: Piece): string {
    const { name, json } = functionOf(piece.function);
    const index = typeof piece.index === 'number' ? piece.index : null;
    const id = typeof piece.id === 'string' ? piece.id : '';
    const call = this.#callOf(index, id);
    if (call === null || begins(call, id, name, json)) {
      this.#calls.push({ index, id, name, json });
      return json;
    }
    if (call.id === '') call.id = id;
    // A name is repeated by some, and sent in pieces by others.
    if (name !== call.name && call.json === '') call.name += name;
    call.json += json;
    return json;
  }

  /** The call that a piece may go on with: the newest of its index; without an index, of its id; else the newest. */
  #callOf(index: number | null, id: string): Open | null {
    if (index !== null) return this.#calls.findLast((call) => call.index === index) ?? null;
    const named = id === '' ? undefined : this.#calls.findLast((call) => call.id === id);
    return named ?? this.#calls.at(-1) ?? null;
  }
}

/** Whether a piece with a name is a new call, although it came for the place of `call`. */
function begins(call: Open, id: string, name: string, json: string): boolean {
  if (name === '') return false;
  if (id !== '' && call.id !== '' && id !== call.id) return true;
  const isWhole = call.json.trim() !== '' && readArguments(call.json) !== null;
  return isWhole && (json.trimStart().startsWith('{') || name !== call.name);
}

function isPiece(piece: unknown): piece is Piece {
  return typeof piece === 'object' && piece !== null;
}

function functionOf(value: unknown): { name: string; json: string } {
  if (typeof value !== 'object' || value === null) return { name: '', json: '' };
  const name = 'name' in value && typeof value.name === 'string' ? value.name : '';
  const given = 'arguments' in value ? value.arguments : '';
  if (typeof given === 'string') return { name, json: given };
  return { name, json: typeof given === 'object' && given !== null ? JSON.stringify(given) : '' };
}
