import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';

/** What Ollama reads of a schema has a type that it insists on; the rest it passes over. Source: its api/types.go. */
const propertySchema = z.looseObject({
  type: z.optional(z.union([z.string(), z.array(z.string())])),
  description: z.optional(z.string()),
  enum: z.optional(z.array(z.unknown())),
  anyOf: z.optional(z.array(z.looseObject({}))),
});

export const toolSchema = z.object({
  type: z.string(),
  function: z.object({
    name: z.string(),
    description: z.optional(z.string()),
    parameters: z.looseObject({
      type: z.string(),
      properties: z.record(z.string(), propertySchema),
      required: z.optional(z.array(z.string())),
    }),
  }),
});
export type OllamaTool = z.infer<typeof toolSchema>;

/** Arguments are an object here, not text: Ollama refuses a request in which they are text. */
export const callSchema = z.object({
  id: z.optional(z.string()),
  function: z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()) }),
});

/** A call as Ollama sends it: whole, its place among the answer's calls inside of `function`. */
export type OllamaCall = {
  id: string;
  function: { index: number; name: string; arguments: Record<string, unknown> };
};

const TAG = '<tool_call>';
const writtenSchema = z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()) });

/**
 * Takes calls out of what a model writes, as Ollama does for a template that marks them with `<tool_call>`: text passes
 * until the mark, and from there on nothing but whole calls of tools that were offered. Source: Ollama's tools/tools.go.
 */
export class ToolParser {
  readonly #names: Set<string>;
  #held = '';
  #isCalling = false;
  #calls = 0;

  constructor(tools: readonly OllamaTool[]) {
    this.#names = new Set(tools.map((tool) => tool.function.name));
  }

  add(text: string): { text: string; calls: OllamaCall[] } {
    this.#held += text;
    let shown = '';
    if (!this.#isCalling) {
      const at = this.#held.indexOf(TAG);
      const keep = at === -1 ? overlap(this.#held) : this.#held.length - at;
      shown = this.#held.slice(0, this.#held.length - keep);
      this.#held = this.#held.slice(shown.length);
      this.#isCalling = at !== -1;
    }
    return { text: shown, calls: this.#isCalling ? this.#take() : [] };
  }

  /** The text is over: what was held back and is no call. */
  end(): string {
    return this.#calls === 0 ? this.#held : '';
  }

  #take(): OllamaCall[] {
    const calls: OllamaCall[] = [];
    for (;;) {
      const start = this.#held.indexOf('{');
      const found = start === -1 ? null : objectAt(this.#held, start);
      if (found === null) return calls;
      this.#held = this.#held.slice(found.end);
      const written = z.safeParse(writtenSchema, found.value);
      if (!written.success || !this.#names.has(written.data.name)) continue;
      // As Ollama makes them.
      const id = `call_${randomBytes(4).toString('hex')}`;
      calls.push({ id, function: { index: this.#calls++, ...written.data } });
    }
  }
}

/** How much at the end of a text may be the beginning of the mark. */
function overlap(text: string): number {
  for (let length = Math.min(text.length, TAG.length); length > 0; length--) {
    if (text.endsWith(TAG.slice(0, length))) return length;
  }
  return 0;
}

function objectAt(text: string, start: number): { value: unknown; end: number } | null {
  for (let end = text.indexOf('}', start) + 1; end > 0; end = text.indexOf('}', end) + 1) {
    try {
      return { value: JSON.parse(text.slice(start, end)), end };
    } catch {
      // Not closed yet.
    }
  }
  return null;
}
