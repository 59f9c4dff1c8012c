import * as z from 'zod/mini';

/** The closed set of error codes: the same on the wire, in SQL, in logs and on the page (CONTRACT S11). */
export const ERROR_CODES = [
  'bad_frame',
  'message_too_long',
  'unknown_model',
  'model_unavailable',
  'model_selection_disabled',
  'busy',
  'rate_limited',
  'budget_exhausted',
  'unauthorized',
  'origin_refused',
  'not_found',
  'method_not_allowed',
  'not_configured',
  'upstream_error',
  'upstream_timeout',
  'refused',
  'context_too_long',
  'tool_error',
  'internal',
] as const;

export const errorCodeSchema = z.enum(ERROR_CODES);
export type ErrorCode = z.infer<typeof errorCodeSchema>;

/** HTTP status for an error body `{error: {code, message, request_id}}` (H8). */
export const HTTP_STATUS: Record<ErrorCode, number> = {
  bad_frame: 400,
  message_too_long: 413,
  unknown_model: 400,
  model_unavailable: 409,
  model_selection_disabled: 403,
  busy: 409,
  rate_limited: 429,
  budget_exhausted: 429,
  unauthorized: 401,
  origin_refused: 403,
  not_found: 404,
  method_not_allowed: 405,
  not_configured: 503,
  upstream_error: 502,
  upstream_timeout: 504,
  refused: 403,
  context_too_long: 413,
  tool_error: 502,
  internal: 500,
};

/** Whether the same request may succeed later without a change by its sender. */
export const RETRYABLE: Record<ErrorCode, boolean> = {
  bad_frame: false,
  message_too_long: false,
  unknown_model: false,
  model_unavailable: true,
  model_selection_disabled: false,
  busy: true,
  rate_limited: true,
  budget_exhausted: true,
  unauthorized: false,
  origin_refused: false,
  not_found: false,
  method_not_allowed: false,
  not_configured: false,
  upstream_error: true,
  upstream_timeout: true,
  refused: false,
  context_too_long: false,
  tool_error: true,
  internal: true,
};

export const errorBodySchema = z.object({
  error: z.object({
    code: errorCodeSchema,
    message: z.string(),
    request_id: z.string(),
    /** Milliseconds, where waiting helps; the header `Retry-After` says the same in seconds. */
    retry_after_ms: z.optional(z.number()),
  }),
});
export type ErrorBody = z.infer<typeof errorBodySchema>;
