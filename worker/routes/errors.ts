import type { Context } from 'hono';
import { type ErrorBody, type ErrorCode, HTTP_STATUS } from '../../shared/index.ts';
import type { AppEnv } from '../app.ts';

function answer(error: ErrorBody['error'], status: number, headers: Record<string, string>): Response {
  const body: ErrorBody = { error };
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers },
  });
}

/** The one form of an error over HTTP (H8). `message` is for a person: nothing of an upstream, no stack. */
export function failure(
  c: Context<AppEnv>,
  code: ErrorCode,
  message: string,
  headers: Record<string, string> = {},
  status: number = HTTP_STATUS[code],
): Response {
  return answer({ code, message, request_id: c.get('requestId') }, status, headers);
}

/** 429, and when to try again, in the header and in the body. */
export function tooMany(c: Context<AppEnv>, message: string, waitMs: number): Response {
  return answer(
    { code: 'rate_limited', message, request_id: c.get('requestId'), retry_after_ms: waitMs },
    HTTP_STATUS.rate_limited,
    { 'Retry-After': String(Math.ceil(waitMs / 1000)) },
  );
}
