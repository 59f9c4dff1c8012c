/** A tool as a request offers it. */
export type OfferedTool = {
  name: string;
  /** JSON Schema of an object. */
  schema: Record<string, unknown>;
};

/** A call of this run and what came of it. */
export type AskedCall = { name: string; arguments: unknown; ok: boolean; content: string };

/** What the simulated model may use: the tools, and the rounds of calls since the question. */
export type Asked = {
  question: string;
  tools: readonly OfferedTool[];
  rounds: readonly AskedCall[][];
  now: Date;
  /** It has a small context, and asks for little. */
  isSmall: boolean;
};

/** A call that the simulated model makes; the JSON goes out as it is, good or bad. */
export type MadeCall = { name: string; json: string };

/** The offered tool of that name; servers put a prefix before it, and so may the chat. */
export function findTool(tools: readonly OfferedTool[], name: string): OfferedTool | null {
  return tools.find((tool) => tool.name === name || tool.name.endsWith(`_${name}`)) ?? null;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
