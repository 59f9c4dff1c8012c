import type { Tool } from '@modelcontextprotocol/client';

/** One tool as its server lists it, cut to what is used and to sizes that can be kept. Nothing in it is to be trusted. */
export type ListedTool = {
  /** The server's own name of it, whatever its characters. */
  name: string;
  title: string | null;
  description: string;
  inputSchema: Record<string, unknown>;
  /** Absent where the server has none, or one that is not checked against (see {@link toListedTool}). */
  outputSchema?: Record<string, unknown>;
  /** What the server claims; null where it says nothing. */
  readOnlyHint: boolean | null;
  destructiveHint: boolean | null;
};

/** UTF-16 units. */
export const TOOL_BOUNDS = {
  name: 128,
  title: 80,
  description: 2_000,
  /** Of the schema of the arguments, as compact JSON. A schema cannot be cut: a tool with a longer one is left out. */
  schema: 20_000,
} as const;

/** Cuts a text, never inside a surrogate pair, and takes out what no text of people has. */
export function cleanText(text: string, max: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is taken out.
  const clean = text.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '');
  return clean.length <= max ? clean : clean.slice(0, max).replace(/[\ud800-\udbff]$/, '');
}

function sizeOf(value: unknown): number {
  try {
    return JSON.stringify(value)?.length ?? 0;
  } catch {
    // Nested deeper than the stack.
    return Number.POSITIVE_INFINITY;
  }
}

/** A pattern is run by us on what the server sends: one can be made to run for years. */
function hasPattern(schema: unknown): boolean {
  return JSON.stringify(schema).includes('"pattern');
}

/**
 * What is kept of a tool; null where it cannot be offered (its name, or the schema of its arguments, is too long).
 * An output schema is kept only where checking an answer against it is cheap.
 */
export function toListedTool(tool: Tool): ListedTool | null {
  const { name, title, annotations, inputSchema, outputSchema } = tool;
  if (name === '' || name.length > TOOL_BOUNDS.name) return null;
  if (sizeOf(inputSchema) > TOOL_BOUNDS.schema) return null;
  const shownTitle = cleanText(title ?? annotations?.title ?? '', TOOL_BOUNDS.title).trim();
  const isChecked = outputSchema !== undefined && sizeOf(outputSchema) <= TOOL_BOUNDS.schema;
  return {
    name,
    title: shownTitle === '' ? null : shownTitle,
    description: cleanText(tool.description ?? '', TOOL_BOUNDS.description).trim(),
    inputSchema,
    ...(isChecked && !hasPattern(outputSchema) ? { outputSchema } : {}),
    readOnlyHint: annotations?.readOnlyHint ?? null,
    destructiveHint: annotations?.destructiveHint ?? null,
  };
}
