import { describe, expect, it } from 'vitest';
import { sessionFrame } from '#lib/state/test-frames.ts';
import type { ClientFrame, ErrorFrame, ToolCall } from '#lib/wire.ts';
import { Decisions } from './decisions.svelte.ts';
import { aCall, asks, result } from './test-calls.ts';

const NOT_FOUND: ErrorFrame = {
  type: 'error',
  code: 'not_found',
  message: 'Nothing waits.',
  retryable: false,
};
const waits = (call_id: string, name = 'update_object') =>
  aCall({ call_id, name, state: 'waiting', ok: null, content: null, duration_ms: null });

function aDesk(...waiting: ToolCall[]) {
  const world = { waiting, sent: [] as ClientFrame[], isOpen: true, told: 0 };
  const decisions = new Decisions({
    send: (frame) => world.isOpen && world.sent.push(frame) > 0,
    waiting: () => world.waiting,
    notConnected: () => {
      world.told += 1;
    },
  });
  return { world, decisions };
}

describe('C6: a decision', () => {
  it('is sent as the person made it', () => {
    const calls = [waits('a'), waits('b', 'other'), waits('c', 'third')] as const;
    const { world, decisions } = aDesk(...calls);
    decisions.decide(calls[0], 'once');
    decisions.decide(calls[1], 'always');
    decisions.decide(calls[2], 'deny');
    expect(world.sent).toEqual([
      { type: 'tool_decision', call_id: 'a', allow: true },
      { type: 'tool_decision', call_id: 'b', allow: true, remember: true },
      { type: 'tool_decision', call_id: 'c', allow: false },
    ]);
    expect(decisions.open).toEqual([]);
  });

  it('that cannot be sent leaves the question open, and says so', () => {
    const call = waits('a');
    const { world, decisions } = aDesk(call);
    world.isOpen = false;
    decisions.decide(call, 'once');
    expect(decisions.open).toEqual([call]);
    expect(world.told).toBe(1);
  });

  it('for the conversation holds for every call of that tool that waits', () => {
    const { decisions } = aDesk(waits('a'), waits('b'), waits('c', 'other'));
    decisions.decide(waits('a'), 'always');
    expect(decisions.open.map(({ call_id }) => call_id)).toEqual(['c']);
  });

  it('has its effect when the call begins, or is over without having begun', () => {
    const { decisions } = aDesk(waits('a'), waits('b'));
    decisions.decide(waits('a'), 'once');
    decisions.hear(asks(1, 'tool_call', { call_id: 'a' }));
    decisions.hear(result(2, { call_id: 'a' }));
    expect(decisions.of('a')).toEqual({ kind: 'allowed', always: false });
    decisions.hear(result(3, { call_id: 'b', ok: false }));
    expect(decisions.of('b')).toEqual({ kind: 'denied' });
  });

  it('of another tab is known as well, and what never asked has none', () => {
    const { decisions } = aDesk();
    decisions.hear(asks(1, 'tool_request', { call_id: 'a' }));
    decisions.hear(asks(2, 'tool_call', { call_id: 'a' }));
    decisions.hear(asks(3, 'tool_call', { call_id: 'reads' }));
    decisions.hear(result(4, { call_id: 'reads' }));
    expect(decisions.of('a')).toEqual({ kind: 'allowed', always: false });
    expect(decisions.of('reads')).toBeNull();
  });

  it('another tab was first: quiet, and the call says so', () => {
    const { decisions } = aDesk(waits('a'));
    decisions.decide(waits('a'), 'once');
    expect(decisions.refused(NOT_FOUND)).toBe(true);
    expect(decisions.of('a')).toEqual({ kind: 'late' });
  });

  it('an error of anything else is for others to tell', () => {
    const { decisions } = aDesk(waits('a'));
    expect(decisions.refused(NOT_FOUND)).toBe(false);
    decisions.decide(waits('a'), 'once');
    expect(decisions.refused({ ...NOT_FOUND, code: 'busy' })).toBe(false);
    expect(decisions.refused({ ...NOT_FOUND, message_id: 'a1' })).toBe(false);
  });

  it('that may be lost with the line can be made again', () => {
    const call = waits('a');
    const { decisions } = aDesk(call);
    decisions.decide(call, 'once');
    decisions.hear(sessionFrame());
    expect(decisions.open).toEqual([call]);
  });
});
