import type { ToolUse } from './agent.ts';

/** What both providers take as the id of a call. Anthropic's pattern; the length is what OpenAI's servers bear. */
const VALID_ID = /^[a-zA-Z0-9_-]{1,64}$/;
const BAD_IN_NAME = /[^a-zA-Z0-9_-]/g;
const LONGEST_NAME = 64;
/** Of arguments that are no JSON: enough for the model to see what it did, UTF-16 units. */
const MOST_OF_BAD_JSON = 2_000;

/**
 * The arguments of a call as a provider streamed them. Nothing at all means no arguments; everything else has to be
 * JSON of an object.
 * @returns null for a cut or malformed call
 */
export function readArguments(raw: string): Record<string, unknown> | null {
  if (raw.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

/**
 * The arguments as they go back to a provider, which takes objects only. What could not be read is shown to the model
 * under the key that Anthropic's guide to streamed arguments proposes.
 */
export function argumentsToSend(call: Pick<ToolUse, 'arguments' | 'raw'>): Record<string, unknown> {
  return call.arguments ?? { INVALID_JSON: call.raw.slice(0, MOST_OF_BAD_JSON) };
}

/** A name that both providers take back: a model may have made up one that neither does. */
export function nameToSend(name: string): string {
  return name.replace(BAD_IN_NAME, '_').slice(0, LONGEST_NAME) || 'unnamed';
}

/**
 * Hands out the ids of calls: the provider's own where it is valid and new. Local servers leave ids out or begin again
 * with `call_0` in every round, and Anthropic refuses a conversation in which one stands twice.
 */
export class CallIds {
  readonly #taken = new Set<string>();
  #count = 0;

  /** @param wanted the provider's, if it gave one */
  take(wanted: unknown): string {
    let id = typeof wanted === 'string' && VALID_ID.test(wanted) ? wanted : this.#next();
    while (this.#taken.has(id)) id = this.#next();
    this.#taken.add(id);
    return id;
  }

  /** For a call whose block goes back unchanged. */
  keep(id: string): string {
    this.#taken.add(id);
    return id;
  }

  #next(): string {
    return `call_${++this.#count}`;
  }
}
