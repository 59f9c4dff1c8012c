import type { ServerResponse } from 'node:http';
import {
  aRawServer,
  asText,
  aTool,
  type Heard,
  type RawServer,
  sendResult,
  speaks,
} from '../../worker/tools/test-support.ts';

/** How a tool answers a call; what it returns is its result, nothing means that it has answered, or will. */
export type LabTool = (
  args: Record<string, unknown>,
  call: { heard: Heard; response: ServerResponse },
) => unknown;

export type Lab = {
  url: string;
  /** Every request, in order. */
  heard: Heard[];
  /** Of the calls so far: names and arguments, in order. */
  calls(): { name: string; arguments: Record<string, unknown> }[];
  /** @param options.isReadOnly what it says of itself; only so it runs without being asked for */
  set(name: string, answer: LabTool, options?: { isReadOnly?: boolean; description?: string }): void;
  remove(name: string): void;
  /** While it is set, nothing is answered at all. */
  isHanging: boolean;
  close(): Promise<void>;
};

/** A server of tools that does what a test says: it speaks MCP as far as nobody makes it do otherwise. */
export async function startLab(port?: number): Promise<Lab> {
  const tools = new Map<string, { listed: object; answer: LabTool }>();
  const answering = speaks(
    () => [...tools.values()].map(({ listed }) => listed),
    async (heard, response) => {
      const { name, args } = callIn(heard);
      const tool = tools.get(name);
      if (tool === undefined) {
        return sendResult(response, heard.message, { ...asText(`Unknown tool: ${name}`), isError: true });
      }
      const result = await tool.answer(args, { heard, response });
      if (result !== undefined) sendResult(response, heard.message, result);
    },
  );
  const raw: RawServer = await aRawServer((heard, response) => {
    if (!lab.isHanging) return answering(heard, response);
  }, port);
  const lab: Lab = {
    url: raw.url,
    heard: raw.heard,
    calls: () =>
      raw.heard
        .filter(({ message }) => message.method === 'tools/call')
        .map((heard) => ({ name: callIn(heard).name, arguments: callIn(heard).args })),
    set: (name, answer, { isReadOnly = true, description } = {}) => {
      const more = { annotations: { readOnlyHint: isReadOnly }, ...(description && { description }) };
      tools.set(name, { listed: aTool(name, more), answer });
    },
    remove: (name) => {
      tools.delete(name);
    },
    isHanging: false,
    close: raw.close,
  };
  return lab;
}

function callIn({ message: { params } }: Heard): { name: string; args: Record<string, unknown> } {
  const args = params?.arguments;
  const isObject = typeof args === 'object' && args !== null;
  return { name: String(params?.name), args: isObject ? { ...args } : {} };
}

/** A result of plain text. */
export const said = asText;
