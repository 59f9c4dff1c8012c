import {
  createMcpHandler,
  fromJsonSchema,
  type McpHttpHandler,
  McpServer,
} from '@modelcontextprotocol/server';
import type { Control } from '../control.ts';
import type { Exchange } from '../exchange.ts';
import { addChanges } from './changes.ts';
import { buildInventory } from './inventory.ts';
import { objectPage } from './page.ts';
import { QueryError } from './query.ts';
import { NETBOX_TOOLS, type NetBox, type NetBoxTool } from './tools.ts';

/** The simulated NetBox: its MCP server at `/mcp`, and a plain page for every object at the address that it carries. */
export class NetBoxService {
  readonly #base: string;
  readonly #now: () => Date;
  readonly #control: Pick<Control, 'netboxWritable' | 'resets' | 'states'>;
  readonly #mcp: McpHttpHandler;
  #netbox: NetBox;
  #resets: number;

  /** @param base its address, without a slash at its end */
  constructor(base: string, now: () => Date, control: Pick<Control, 'netboxWritable' | 'resets' | 'states'>) {
    this.#base = base;
    this.#now = now;
    this.#control = control;
    this.#resets = control.resets;
    this.#netbox = this.#fresh();
    this.#mcp = createMcpHandler(() => this.#server());
  }

  async handle(exchange: Exchange, path: string): Promise<void> {
    if (this.#resets !== this.#control.resets) {
      this.#resets = this.#control.resets;
      this.#netbox = this.#fresh();
    }
    if (path === '/mcp') {
      if (this.#control.states.netbox !== 'bad_key' && !exchange.key?.includes('invalid'))
        return this.#answer(exchange);
      return exchange.json(401, { error: 'invalid_token' });
    }
    const page = exchange.method === 'GET' ? objectPage(this.#netbox, path) : null;
    if (page === null) exchange.send(404, 'text/plain; charset=utf-8', 'There is no such object.');
    else exchange.send(200, 'text/html; charset=utf-8', page);
  }

  #fresh(): NetBox {
    const store = buildInventory();
    addChanges(store, this.#now());
    return { store, base: this.#base, now: this.#now };
  }

  async #answer(exchange: Exchange): Promise<void> {
    const headers = new Headers();
    for (const name of [
      'accept',
      'content-type',
      'mcp-session-id',
      'mcp-protocol-version',
      'mcp-method',
      'mcp-name',
    ]) {
      const value = exchange.header(name);
      if (value !== null) headers.set(name, value);
    }
    const gone = new AbortController();
    exchange.onClose(() => gone.abort());
    const { method } = exchange;
    const response = await this.#mcp.fetch(
      new Request(`${this.#base}/mcp`, {
        method,
        headers,
        signal: gone.signal,
        ...(method === 'POST' ? { body: exchange.body } : {}),
      }),
    );
    await exchange.pipe(response);
  }

  #server(): McpServer {
    const server = new McpServer({ name: 'Simulated NetBox', version: '1.0.0' });
    for (const tool of NETBOX_TOOLS) {
      if (tool.writes && !this.#control.netboxWritable) continue;
      const { name, title, description, writes } = tool;
      server.registerTool(
        name,
        {
          title,
          description,
          inputSchema: fromJsonSchema<Record<string, unknown>>(tool.inputSchema),
          annotations: { readOnlyHint: !writes, destructiveHint: writes, openWorldHint: false },
        },
        (args) => this.#run(tool, args),
      );
    }
    return server;
  }

  #run(tool: NetBoxTool, args: Record<string, unknown>) {
    try {
      const result = tool.run(args, this.#netbox);
      return {
        content: [{ type: 'text' as const, text: JSON.stringify(result) }],
        structuredContent: result,
      };
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      return { content: [{ type: 'text' as const, text: error.message }], isError: true };
    }
  }
}
