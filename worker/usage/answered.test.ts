import { describe, expect, it } from 'vitest';
import type { AnswerDetail } from '../archive/rows.ts';
import { answeredOnce } from './answered.ts';
import { tokens } from './test-support.ts';

const DETAIL: AnswerDetail = {
  actual_model: 'claude-haiku-5-5',
  requested_model: 'auto',
  fallback_reason: 'Opus did not answer.',
  routing_path: 'sdk_direct',
  reason: null,
  stop_reason: 'end_turn',
  error_code: null,
  usage: tokens({ input_tokens: 1 }),
  cost_usd: 0.5,
  always_usd: { haiku: 1, sonnet: 2, opus: 3 },
  ttft_ms: 400,
  duration_ms: 1_000,
  thinking: 'a confidential thought',
  stored_seq: 1,
  accepted_seq: 1,
};

describe('an answer that has ended, as it is counted', () => {
  it('has its figures, and no word', () => {
    expect(answeredOnce({ acceptedAt: 7, bound: 'auto', automatic: true, detail: DETAIL })).toEqual({
      at: 7,
      model: 'claude-haiku-5-5',
      automatic: true,
      fallback: true,
      error: false,
      costUsd: 0.5,
      alwaysUsd: { haiku: 1, sonnet: 2, opus: 3 },
      usage: tokens({ input_tokens: 1 }),
      ttftMs: 400,
    });
  });

  it('that nobody gave counts under the model that was asked', () => {
    const detail: AnswerDetail = { ...DETAIL, actual_model: null, stop_reason: 'error', usage: null };
    expect(answeredOnce({ acceptedAt: 7, bound: 'auto', automatic: true, detail })).toMatchObject({
      model: 'auto',
      error: true,
    });
  });
});
