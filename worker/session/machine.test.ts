import { describe, expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { buildRegistry } from '../models/registry.ts';
import type { Choice } from '../models/types.ts';
import { BOTH_SIDES, TODAY } from '../testing/world.ts';
import { type SessionEvent, type SessionState, step, titleOf } from './machine.ts';

const registry = buildRegistry(readConfig(BOTH_SIDES));

function chosen(id: string): Choice {
  const entry = registry.entries.get(id);
  if (entry === undefined) throw new Error(id);
  return { kind: 'ok', entry };
}

function conversation(more: { messageCount?: number; model?: string } = {}) {
  const { messageCount = 0, model = 'auto' } = more;
  return { id: 'c1', model, title: '', startedAt: TODAY, messageCount, lastSeq: 0, archivedAt: null };
}
const idle = (more = {}): SessionState => ({ phase: 'idle', conversation: conversation(more) });
const running = (more = {}): SessionState => ({
  phase: 'running',
  conversation: conversation(more),
});

function chat(more: Partial<Extract<SessionEvent, { type: 'ask' }>> = {}): SessionEvent {
  const fit = { ok: true, turns: [{ role: 'user', text: 'hi' }], dropped: 0 } as const;
  return {
    type: 'ask',
    asked: { kind: 'new', text: 'hi', parent: null },
    clientId: null,
    duplicate: null,
    bound: chosen('auto'),
    fit: { ...fit, turns: [...fit.turns] },
    refused: null,
    wish: { tier: null, mode: 'balanced', attempts: 0, after: null },
    ...more,
  };
}
const change = (choice: Choice, selection = true): SessionEvent => ({
  type: 'model_change',
  choice,
  selection,
  newId: 'c2',
  now: TODAY,
});
const kinds = (state: SessionState, event: SessionEvent) =>
  step(state, event).effects.map((effect) => effect.do);
const replied = (state: SessionState, event: SessionEvent) => {
  const result = step(state, event);
  expect(result.state).toBe(state);
  const [effect] = result.effects;
  if (effect?.do !== 'reply') throw new Error(`no reply but ${effect?.do}`);
  return effect.frame;
};

describe('C1 chat', () => {
  it('accepts, counts question and answer, and starts a run', () => {
    const { state, effects } = step(
      idle(),
      chat({ asked: { kind: 'new', text: '  What is\n BGP? ', parent: null } }),
    );
    expect(effects.map((effect) => effect.do)).toEqual(['accept', 'start_run']);
    expect(state).toMatchObject({
      phase: 'running',
      conversation: { messageCount: 2, title: 'What is BGP?' },
    });
  });

  it('keeps the title of the first message', () => {
    const first = { ...conversation({ messageCount: 2 }), title: 'First' };
    const { state } = step(
      { phase: 'idle', conversation: first },
      chat({ asked: { kind: 'new', text: 'second', parent: 2 } }),
    );
    expect(state.conversation).toMatchObject({ title: 'First', messageCount: 4 });
  });

  it('R7: a second one meanwhile is busy, with its client_id', () => {
    expect(replied(running(), chat({ clientId: 'x' }))).toMatchObject({
      code: 'busy',
      client_id: 'x',
      retryable: true,
    });
  });

  it('an accepted client_id is answered with the first S2 again, even while an answer is written', () => {
    const duplicate = { type: 'message_accepted', seq: 7 } as never;
    expect(replied(running(), chat({ clientId: 'x', duplicate }))).toBe(duplicate);
  });

  it('R13: what does not fit is refused with the figures', () => {
    const fit = { ok: false, needed: 12_345, allowed: 6_000, canTrim: true, byServer: false } as const;
    const frame = replied(idle(), chat({ fit, clientId: 'x' }));
    expect(frame).toMatchObject({ code: 'context_too_long', client_id: 'x', retryable: false });
    expect('message' in frame && frame.message).toMatch(/12,345.*6,000/);
  });

  it('R13: where MAX_HISTORY_TOKENS is in the way, the words say so, and that trimming helps only where it does', () => {
    const fit = { ok: false, needed: 12_345, allowed: 6_000, canTrim: true, byServer: true } as const;
    const words = (event: SessionEvent) => {
      const frame = replied(idle(), event);
      return 'message' in frame ? frame.message : '';
    };
    expect(words(chat({ fit }))).toMatch(/12,345.*this chat sends at most 6,000.*leave out the oldest/);
    expect(words(chat({ fit: { ...fit, canTrim: false } }))).toMatch(
      /this chat sends at most 6,000.*Shorten/,
    );
  });

  it('what a limit leaves no room for is refused with the time to wait, and nothing is accepted', () => {
    const refused = { code: 'rate_limited', message: 'Wait.', retry_after_ms: 1_500 } as const;
    const { state, effects } = step(idle(), chat({ refused, clientId: 'x' }));
    expect(state).toEqual(idle());
    const frame = { type: 'error', ...refused, retryable: true, client_id: 'x' };
    expect(effects).toEqual([{ do: 'reply', frame }]);
  });

  it('R14: a conversation whose model is gone is never answered by another one', () => {
    const bound: Choice = { kind: 'unavailable', reason: 'gone' };
    expect(replied(idle(), chat({ bound }))).toMatchObject({ code: 'model_unavailable' });
  });
});

describe('C2 model_change', () => {
  it('R5: begins a new conversation, also on the same model', () => {
    const { state, effects } = step(idle({ messageCount: 4 }), change(chosen('auto')));
    expect(effects).toMatchObject([
      { do: 'begin', id: 'c2', oldModel: 'auto', model: 'auto', announce: 'model_changed', replaced: null },
    ]);
    expect(state).toMatchObject({ phase: 'idle', conversation: { id: 'c2', messageCount: 0 } });
  });

  it('R5: stops a running answer first', () => {
    expect(kinds(running({ messageCount: 2 }), change(chosen('claude-opus-5-5')))).toEqual([
      'end_run',
      'begin',
    ]);
  });

  it.each([
    [{ kind: 'unknown', allowed: ['auto', 'x'] } as Choice, 'unknown_model', /auto, x/],
    [{ kind: 'unavailable', reason: 'The proxy is down.' } as Choice, 'model_unavailable', /proxy is down/],
  ])('R6: %o changes nothing', (choice, code, words) => {
    const frame = replied(running(), change(choice));
    expect(frame).toMatchObject({ code });
    expect('message' in frame && frame.message).toMatch(words);
  });

  it('R6: a retired model switches to its successor and says so', () => {
    const entry = registry.entries.get('claude-opus-5-5')!;
    const { effects } = step(
      idle(),
      change({ kind: 'replaced', entry, requested: 'claude-opus-4', reason: 'retired' }),
    );
    expect(effects).toMatchObject([
      { model: 'claude-opus-5-5', replaced: { requested: 'claude-opus-4', reason: 'retired' } },
    ]);
  });

  it('R10: refused while selection is switched off', () => {
    expect(replied(idle(), change(chosen('auto'), false))).toMatchObject({
      code: 'model_selection_disabled',
    });
  });
});

describe('C3 reset, C4 stop, C5 open', () => {
  it('C3 begins on the same model', () => {
    expect(
      step(running({ model: 'ollama-qwen2.5' }), { type: 'reset', newId: 'c2', now: TODAY }).effects,
    ).toMatchObject([
      { do: 'end_run', stop_reason: 'stopped' },
      { do: 'begin', model: 'ollama-qwen2.5', announce: 'conversation_reset' },
    ]);
  });

  it('C4 without a run does nothing, and twice is once', () => {
    expect(kinds(idle(), { type: 'stop' })).toEqual([]);
    const { state } = step(running(), { type: 'stop' });
    expect(state.phase).toBe('idle');
    expect(kinds(state, { type: 'stop' })).toEqual([]);
  });

  const target = { ...conversation({ messageCount: 2 }), id: 'old', archivedAt: TODAY };
  const open = (more = {}): SessionEvent => ({
    type: 'open',
    target,
    choice: chosen('auto'),
    selectionAllows: true,
    now: TODAY,
    ...more,
  });

  it('C5 makes an archived conversation current, stopping what runs', () => {
    const { state, effects } = step(running(), open());
    expect(effects.map((effect) => effect.do)).toEqual(['end_run', 'reopen']);
    expect(state.conversation).toMatchObject({ id: 'old', archivedAt: null });
  });

  it.each([
    [{ target: null }, 'not_found'],
    [{ choice: { kind: 'unavailable', reason: 'gone' } }, 'model_unavailable'],
    [{ choice: { kind: 'unknown', allowed: [] } }, 'model_unavailable'],
    [{ selectionAllows: false }, 'model_selection_disabled'],
  ])('C5 %o is refused with %s and stops nothing', (more, code) => {
    expect(replied(running(), open(more))).toMatchObject({ code });
  });

  it('C5 of the current conversation does not stop its answer', () => {
    const { state, effects } = step(running(), open({ target: conversation() }));
    expect(state.phase).toBe('running');
    expect(effects.map((effect) => effect.do)).toEqual(['reopen']);
  });
});

it('a title is one line of at most 80 characters, never half a character', () => {
  expect(titleOf('a\n\n b\t c')).toBe('a b c');
  const long = titleOf(`${'x'.repeat(78)}😀${'y'.repeat(50)}`);
  expect(long.length).toBeLessThanOrEqual(80);
  expect(long.isWellFormed()).toBe(true);
});
