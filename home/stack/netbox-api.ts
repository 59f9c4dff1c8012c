import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { addChanges } from '../../simulator/netbox/changes.ts';
import { buildInventory } from '../../simulator/netbox/inventory.ts';
import { QueryError } from '../../simulator/netbox/query.ts';
import { ENDPOINTS } from '../../simulator/netbox/store.ts';
import { NETBOX_TOOLS } from '../../simulator/netbox/tools.ts';

export type NetBoxApi = {
  url: string;
  token: string;
  /** Path and query of each request, oldest first. */
  asked: string[];
  close(): Promise<void>;
};

/** As NetBox puts it: a list repeats its parameter, everything is text. */
function argumentsOf(query: URLSearchParams): Record<string, unknown> {
  const filters: Record<string, unknown> = {};
  const args: Record<string, unknown> = { filters };
  for (const name of new Set(query.keys())) {
    const values = query.getAll(name);
    if (name === 'limit' || name === 'offset') args[name] = Number(values[0]);
    else if (name === 'fields') args.fields = values[0]?.split(',');
    else if (name === 'ordering') args.ordering = values[0]?.split(',');
    else filters[name] = values.length > 1 ? values : values[0];
  }
  return args;
}

/** A stand-in for NetBox's REST API with the data set of the simulator: lists, single objects, the changelog. */
export async function startNetBoxApi(token: string): Promise<NetBoxApi> {
  const store = buildInventory();
  addChanges(store, new Date());
  const asked: string[] = [];
  let url = '';
  const run = (name: string, args: Record<string, unknown>) => {
    const tool = NETBOX_TOOLS.find((one) => one.name === name);
    if (tool === undefined) throw new Error(`The simulator has no tool ${name}.`);
    return tool.run(args, { store, base: url, now: () => new Date() });
  };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://netbox');
    asked.push(request.url ?? '');
    const send = (status: number, body: unknown) => {
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (request.headers.authorization !== `Token ${token}`) return send(403, { detail: 'Invalid token' });
    const [, endpoint, id] = /^\/api\/([a-z]+\/[a-z-]+)\/(?:(\d+)\/)?$/.exec(pathname) ?? [];
    const type = Object.entries(ENDPOINTS).find(([, path]) => path === endpoint)?.[0];
    if (type === undefined) return send(404, { detail: 'Not found.' });
    try {
      const args = argumentsOf(searchParams);
      if (endpoint === 'core/object-changes') {
        return send(200, run('netbox_get_changelogs', { filters: Object.fromEntries(searchParams) }));
      }
      if (id === undefined) return send(200, run('netbox_get_objects', { ...args, object_type: type }));
      return send(
        200,
        run('netbox_get_object_by_id', { object_type: type, object_id: Number(id), fields: args.fields }),
      );
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      return send(400, { detail: error.message });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    token,
    asked,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
