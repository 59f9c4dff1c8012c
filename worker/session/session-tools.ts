import type { Sql } from '../archive/sql.ts';
import { findGrant, grantKey } from '../archive/tools.ts';
import type { ToolServerConfig } from '../config-tools.ts';
import type { Visitor } from '../guard/visitor.ts';
import type { ModelEntry } from '../models/types.ts';
import { createPrintedCalls } from '../tools/printed-calls.ts';
import type { ToolRunner } from '../tools/tool-runner.ts';
import type { ToolVerdicts } from '../tools/tool-verdicts.ts';
import { type OfferedTool, steadyToolbox } from '../tools/toolbox.ts';
import { toolTokens } from './context.ts';
import type { RunTools } from './tool-round.ts';

/** What a session knows of tools; `runner` null where no server is set. */
export type ToolSettings = {
  runner: Pick<ToolRunner, 'toolbox' | 'call' | 'close'> | null;
  servers: readonly ToolServerConfig[];
  rounds: number;
  resultChars: number;
  verdicts: Pick<ToolVerdicts, 'stateOf' | 'findOut'>;
  /** Asks a local model to call a tool that is there for nothing else. */
  probe: (entry: ModelEntry, payer: Visitor) => Promise<boolean | null>;
};

/** The tools of one session. What a conversation was offered before is changed as little as can be: prompts stay cached. */
export class SessionTools {
  readonly #settings: ToolSettings;
  readonly #sql: Sql;
  readonly #newId: () => string;
  #before: { conversation: string; tools: readonly OfferedTool[] } | null = null;

  constructor(settings: ToolSettings, sql: Sql, newId: () => string) {
    this.#settings = settings;
    this.#sql = sql;
    this.#newId = newId;
  }

  /** Of what was offered last, by our guess; 0 before anything was. */
  get tokens(): number {
    return toolTokens(this.#before?.tools ?? []);
  }

  forRun(conversation: string, connectionId: string): RunTools {
    const { runner, servers, rounds, resultChars } = this.#settings;
    return {
      offer: (entry, signal) => this.#offer(conversation, entry, signal),
      again: (tools) =>
        tools.map((tool) => {
          const mode = servers.find(({ name }) => name === tool.server)?.mode;
          return { ...tool, readOnly: tool.readOnly && mode === 'read' };
        }),
      call: async (tool, args, { signal, chars }) => {
        if (runner === null) return NOBODY;
        const { ok, content, truncated, durationMs } = await runner.call(tool, args, {
          signal,
          connectionId,
          chars,
        });
        return { ok, content, truncated, duration_ms: durationMs };
      },
      grant: ({ server, name }) => findGrant(this.#sql, conversation, grantKey(server, name)),
      printed: (offered) =>
        offered.length === 0
          ? null
          : createPrintedCalls(new Set(offered.map(({ name }) => name)), () => `call_${this.#newId()}`),
      rounds,
      resultChars,
    };
  }

  /**
   * Finds out, once, whether a local model can use tools: when it is in memory, and nobody waits for it.
   * @returns whether something new is known
   */
  async findOut(entry: ModelEntry, payer: Visitor): Promise<boolean> {
    const { runner, verdicts, probe } = this.#settings;
    return runner !== null && (await verdicts.findOut(entry, () => probe(entry, payer)));
  }

  /** No run is at work: nothing is kept open at the servers. */
  async close(): Promise<void> {
    await this.#settings.runner?.close();
  }

  async #offer(
    conversation: string,
    entry: ModelEntry,
    signal: AbortSignal,
  ): Promise<readonly OfferedTool[]> {
    const { runner, servers, verdicts } = this.#settings;
    const state = verdicts.stateOf(entry);
    if (runner === null || state === 'unsupported' || state === 'failed') return [];
    const now = await runner.toolbox(signal);
    const before = this.#before?.conversation === conversation ? this.#before.tools : [];
    const { tools } = steadyToolbox(before, now, servers);
    this.#before = { conversation, tools };
    return tools;
  }
}

const NOBODY = { ok: false, content: 'No tool server is set any more.', truncated: false, duration_ms: 0 };
