import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import * as z from 'zod/mini';

const messageSchema = z.object({
  method: z.optional(z.string()),
  id: z.optional(z.union([z.string(), z.number()])),
  params: z.optional(z.record(z.string(), z.unknown())),
});

/** One request for a server of tools, as it went over the wire. */
export type Passed = {
  /** Of HTTP. */
  method: string;
  headers: IncomingHttpHeaders;
  message: z.infer<typeof messageSchema>;
  /** Resolves when the connection of this request is gone, however. */
  closed: Promise<void>;
};

export type Recorder = {
  /** With the target's path. */
  url: string;
  passed: Passed[];
  /** Of the calls of tools that have passed: names and arguments, in order. */
  calls(): { name: string; arguments: unknown }[];
  close(): Promise<void>;
};

/** Stands before a server of tools that the project did not write, and sees what it is sent. */
export async function startRecorder(target: string): Promise<Recorder> {
  const passed: Passed[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
    const body = Buffer.concat(chunks);
    const { method = 'GET', headers } = incoming;
    passed.push({
      method,
      headers,
      message: body.length === 0 ? {} : messageSchema.parse(JSON.parse(String(body))),
      closed: new Promise((resolve) => response.once('close', resolve)),
    });
    const onward = request(
      target,
      { method, headers: { ...headers, host: new URL(target).host } },
      (reply) => {
        response.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(response);
        reply.on('error', () => response.destroy());
      },
    );
    onward.on('error', () => response.destroy());
    response.once('close', () => onward.destroy());
    onward.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}${new URL(target).pathname}`,
    passed,
    calls: () =>
      passed.flatMap(({ message: { method, params } }) =>
        method === 'tools/call' ? [{ name: String(params?.name), arguments: params?.arguments }] : [],
      ),
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
