import type { Answer, ErrorCode, Model, StopReason } from '#lib/wire.ts';
import { plural } from './format.ts';

/** What an error code means to the person at the page; the server's own sentence follows it. */
export const ERROR_WORDS: Record<ErrorCode, { title: string; hint: string }> = {
  bad_frame: {
    title: 'The server did not understand this page',
    hint: 'Reload the page: it may be older than the server.',
  },
  message_too_long: { title: 'The message is too long', hint: 'Shorten it, or send it in parts.' },
  unknown_model: { title: 'This model does not exist here', hint: 'Choose another one.' },
  model_unavailable: {
    title: 'The model cannot answer now',
    hint: 'Try again in a while, or choose another model.',
  },
  model_selection_disabled: {
    title: 'Models cannot be chosen here',
    hint: 'The operator has fixed the model for everyone.',
  },
  busy: { title: 'An answer is still being written', hint: 'Wait for it, or stop it first.' },
  rate_limited: { title: 'Too many requests', hint: 'Wait a moment, then try again.' },
  budget_exhausted: { title: 'The spending limit is reached', hint: 'Try again when the limit starts anew.' },
  unauthorized: { title: 'You are not signed in', hint: 'Sign in, then try again.' },
  origin_refused: { title: 'The server refused this page', hint: 'Open the page at its own address.' },
  not_found: { title: 'That is not there any more', hint: 'It may have been deleted.' },
  method_not_allowed: { title: 'The server refused the request', hint: 'Reload the page.' },
  not_configured: {
    title: 'This chat is not set up yet',
    hint: 'The operator has to finish its configuration.',
  },
  upstream_error: {
    title: 'The model’s service reported an error',
    hint: 'Try again, or choose another model.',
  },
  upstream_timeout: { title: 'The model went silent', hint: 'Try again, or choose another model.' },
  refused: { title: 'The model declined to answer', hint: 'Put the question in another way.' },
  context_too_long: {
    title: 'The conversation is too long for this model',
    hint: 'Start a new conversation, or leave out the oldest turns.',
  },
  tool_error: { title: 'A tool failed', hint: 'Try again.' },
  internal: { title: 'Something went wrong on the server', hint: 'Try again.' },
};

/** How an answer ended, where that is worth a word; null for a plain end. */
export function endOf(answer: Answer): { tone: 'calm' | 'problem'; title: string; detail: string } | null {
  const reason = stopReasonOf(answer);
  switch (reason) {
    case null:
    case 'end_turn':
      return null;
    case 'stopped':
      return { tone: 'calm', title: 'Stopped', detail: 'What had arrived is kept.' };
    case 'interrupted':
      return {
        tone: 'calm',
        title: 'Interrupted',
        detail: 'The server was restarted while it wrote. What had arrived is kept.',
      };
    case 'limit':
      return {
        tone: 'calm',
        title: 'Ended at a limit',
        detail:
          answer.error_message ??
          (answer.error_code ? `${ERROR_WORDS[answer.error_code].title}.` : 'The answer ran into a limit.'),
      };
    case 'max_tokens':
      return {
        tone: 'calm',
        title: 'Cut at the longest length',
        detail: 'The model wrote as much as one answer may have.',
      };
    case 'refused':
      return {
        tone: 'problem',
        title: ERROR_WORDS.refused.title,
        detail: answer.error_message ?? ERROR_WORDS.refused.hint,
      };
    case 'error': {
      const words = ERROR_WORDS[answer.error_code ?? 'internal'];
      return { tone: 'problem', title: words.title, detail: answer.error_message ?? words.hint };
    }
  }
}

function stopReasonOf(answer: Answer): StopReason | null {
  if (answer.stop_reason) return answer.stop_reason;
  return answer.status === 'complete' || answer.status === 'streaming' ? null : answer.status;
}

/** Whether the same question may be sent anew from this answer. */
export function canTryAgain(answer: Answer): boolean {
  const reason = stopReasonOf(answer);
  return reason !== null && reason !== 'end_turn' && reason !== 'refused';
}

/** A new turn, in the person's name: what was written so far goes along as part of the conversation. */
export const CONTINUE = 'Please continue exactly where you stopped.';

/** Whether there is something to go on from: an answer that ended early, not by the person's own wish. */
export function canContinue(answer: Answer): boolean {
  const reason = stopReasonOf(answer);
  return answer.text !== '' && (reason === 'interrupted' || reason === 'limit' || reason === 'max_tokens');
}

/** How long a session is kept; null where it is kept for ever, or the server says nothing. */
export function retentionWords(days: number | null): string | null {
  if (days === null) return null;
  return `A chat that nobody opens for ${plural(days, 'day')} deletes itself.`;
}

/** What the one polite status says when an answer ends. */
export function announcementOf(stop: StopReason): string {
  switch (stop) {
    case 'end_turn':
      return 'Answer finished.';
    case 'stopped':
      return 'Answer stopped.';
    case 'max_tokens':
    case 'limit':
      return 'Answer ended at a limit.';
    case 'interrupted':
      return 'Answer interrupted.';
    case 'refused':
      return 'The model declined to answer.';
    case 'error':
      return 'The answer failed.';
  }
}

/** Words for a socket that the server closed for good (CONTRACT 3). */
export function closedWords(code: number, reason: string): { title: string; detail: string } {
  switch (code) {
    case 4401:
      return {
        title: 'Please sign in',
        detail: reason || 'This chat answers only people who are signed in.',
      };
    case 4404:
      return {
        title: 'The session could not be opened',
        detail: reason || 'The server does not know this session.',
      };
    case 4429:
      return { title: 'Too many connections', detail: reason || 'Wait a minute, then try again.' };
    case 4503:
      return {
        title: 'This chat is not set up yet',
        detail: reason || 'The operator has to finish its configuration.',
      };
    default:
      return {
        title: 'The connection was closed',
        detail: reason || `The server closed it with code ${code}.`,
      };
  }
}

/** Below this a wait needs no explanation. Seconds. */
const PATIENCE_S = 3;

/**
 * What stands where an answer will be, before its first word.
 * @param asked the model that was asked, as the list has it; undefined while the list is not there
 * @param seconds since the message was sent
 */
export function waitingWords(asked: Model | undefined, seconds: number): string {
  if (seconds < PATIENCE_S || asked === undefined) return 'Sent';
  if (asked.home_state === 'cold') return `Loading ${asked.name} at home: ${seconds} s`;
  return asked.is_automatic
    ? `Waiting for an answer: ${seconds} s`
    : `Waiting for ${asked.name}: ${seconds} s`;
}
