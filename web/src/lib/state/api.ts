import * as z from 'zod/mini';
import {
  type ArchivePage,
  archivePageSchema,
  type Conversation,
  conversationSchema,
  type Model,
  modelSchema,
} from '#lib/wire.ts';
import { ApiError, bearer, read, request, tellSignedOut } from './request.ts';

export { ApiError, messageOf } from './request.ts';

const conversationBody = z.object({ conversation: conversationSchema });

/** H3 waits up to 5 s for the services' states. */
const ANSWER_WITHIN_MS = 6_000;
/** The whole of a long conversation, over a slow line. */
const DOWNLOAD_PATIENCE_MS = 120_000;

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
  const response = await request(`/conversations/${encodeURIComponent(id)}?format=${format}`, {
    ...bearer(sessionId),
    signal: AbortSignal.timeout(DOWNLOAD_PATIENCE_MS),
  });
  return response.blob();
}

/** Deletes an archived conversation for good. One that is gone already is as good as deleted. */
export function deleteConversation(sessionId: string, id: string): Promise<void> {
  return remove(`/conversations/${encodeURIComponent(id)}`, sessionId);
}

/** Deletes the session with everything in it. One that is gone already is as good as deleted. */
export function deleteSession(sessionId: string): Promise<void> {
  return remove('/sessions', sessionId);
}

async function remove(path: string, sessionId: string): Promise<void> {
  try {
    await request(path, { method: 'DELETE', ...bearer(sessionId) });
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'not_found') throw error;
  }
}

const linkBody = z.object({ code: z.string(), expires_at: z.string() });

/**
 * A one-time code that opens this session on another device, and how long it lives from now on, in ms. Judged by the
 * server's clock where its answer has the time: the clock of a device may be minutes off.
 */
export async function createLink(sessionId: string): Promise<{ code: string; livesMs: number }> {
  const response = await request('/links', { method: 'POST', ...bearer(sessionId) });
  const parsed = z.safeParse(linkBody, await response.json().catch(() => null));
  const now = Date.parse(response.headers.get('date') ?? '') || Date.now();
  const livesMs = parsed.success ? Date.parse(parsed.data.expires_at) - now : Number.NaN;
  if (!parsed.success || Number.isNaN(livesMs)) {
    throw new ApiError('internal', 'The server sent something unexpected.');
  }
  return { code: parsed.data.code, livesMs };
}

const redeemedBody = z.object({ session_id: z.string() });

/** The session that a one-time code of another device opens; it works once. @throws {ApiError} `not_found`: spent */
export async function redeemLink(code: string): Promise<string> {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  };
  return (await read('/links/redeem', redeemedBody, init)).session_id;
}

/** Whether the server itself answers a plain request now; being unwell (H3) is an answer too. */
export async function serverAnswers(): Promise<boolean> {
  try {
    const response = await fetch('/health', {
      cache: 'no-store',
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    // Somebody in front, Cloudflare Access for one, sends whoever is not signed in to a page of its own.
    if (response.type === 'opaqueredirect') tellSignedOut();
    // A proxy's own error page is none of ours.
    return response.headers.get('content-type')?.startsWith('application/json') ?? false;
  } catch {
    return false;
  }
}
