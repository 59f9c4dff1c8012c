import { describe, expect, it } from 'vitest';
import { reduce } from '#lib/state/chat-state.ts';
import { accepted, after, delta, end, sessionFrame, start } from '#lib/state/test-frames.ts';
import type { Answer } from '#lib/wire.ts';
import { asks, result } from './test-calls.ts';
import { waitingCalls } from './waiting.ts';

function answerOf(state: ReturnType<typeof after>): Answer {
  const last = state.conversation?.messages.at(-1);
  if (last?.role !== 'assistant') throw new Error('no answer');
  return last;
}

const asking = [sessionFrame(), accepted(1), start(2)];

describe('S5: calls of tools in the answer', () => {
  it('a call keeps one row from the request over the call to its result', () => {
    const waiting = after(...asking, delta(3, 'Let me look.'), asks(4, 'tool_request', { at: 12 }));
    expect(answerOf(waiting).tools).toMatchObject([
      { call_id: 'c1', state: 'waiting', arguments: { id: 7 }, ok: null, at: 12, round: 1, server: 'netbox' },
    ]);
    const running = after(...asking, asks(3, 'tool_request'), asks(4, 'tool_call'));
    expect(answerOf(running).tools).toMatchObject([{ call_id: 'c1', state: 'running' }]);
    const done = after(...asking, asks(3, 'tool_request'), asks(4, 'tool_call'), result(5, { content: 'x' }));
    expect(answerOf(done).tools).toMatchObject([
      { call_id: 'c1', state: 'done', ok: true, content: 'x', duration_ms: 12, arguments: { id: 7 } },
    ]);
  });

  it('calls of a round stay in the order in which they were asked for', () => {
    const state = after(
      ...asking,
      asks(3, 'tool_call'),
      asks(4, 'tool_call', { call_id: 'c2' }),
      result(5, { call_id: 'c2' }),
      result(6),
    );
    expect(answerOf(state).tools?.map(({ call_id, state }) => [call_id, state])).toEqual([
      ['c1', 'done'],
      ['c2', 'done'],
    ]);
  });

  it('a result without a call, of something denied beforehand, has a row as well', () => {
    const state = after(...asking, result(3, { ok: false, content: 'no' }));
    expect(answerOf(state).tools).toMatchObject([{ name: 'update_object', state: 'done', ok: false, at: 0 }]);
  });

  it('a server that does not say the place: where the text was', () => {
    const { at: _at, ...frame } = asks(4, 'tool_call') as Extract<
      ReturnType<typeof asks>,
      { type: 'tool_call' }
    >;
    expect(answerOf(after(...asking, delta(3, 'Hello'), frame)).tools?.[0]?.at).toBe(5);
  });

  it('R2: frames that come again after a reconnection change nothing', () => {
    const state = after(...asking, asks(3, 'tool_call'), result(4));
    const again = reduce(state, asks(3, 'tool_call'), 0);
    expect(again.outcome).toBe('ignored');
    expect(again.state).toBe(state);
  });

  it('R2: what the archive has of a running answer is gone on with', () => {
    const live = after(...asking, asks(3, 'tool_request'));
    const messages = live.conversation?.messages ?? [];
    const session = sessionFrame({ last_seq: 3, run: { message_id: 'a1', seq: 1 } }, { messages });
    const state = after(session, asks(4, 'tool_call'), result(5));
    expect(answerOf(state).tools).toMatchObject([{ call_id: 'c1', state: 'done' }]);
  });

  it('an answer that ends leaves nothing running or waiting', () => {
    const state = after(
      ...asking,
      asks(3, 'tool_call'),
      result(4),
      asks(5, 'tool_call', { call_id: 'c2' }),
      asks(6, 'tool_request', { call_id: 'c3' }),
      end(7, 'stopped'),
    );
    expect(answerOf(state).tools?.map(({ state, ok, duration_ms }) => [state, ok, duration_ms])).toEqual([
      ['done', true, 12],
      ['done', false, null],
      ['done', false, null],
    ]);
  });
});

describe('what waits', () => {
  it('is what the running answer has asked a person for', () => {
    const state = after(...asking, asks(3, 'tool_call'), asks(4, 'tool_request', { call_id: 'c2' }));
    expect(waitingCalls(state).map(({ call_id }) => call_id)).toEqual(['c2']);
    expect(waitingCalls(after(...asking, asks(3, 'tool_request'), asks(4, 'tool_call')))).toEqual([]);
    expect(waitingCalls(after(...asking, asks(3, 'tool_request'), end(4, 'stopped')))).toEqual([]);
  });
});
