import type { Context } from 'hono';
import { type ErrorBody, type ErrorCode, HTTP_STATUS } from '../../shared/index.ts';
import type { AppEnv } from '../app.ts';

/** The one form of an error over HTTP (H8). `message` is for a person: nothing of an upstream, no stack. */
export function failure(
  c: Context<AppEnv>,
  code: ErrorCode,
  message: string,
  headers: Record<string, string> = {},
  status: number = HTTP_STATUS[code],
) {
  const body: ErrorBody = { error: { code, message, request_id: c.get('requestId') } };
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers },
  });
}
