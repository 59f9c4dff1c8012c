import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Budget, ServerFrame } from '#lib/wire.ts';
import { Spending } from './spending.svelte.ts';
import { sessionFrame } from './test-frames.ts';

const NOW = Date.parse('2026-11-22T22:00:00.000Z');
const budget = (left_usd: number): Budget => ({
  left_usd,
  limit_usd: 2,
  resets_at: '2026-11-23T00:00:00.000Z',
});
const end = (over: object): ServerFrame => ({
  type: 'message_end',
  seq: 3,
  message_id: 'a1',
  stop_reason: 'end_turn',
  actual_model: 'claude-haiku-5-5',
  usage: null,
  cost_usd: null,
  ttft_ms: null,
  duration_ms: null,
  ...over,
});
const spent: ServerFrame = {
  type: 'error',
  code: 'budget_exhausted',
  message: 'Too little is left.',
  retryable: false,
  retry_after_ms: 7_200_000,
};

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

it('follows the session frame and live ends; ends that are sent again tell of another hour', () => {
  const spending = new Spending();
  spending.hear(sessionFrame({ budget: budget(1.5) }), true);
  spending.hear(end({ budget: budget(1.9) }), false);
  expect(spending.budget?.left_usd).toBe(1.5);
  spending.hear(end({ budget: budget(1.2) }), true);
  expect(spending.budget?.left_usd).toBe(1.2);
});

it('an answer of the home model says nothing of money; a session without a limit does', () => {
  const spending = new Spending();
  spending.hear(sessionFrame({ budget: budget(1.5) }), true);
  spending.hear(end({ budget: null }), true);
  expect(spending.budget?.left_usd).toBe(1.5);
  spending.hear(sessionFrame({ budget: null }), true);
  expect(spending.budget).toBeNull();
});

it('knows until when nothing is to be had, and forgets it with the day or with a paid answer', () => {
  const spending = new Spending();
  spending.hear(sessionFrame({ budget: budget(0.01) }), true);
  spending.hear(spent, true);
  expect(spending.spentUntil).toBe(NOW + 7_200_000);
  vi.advanceTimersByTime(7_200_000);
  expect(spending.spentUntil).toBeNull();
  expect(spending.budget?.left_usd).toBe(2);
  spending.hear(spent, true);
  spending.hear(end({ budget: budget(0.5) }), true);
  expect(spending.spentUntil).toBeNull();
});
