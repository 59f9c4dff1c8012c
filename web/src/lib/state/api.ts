import * as z from 'zod/mini';
import {
  type ArchivePage,
  archivePageSchema,
  type Conversation,
  conversationSchema,
  type ErrorCode,
  errorCodeSchema,
  type Model,
  modelSchema,
} from '#lib/wire.ts';

/** A request that the server refused or that never arrived; `code` is `internal` where nobody said. */
export class ApiError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The part of an error body (H8) that people are told; other fields are for logs. */
const errorBody = z.object({ error: z.object({ code: errorCodeSchema, message: z.string() }) });
const conversationBody = z.object({ conversation: conversationSchema });

async function request(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { cache: 'no-store', ...init });
  } catch {
    throw new ApiError('internal', 'The server cannot be reached.');
  }
  if (response.ok) return response;
  const body = z.safeParse(errorBody, await response.json().catch(() => null));
  if (body.success) throw new ApiError(body.data.error.code, body.data.error.message);
  throw new ApiError(
    response.status === 503 ? 'not_configured' : 'internal',
    `The server answered ${response.status}.`,
  );
}

async function read<T extends z.ZodMiniType>(
  path: string,
  schema: T,
  init?: RequestInit,
): Promise<z.infer<T>> {
  const response = await request(path, init);
  const parsed = z.safeParse(schema, await response.json().catch(() => null));
  if (!parsed.success) throw new ApiError('internal', 'The server sent something unexpected.');
  return parsed.data;
}

function bearer(sessionId: string): RequestInit {
  return { headers: { authorization: `Bearer ${sessionId}` } };
}

/** Every model with its state (H2). */
export function fetchModels(): Promise<Model[]> {
  return read('/models?all=1', z.array(modelSchema));
}

/** A page of the archive, newest first (H5). */
export function fetchArchives(sessionId: string, cursor: string | null): Promise<ArchivePage> {
  const query = cursor ? `?cursor=${encodeURIComponent(cursor)}` : '';
  return read(`/conversations${query}`, archivePageSchema, bearer(sessionId));
}

/** One conversation: its newest page, or the page before a message (H5). */
export async function fetchConversation(
  sessionId: string,
  id: string,
  before: string | null = null,
): Promise<Conversation> {
  const query = before ? `?before=${encodeURIComponent(before)}` : '';
  const body = await read(
    `/conversations/${encodeURIComponent(id)}${query}`,
    conversationBody,
    bearer(sessionId),
  );
  return body.conversation;
}

/** The whole conversation as a file. By fetch, because a link cannot carry the bearer. */
export async function fetchExport(sessionId: string, id: string, format: 'markdown' | 'json'): Promise<Blob> {
  const response = await request(
    `/conversations/${encodeURIComponent(id)}?format=${format}`,
    bearer(sessionId),
  );
  return response.blob();
}
