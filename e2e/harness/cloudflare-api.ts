import { createServer, type IncomingMessage, type Server } from 'node:http';
import * as z from 'zod/mini';

/** What wrangler says about a Worker that it uploads: the first part of its form. */
const metadataSchema = z.object({
  bindings: z.array(z.looseObject({ name: z.string(), type: z.string(), text: z.optional(z.string()) })),
  migrations: z.optional(z.object({ new_tag: z.string(), old_tag: z.optional(z.string()) })),
  keep_bindings: z.optional(z.array(z.string())),
  compatibility_date: z.string(),
});
type Metadata = z.infer<typeof metadataSchema>;

export type CloudflareApi = {
  /** For `CLOUDFLARE_API_BASE_URL`. */
  url: string;
  /** `METHOD /path` of every request so far, without the account. */
  asked: string[];
  /** Of every upload so far. */
  uploads: Metadata[];
  /** Makes the uploads fail from now on. */
  refuseUploads(): void;
  close(): void;
};

const ACCOUNT = '/client/v4/accounts/acc';

/** The environment of somebody who deploys there: a token, and nothing of the person who runs the test. */
export function deployerEnvironment(api: Pick<CloudflareApi, 'url'>, home: string): Record<string, string> {
  return {
    CLOUDFLARE_API_BASE_URL: api.url,
    CLOUDFLARE_API_TOKEN: 'token',
    CLOUDFLARE_ACCOUNT_ID: 'acc',
    WRANGLER_SEND_METRICS: 'false',
    HOME: home,
    XDG_CONFIG_HOME: home,
    TMPDIR: home,
    CI: 'true',
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) if (piece instanceof Buffer) pieces.push(piece);
  return Buffer.concat(pieces).toString('latin1');
}

function metadataOf(form: string): Metadata {
  const json = /name="metadata"\r\n(?:[^\r\n]+\r\n)*\r\n(.+?)\r\n--/s.exec(form)?.[1] ?? 'null';
  return z.parse(metadataSchema, JSON.parse(json));
}

/**
 * As much of Cloudflare's API as the real `wrangler deploy` asks for one Worker, which is remembered. Secrets stay when
 * an upload does not name them, as `keep_bindings` asks.
 */
export async function startCloudflareApi(): Promise<CloudflareApi> {
  const asked: string[] = [];
  const uploads: Metadata[] = [];
  let bindings: Metadata['bindings'] | null = null;
  let tag: string | undefined;
  let refuses = false;

  const answer = (method: string, path: string, body: string): unknown => {
    const worker = /^\/workers\/scripts\/[\w-]+/.exec(path)?.[0] ?? '/none';
    const rest = path.slice(worker.length);
    if (path.startsWith('/storage/kv/namespaces'))
      return method === 'POST' ? { id: 'f'.repeat(32), title: 'health-cache' } : [];
    if (path === '/workers/subdomain') return { subdomain: 'you' };
    if (path.startsWith('/workers/workers/'))
      return { id: 'w', subdomain: { enabled: true, previews_enabled: false } };
    if (rest.startsWith('/assets-upload-session')) return { jwt: 'jwt', buckets: [] };
    if (rest.startsWith('/subdomain')) return { enabled: true, previews_enabled: false };
    if (method === 'PUT' && rest === '') {
      if (refuses) return null;
      const metadata = metadataOf(body);
      uploads.push(metadata);
      const kept = (bindings ?? []).filter(
        ({ name, type }) =>
          metadata.keep_bindings?.includes(type) && !metadata.bindings.some((one) => one.name === name),
      );
      bindings = [...metadata.bindings, ...kept];
      tag = metadata.migrations?.new_tag ?? tag;
      return { id: 'netbox-chatbox', etag: 'e', tag: 't', deployment_id: 'version-1', startup_time_ms: 10 };
    }
    if (bindings === null) return null;
    const shown = bindings.map(({ text, ...one }) => (one.type === 'secret_text' ? one : { ...one, text }));
    if (rest.startsWith('/deployments'))
      return { deployments: [{ id: 'd', versions: [{ version_id: 'version-1', percentage: 100 }] }] };
    if (rest.startsWith('/versions'))
      return { id: 'version-1', metadata: {}, resources: { bindings: shown } };
    if (rest.startsWith('/secrets')) return shown.filter(({ type }) => type === 'secret_text');
    if (rest.startsWith('/settings')) return { bindings: shown, migration_tag: tag };
    if (path.startsWith('/workers/services/'))
      return {
        default_environment: {
          environment: 'production',
          script: { tag: 't', last_deployed_from: 'wrangler' },
        },
      };
    if (path.startsWith('/workers/scripts')) return [{ id: 'netbox-chatbox', migration_tag: tag }];
    return null;
  };

  const server: Server = createServer(async (request, response) => {
    const method = request.method ?? 'GET';
    const path = (request.url ?? '').replace(ACCOUNT, '').replace(/\?.*/, '');
    asked.push(`${method} ${path}`);
    const result = answer(method, path, await bodyOf(request));
    const errors =
      result === null ? [{ code: 10007, message: 'This Worker does not exist on your account.' }] : [];
    const page = { page: 1, per_page: 100, count: 1, total_count: 1, total_pages: 1 };
    response
      .writeHead(result === null ? 404 : 200, { 'Content-Type': 'application/json' })
      .end(JSON.stringify({ success: result !== null, errors, messages: [], result, result_info: page }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/client/v4`,
    asked,
    uploads,
    refuseUploads: () => {
      refuses = true;
    },
    close: () => server.close(),
  };
}
