import { describe, expect, it } from 'vitest';
import { newsOf } from '#lib/state/news.ts';
import { accepted, after, end, sessionFrame, start } from '#lib/state/test-frames.ts';
import type { Model } from '#lib/wire.ts';
import { type Answer, ERROR_CODES, type ErrorCode, type StopReason } from '#lib/wire.ts';
import {
  canContinue,
  canTryAgain,
  closedWords,
  ERROR_WORDS,
  endOf,
  retentionWords,
  waitingWords,
} from './words.ts';

function ended(stop: StopReason, code: ErrorCode | null = null): Answer {
  const message = after(sessionFrame(), accepted(1), start(2), end(3, stop, code)).conversation?.messages[1];
  if (message?.role !== 'assistant') throw new Error('no answer');
  return message;
}

describe('words', () => {
  it('exist for every error code, each of its own', () => {
    const titles = ERROR_CODES.map((code) => ERROR_WORDS[code].title);
    expect(new Set(titles).size).toBe(ERROR_CODES.length);
    expect(ERROR_CODES.every((code) => ERROR_WORDS[code].hint.endsWith('.'))).toBe(true);
  });

  it('say nothing about a plain end, and something about every other', () => {
    expect(endOf(ended('end_turn'))).toBeNull();
    const reasons = ['stopped', 'interrupted', 'limit', 'max_tokens', 'refused', 'error'] as const;
    expect(new Set(reasons.map((reason) => endOf(ended(reason))?.title)).size).toBe(reasons.length);
  });

  it('prefer the server’s own sentence to the general one', () => {
    const answer = {
      ...ended('error', 'upstream_error'),
      error_message: 'The key was refused: check ANTHROPIC_API_KEY.',
    };
    expect(endOf(answer)).toMatchObject({
      tone: 'problem',
      title: ERROR_WORDS.upstream_error.title,
      detail: 'The key was refused: check ANTHROPIC_API_KEY.',
    });
  });

  it('offer another try where one may help', () => {
    const tries: StopReason[] = ['error', 'interrupted', 'stopped', 'limit', 'max_tokens'];
    expect(tries.filter((reason) => !canTryAgain(ended(reason)))).toEqual([]);
    expect([ended('refused'), ended('end_turn')].map(canTryAgain)).toEqual([false, false]);
  });

  it('offer to go on where an answer ended early with something written', () => {
    const broken: StopReason[] = ['interrupted', 'limit', 'max_tokens'];
    const withText = (reason: StopReason) => ({ ...ended(reason), text: 'Half' });
    expect(broken.filter((reason) => !canContinue(withText(reason)))).toEqual([]);
    expect(broken.filter((reason) => canContinue(ended(reason)))).toEqual([]);
    const others: StopReason[] = ['end_turn', 'stopped', 'refused', 'error'];
    expect(others.filter((reason) => canContinue(withText(reason)))).toEqual([]);
  });

  it('tell how long a chat is kept, and nothing where it is kept for ever', () => {
    expect(retentionWords(90)).toBe('A chat that nobody opens for 90 days deletes itself.');
    expect(retentionWords(1)).toMatch(/1 day deletes/);
    expect(retentionWords(null)).toBeNull();
  });

  it('H4: explain each close code', () => {
    const titles = [4401, 4404, 4429, 4503, 1011].map((code) => closedWords(code, '').title);
    expect(new Set(titles).size).toBe(5);
    expect(closedWords(4503, 'Set ANTHROPIC_API_KEY.').detail).toBe('Set ANTHROPIC_API_KEY.');
  });
});

describe('news', () => {
  const changed = {
    type: 'model_changed' as const,
    old_model: 'auto',
    new_model: 'opus',
    archived_message_count: 4,
    context_reset: true as const,
    conversation_id: 'c2',
    replaced: null,
  };
  const nameOf = (id: string): string => id.toUpperCase();

  it('S7: tell the new model and where the old conversation is', () => {
    expect(newsOf(changed, nameOf)).toEqual({
      notice: { title: 'Now on OPUS', detail: 'The earlier conversation (4 messages) is in the history.' },
    });
  });

  it('S7: say little where nothing was put away', () => {
    expect(newsOf({ ...changed, archived_message_count: 0 }, nameOf)).toEqual({ status: 'Now on OPUS.' });
  });

  it('R6: tell why another model than the wanted one has come', () => {
    const replaced = { requested: 'claude-opus-4', reason: 'It was retired.' };
    expect(newsOf({ ...changed, archived_message_count: 0, replaced }, nameOf)).toEqual({
      notice: { title: 'OPUS takes over', detail: 'It was retired.' },
    });
  });

  it('never pass the stream on to a screen reader', () => {
    expect(newsOf({ type: 'text_delta', seq: 1, message_id: 'a', text: 'words' }, nameOf)).toBeNull();
    expect(newsOf({ type: 'thinking_delta', seq: 1, message_id: 'a', text: 'words' }, nameOf)).toBeNull();
  });
});

describe('a wait', () => {
  const aModel = (more: Partial<Model> = {}) => ({ name: 'Qwen', is_automatic: false, ...more }) as Model;

  it('says nothing at first, then for whom, with the seconds', () => {
    expect(waitingWords(aModel(), 2)).toBe('Sent');
    expect(waitingWords(aModel(), 7)).toBe('Waiting for Qwen: 7 s');
    expect(waitingWords(aModel({ is_automatic: true }), 7)).toBe('Waiting for an answer: 7 s');
    expect(waitingWords(undefined, 7)).toBe('Sent');
  });

  it('says that a home model is being loaded', () => {
    expect(waitingWords(aModel({ home_state: 'cold' }), 12)).toBe('Loading Qwen at home: 12 s');
  });
});
