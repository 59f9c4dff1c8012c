import * as z from 'zod/mini';
import { type ErrorCode, errorCodeSchema } from '#lib/wire.ts';

/** A request that the server refused or that never arrived; `code` is `internal` where nobody said. */
export class ApiError extends Error {
  readonly code: ErrorCode;
  /** When it may be tried again, ms from its arrival; null where waiting is not what helps. */
  readonly retryAfterMs: number | null;

  constructor(code: ErrorCode, message: string, retryAfterMs: number | null = null) {
    super(message);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** What a person is told about a failed request. */
export function messageOf(error: unknown): string {
  return error instanceof ApiError ? error.message : 'It could not be loaded.';
}

/** Says `out` when a request was refused because nobody is signed in any more. */
export const signedOut = new EventTarget();

export function tellSignedOut(): void {
  signedOut.dispatchEvent(new Event('out'));
}

/** The part of an error body (H8) that people are told; other fields are for logs. */
const errorBody = z.object({
  error: z.object({
    code: errorCodeSchema,
    message: z.string(),
    retry_after_ms: z.optional(z.number()),
  }),
});

/** A request without an answer by then is given up, so that it can be tried again. */
const PATIENCE_MS = 20_000;

/** @throws {ApiError} in the server's own words where it has said any */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS), ...init });
  } catch {
    throw new ApiError('internal', 'The server cannot be reached.');
  }
  if (response.ok) return response;
  const body = z.safeParse(errorBody, await response.json().catch(() => null));
  if (body.success) {
    const { code, message, retry_after_ms } = body.data.error;
    if (code === 'unauthorized') tellSignedOut();
    throw new ApiError(code, message, retry_after_ms ?? null);
  }
  throw new ApiError(
    response.status === 503 ? 'not_configured' : 'internal',
    `The server answered ${response.status}.`,
  );
}

/** The body of an answer, as the schema wants it. @throws {ApiError} */
export async function read<T extends z.ZodMiniType>(
  path: string,
  schema: T,
  init?: RequestInit,
): Promise<z.infer<T>> {
  const response = await request(path, init);
  const parsed = z.safeParse(schema, await response.json().catch(() => null));
  if (!parsed.success) throw new ApiError('internal', 'The server sent something unexpected.');
  return parsed.data;
}

export function bearer(sessionId: string): RequestInit {
  return { headers: { authorization: `Bearer ${sessionId}` } };
}
