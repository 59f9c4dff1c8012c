import type { CallToolResult } from '@modelcontextprotocol/client';
import type { ToolsConfig } from '../config-tools.ts';
import { describeFault, type Telemetry } from '../telemetry/telemetry.ts';
import { faultOf, ToolFault, type ToolFaultKind } from './fault.ts';
import type { Fetch } from './guarded-fetch.ts';
import type { ListedTool } from './listed-tool.ts';
import { createMcpServer, LIST_FRESH_MS, type McpServer } from './mcp-server.ts';
import { withoutSecrets } from './redact.ts';
import { cutResult, type ToolText, toToolText } from './result.ts';
import { memoryOf, type ToolMemory } from './tool-memory.ts';
import { buildToolbox, isAllowed, type OfferedTool, type Toolbox } from './toolbox.ts';
import { within } from './within.ts';

/** A chat waits no longer for a server to say what it has. Milliseconds. */
const TOOLBOX_MS = 2_000;
/** After a failure it is not waited for again so soon; it is asked all the same. */
const DOWN_MS = 30_000;

/** A list that is younger is believed, whatever a call came to. */
const DOUBT_MS = 30_000;

export type ToolOutcome = ToolText & { durationMs: number };

export type CallContext = {
  signal: AbortSignal;
  /** Random id of the socket, for the log (CONTRACT 5). */
  connectionId: string;
  /** The most that this result may have, where that is less than TOOL_RESULT_CHARS. UTF-16 units. */
  chars?: number;
};

/** Tools of all servers, for one session. */
export type ToolRunner = {
  /** What there is, for one run. Waits about 2 s at most; what has not answered by then is `missing`. Never rejects. */
  toolbox(signal: AbortSignal): Promise<Toolbox>;
  /**
   * Makes one call, of a tool of whichever toolbox. Never throws: what goes wrong is a result that a model can react
   * to, in plain words, with no address and no secret in it.
   */
  call(tool: OfferedTool, args: Record<string, unknown>, context: CallContext): Promise<ToolOutcome>;
  /** Ends what is open at the servers, for the end of a run; the next use begins anew. Never rejects. */
  close(): Promise<void>;
};

export type ToolRunnerDeps = {
  tools: ToolsConfig;
  /** Keys what is remembered. */
  configHash: string;
  /** What the isolate knows of the servers. */
  memory: ToolMemory;
  fetch: Fetch;
  telemetry: Telemetry;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** How long a chat waits for a server to say what it has. Milliseconds. */
  waitMs?: number;
};

/** What a model is told of a call that did not come to a result. */
function sentenceOf({ kind, words }: ToolFault, server: string, timeoutMs: number): string {
  const who = `The tool server "${server}"`;
  const sentences: Record<ToolFaultKind, string> = {
    aborted: 'The call was stopped.',
    timeout: `${who} did not answer within ${Math.round(timeoutMs / 1000)} seconds. A smaller question may be quicker.`,
    unreachable: `${who} cannot be reached at the moment.`,
    denied: `${who} refuses access: its operator has to look at the token.`,
    not_found: `${who} is not at its address any more: its operator has to look at it.`,
    elsewhere: `${who} redirects elsewhere, which is not followed.`,
    too_large: `The answer of ${who.replace('The', 'the')} is too large to be read. Ask for less at once: fewer fields, a narrower filter, a smaller limit.`,
    died: `${who} broke off before its answer was complete.`,
    garbage: `${who} sent something that is not an answer.`,
    failing: `${who} has a fault at the moment.`,
    refused: words === '' ? `${who} refused the call.` : `${who} refused the call: ${words}`,
  };
  return sentences[kind];
}

