export type BodyText = { ok: true; text: string } | { ok: false; fault: 'too_big' | 'unreadable' };

/**
 * The body of a request as text, never holding more than `maxBytes` of it: a length that is announced is believed
 * when it is too much, and never when it is not. What is not UTF-8, or breaks off, is unreadable.
 */
export async function readText(request: Request, maxBytes: number): Promise<BodyText> {
  if (Number(request.headers.get('Content-Length') ?? 0) > maxBytes) return { ok: false, fault: 'too_big' };
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
  let text = '';
  let bytes = 0;
  try {
    for await (const chunk of request.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) return { ok: false, fault: 'too_big' };
      text += decoder.decode(chunk, { stream: true });
    }
    return { ok: true, text: text + decoder.decode() };
  } catch {
    return { ok: false, fault: 'unreadable' };
  }
}
