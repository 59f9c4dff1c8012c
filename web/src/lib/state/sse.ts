/** What a stream of server-sent events says: the data of an event, or a comment. */
export type SseItem = { kind: 'data' | 'comment'; text: string };

/**
 * Reads server-sent events as H9 sends them (HTML standard 9.2.6): data and comments, no other field means anything.
 * Pieces may end anywhere, inside a character too. Ends when the stream ends; an event that was not closed by an
 * empty line is dropped, as the standard says.
 */
export async function* readSse(stream: ReadableStream<Uint8Array>): AsyncGenerator<SseItem> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  let data: string[] = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines.map((one) => (one.endsWith('\r') ? one.slice(0, -1) : one))) {
        if (line === '') {
          if (data.length > 0) yield { kind: 'data', text: data.join('\n') };
          data = [];
        } else if (line.startsWith(':')) yield { kind: 'comment', text: line.slice(1).trimStart() };
        else if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5));
      }
    }
  } finally {
    // Whoever stops reading has no use for the rest.
    await reader.cancel().catch(() => undefined);
  }
}