export function createToolRunner(deps: ToolRunnerDeps): ToolRunner {
  const { tools, configHash, memory, now, telemetry, waitMs = TOOLBOX_MS } = deps;
  const servers = new Map<string, McpServer>(
    tools.servers
      .filter(({ mode }) => mode !== 'off')
      .map((config) => [
        config.name,
        createMcpServer(config, { fetch: deps.fetch, now, memory: memoryOf(memory, configHash, config) }),
      ]),
  );
  const secrets = tools.servers.flatMap(({ token, headers }) => [token, ...Object.values(headers)]);

  async function toolsOf(server: McpServer, signal: AbortSignal): Promise<ListedTool[] | null> {
    const { list, asked } = server.memory;
    if (list !== null && now() - list.at < LIST_FRESH_MS) return list.tools;
    const isDown = asked !== null && asked.fault !== null && now() - asked.at < DOWN_MS;
    // Not under the caller's signal: what comes too late for this run is there for the next.
    const asking = server.listTools();
    return within(asking, isDown ? 0 : waitMs, signal).catch(() => null);
  }

  async function perform(
    tool: OfferedTool,
    args: Record<string, unknown>,
    signal: AbortSignal,
  ): Promise<CallToolResult> {
    const server = servers.get(tool.server);
    if (server === undefined || !isAllowed(server.config, tool.tool)) {
      throw new ToolFault('refused', { words: `the tool "${tool.name}" is not allowed here.` });
    }
    const known = server.memory.list?.tools.find(({ name }) => name === tool.tool);
    const listed: ListedTool = known ?? {
      name: tool.tool,
      title: tool.title,
      description: tool.description,
      inputSchema: tool.inputSchema,
      readOnlyHint: null,
      destructiveHint: null,
    };
    const options = { signal, timeoutMs: tools.timeoutMs, mayRepeat: tool.readOnly };
    const { list } = server.memory;
    // It may have other tools by now, and not have said so; next time it is asked.
    const doubt = () => {
      if (list !== null && now() - list.at >= DOUBT_MS) list.at = Number.NEGATIVE_INFINITY;
    };
    try {
      const result = await server.callTool(listed, args, options);
      if (result.isError) doubt();
      return result;
    } catch (error) {
      doubt();
      throw error;
    }
  }

  return {
    toolbox: async (signal) => {
      const known = await Promise.all(
        tools.servers.map(async (config) => {
          const server = servers.get(config.name);
          return { server: config, tools: server === undefined ? [] : await toolsOf(server, signal) };
        }),
      );
      const toolbox = buildToolbox(known);
      return {
        ...toolbox,
        tools: toolbox.tools
          // A name has to stay as it is, so one with a secret in it is not offered.
          .filter(({ tool }) => withoutSecrets(tool, secrets) === tool)
          .map(({ title, description, inputSchema, ...tool }) => ({
            ...tool,
            ...withoutSecrets({ title, description, inputSchema }, secrets),
          })),
      };
    },
    call: async (tool, args, { signal, connectionId, chars = tools.resultChars }) => {
      const started = now();
      const most = Math.min(chars, tools.resultChars);
      let text: ToolText;
      let fault: ToolFaultKind | null = null;
      try {
        // Before it is cut: half a secret is one too many.
        text = toToolText(withoutSecrets(await perform(tool, args, signal), secrets), most);
      } catch (error) {
        const known = faultOf(error, signal);
        fault = known.kind;
        if (!(error instanceof ToolFault) && !signal.aborted) {
          telemetry({ event: 'internal_error', where: 'tools', error: describeFault(error) });
        }
        const sentence = withoutSecrets(sentenceOf(known, tool.server, tools.timeoutMs), secrets);
        text = { ok: false, ...cutResult(sentence, most) };
      }
      const durationMs = now() - started;
      telemetry({
        event: 'tool_call',
        server: tool.server,
        tool: tool.name,
        connection_id: connectionId,
        ok: text.ok,
        fault,
        truncated: text.truncated,
        chars: text.content.length,
        duration_ms: durationMs,
      });
      return { ...text, durationMs };
    },
    close: async () => {
      await Promise.all([...servers.values()].map((server) => server.close().catch(() => {})));
    },
  };
}
