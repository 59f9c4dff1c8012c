import { ApiError } from '#lib/state/request.ts';
import { ERROR_WORDS } from '#lib/text/words.ts';
import type { Asked } from './usage-api.ts';

/** Why there is no report, and what can be done about it. */
export type Failure =
  /** There is no session to report of (any more). */
  | { kind: 'no-session' }
  /** The operator's token is asked for. `message`: why the last one was not taken; null before the first. */
  | { kind: 'locked'; message: string | null }
  /** It does not go away by trying again at once. */
  | { kind: 'refused'; title: string; detail: string }
  | { kind: 'failed'; title: string; detail: string };

/** @param online what the browser says of its own connection */
export function failureOf(error: unknown, asked: Asked, online: boolean): Failure {
  if (!online) {
    return {
      kind: 'failed',
      title: 'You are offline',
      detail: 'The figures come from the server. They are loaded when the connection is back.',
    };
  }
  const code = error instanceof ApiError ? error.code : 'internal';
  const detail = error instanceof Error ? error.message : 'It could not be loaded.';
  if (asked.scope === 'session') {
    if (code === 'not_found') return { kind: 'no-session' };
    if (code === 'unauthorized') {
      return { kind: 'refused', title: ERROR_WORDS.unauthorized.title, detail: 'Sign in in the chat first.' };
    }
    return { kind: 'failed', title: 'The figures could not be loaded', detail };
  }
  switch (code) {
    case 'unauthorized':
      return { kind: 'locked', message: asked.token === null ? null : 'This token is not the right one.' };
    case 'rate_limited':
      return { kind: 'failed', title: 'Too many wrong tokens were tried', detail };
    case 'not_found':
      return { kind: 'refused', title: 'This report is closed', detail };
    default:
      return { kind: 'failed', title: 'The figures could not be loaded', detail };
  }
}
