import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Asked, Upstream } from '../harness/upstream.ts';

/** What an upstream knows and a careless program would pass on: keys, its own address, the question. */
function gossip({ headers, question }: Pick<Asked, 'headers' | 'question'>, url: string): string {
  return `key ${keyOf(headers)}, at ${url}, asked "${question}", ${JSON.stringify(headers)}`;
}

function keyOf(headers: IncomingHttpHeaders): string {
  return String(headers['x-api-key'] ?? headers.authorization ?? '');
}

/** Everything that was said, in every place where a response has room for it. */
function loud(response: ServerResponse, status: number, type: string, said: string, body: string): void {
  const line = said.replace(/[^\x20-\x7e]/g, '?').slice(0, 2_000);
  response.writeHead(status, `Refused ${line.slice(0, 200)}`, {
    'content-type': type,
    'x-said': line,
    'request-id': line,
    'www-authenticate': `Bearer realm="${line.replaceAll('"', '')}"`,
    'set-cookie': `said=${encodeURIComponent(line)}`,
    'retry-after': '0',
    'x-should-retry': 'false',
  });
  response.end(body);
}

export const STATUSES = [400, 401, 402, 403, 404, 413, 422, 429, 500, 502, 503, 529] as const;
export const TRICKS = [
  'event',
  'late event',
  'page',
  'redirect',
  'half a line',
  'no json',
  'odd fields',
] as const;

/**
 * Makes the upstream answer a question that contains `status <n>` or `trick <name>` with a fault that repeats all that
 * it knows.
 */
export function makeTelltale(upstream: Upstream): void {
  for (const status of STATUSES) {
    upstream.on(`status ${status}.`, ({ response }, asked) => {
      const said = gossip(asked, upstream.url);
      const error = { message: said, type: said, param: said, code: said };
      loud(
        response,
        status,
        'application/json',
        said,
        JSON.stringify({ type: 'error', error, request_id: said }),
      );
    });
  }
  const trick = (name: (typeof TRICKS)[number], run: Parameters<Upstream['on']>[1]) =>
    upstream.on(`trick ${name}.`, run);
  const faultEvent = (asked: Asked): string => {
    const said = gossip(asked, upstream.url);
    const error = { message: said, type: said, code: said };
    return asked.path === '/v1/messages'
      ? `event: error\ndata: ${JSON.stringify({ type: 'error', error })}\n\n`
      : `data: ${JSON.stringify({ error })}\n\n`;
  };
  trick('event', (stream, asked) => {
    stream.start();
    stream.response.end(faultEvent(asked));
  });
  trick('late event', (stream, asked) => {
    stream.start();
    stream.text('a beginning');
    stream.response.end(faultEvent(asked));
  });
  trick('page', ({ response }, asked) => {
    const said = gossip(asked, upstream.url);
    loud(response, 200, 'text/html', said, `<!doctype html><title>${said}</title>${said}`);
  });
  trick('redirect', ({ response }, asked) => {
    const said = gossip(asked, upstream.url);
    response.writeHead(302, {
      location: `${upstream.url}/login?said=${encodeURIComponent(said)}`,
      'x-said': encodeURIComponent(said),
    });
    response.end(said);
  });
  trick('half a line', (stream, asked) => {
    stream.start();
    stream.response.end(`event: content_block_delta\ndata: {"type":"${gossip(asked, upstream.url)}`);
  });
  trick('no json', (stream, asked) => {
    stream.start();
    stream.response.end(`data: ${gossip(asked, upstream.url)}\n\n`);
  });
  trick('odd fields', (stream, asked) => {
    const said = gossip(asked, upstream.url);
    stream.start();
    stream.response.write(
      `event: ${said.replace(/\n/g, ' ')}\ndata: ${JSON.stringify({ type: said, delta: { type: said, stop_reason: said } })}\n\n`,
    );
    stream.text('an answer');
    stream.end();
  });
}
