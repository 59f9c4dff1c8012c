import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Answer, ServerFrame } from '#lib/wire.ts';
import { type ChatState, EMPTY_STATE, reduce, thoughtFor } from './chat-state.ts';
import {
  accepted,
  after,
  again,
  archiveEntry,
  delta,
  end,
  sessionFrame,
  start,
  thinking,
} from './test-frames.ts';

function answerOf(state: ChatState, id = 'a1'): Answer {
  const found = state.conversation?.messages.find((message) => message.id === id);
  if (found?.role !== 'assistant') throw new Error(`no answer ${id}`);
  return found;
}

describe('a run (S2 to S6)', () => {
  it('shows the question and an empty answer as soon as it is accepted', () => {
    const state = after(sessionFrame(), accepted(1));
    expect(state.conversation?.messages.map((message) => [message.role, message.status])).toEqual([
      ['user', 'complete'],
      ['assistant', 'streaming'],
    ]);
    expect(state.runId).toBe('a1');
    expect(state.conversation?.message_count).toBe(2);
  });

  it('joins the deltas and takes the receipt from the end', () => {
    const state = after(sessionFrame(), accepted(1), start(2), delta(3, 'Good '), delta(4, 'day'), end(5));
    expect(answerOf(state)).toMatchObject({
      text: 'Good day',
      status: 'complete',
      actual_model: 'claude-haiku-5-5',
      reason: 'A short question.',
      cost_usd: 0.000028,
    });
    expect(state.runId).toBeNull();
    expect(state.lastSeq).toBe(5);
  });

  it('keeps the partial text and the words of an error in the middle', () => {
    const error: ServerFrame = {
      type: 'error',
      seq: 4,
      message_id: 'a1',
      code: 'upstream_timeout',
      message: 'Nothing for 60 seconds.',
      retryable: true,
    };
    const state = after(
      sessionFrame(),
      accepted(1),
      start(2),
      delta(3, 'Half'),
      error,
      end(5, 'error', 'upstream_timeout'),
    );
    expect(answerOf(state)).toMatchObject({
      text: 'Half',
      status: 'error',
      error_code: 'upstream_timeout',
      error_message: 'Nothing for 60 seconds.',
    });
  });

  it('R9: names the model that stands in, and why', () => {
    const fallback: ServerFrame = {
      type: 'fallback',
      seq: 3,
      message_id: 'a1',
      requested_model: 'claude-opus-5-5',
      actual_model: 'claude-haiku-5-5',
      reason: 'It is overloaded.',
      reason_code: 'overloaded',
    };
    const state = after(
      sessionFrame(),
      accepted(1),
      start(2, 'a1', 'claude-opus-5-5'),
      fallback,
      start(4),
      delta(5, 'Hi'),
    );
    expect(answerOf(state)).toMatchObject({
      requested_model: 'claude-opus-5-5',
      actual_model: 'claude-haiku-5-5',
      fallback_reason: 'It is overloaded.',
    });
  });

  it('measures thinking from its first words to the first words of the answer', () => {
    const state = after(
      sessionFrame(),
      accepted(1),
      start(2),
      thinking(3, 'Hm'),
      thinking(4, '…'),
      delta(5, 'So'),
    );
    expect(answerOf(state).thinking).toBe('Hm…');
    expect(thoughtFor(state.timings.a1)).toBe(200);
    expect(thoughtFor(undefined)).toBeNull();
  });

  it('measures thinking that ended without a word, when it has ended', () => {
    const state = after(sessionFrame(), accepted(1), start(2), thinking(3, 'Hm'));
    expect(thoughtFor(state.timings.a1)).toBeNull();
    expect(thoughtFor(reduce(state, end(4, 'stopped'), 1_300).state.timings.a1)).toBe(1_000);
  });

  it('measures nothing where the page came in the middle', () => {
    const partial: Answer = { ...answerOf(after(sessionFrame(), accepted(1))), thinking: 'Hm' };
    const late = after(
      sessionFrame({ last_seq: 3 }, { messages: [partial] }),
      thinking(4, '…'),
      delta(5, 'So'),
    );
    expect(answerOf(late).thinking).toBe('Hm…');
    expect(thoughtFor(late.timings.a1)).toBeNull();
  });
});

describe('going back', () => {
  const ids = (state: ChatState) => state.conversation?.messages.map(({ id }) => id);

  it('C8: a redo adds an answer, and its question is there once', () => {
    const state = after(sessionFrame(), accepted(1), start(2), end(3), again(4, 'a2'));
    expect(ids(state)).toEqual(['u-a1', 'a1', 'a2']);
    expect(state.conversation).toMatchObject({ message_count: 3, title: 'Hello?' });
    expect(answerOf(state, 'a2')).toMatchObject({ parent_id: 'u-a1', status: 'streaming' });
    expect(state.runId).toBe('a2');
  });

  it('C8: of a question that is not loaded only the answer is added, whatever is newest here', () => {
    const known: Answer = {
      ...answerOf(after(sessionFrame(), accepted(1))),
      id: 'c1.60',
      parent_id: 'c1.59',
    };
    const state = after(
      sessionFrame({ last_seq: 3 }, { messages: [known], message_count: 60, has_more: true }),
      again(4, 'c1.61', 'c1.1'),
    );
    expect(ids(state)).toEqual(['c1.60', 'c1.61']);
    expect(answerOf(state, 'c1.61').parent_id).toBe('c1.1');
    expect(state.conversation?.message_count).toBe(61);
    // The next message is a new one.
    expect(ids(reduce(state, again(5, 'c1.63', 'c1.62'), 0).state)).toHaveLength(4);
  });

  it('C9: a conversation is called after its first question, in its newest version', () => {
    const asked = (seq: number, id: string, parent_id: string | null, text: string) => {
      const frame = accepted(seq, `a-${id}`);
      if (frame.type !== 'message_accepted') throw new Error('not S2');
      return { ...frame, message: { ...frame.message, id, parent_id, text } };
    };
    const first = after(sessionFrame(), asked(1, 'u1', null, 'One'), end(2, 'end_turn', null, 'a-u1'));
    const title = (frame: ServerFrame) => reduce(first, frame, 0).state.conversation?.title;
    expect(title(asked(3, 'u2', 'a-u1', 'Two'))).toBe('One');
    expect(title(asked(3, 'u2', null, 'Another'))).toBe('Another');
  });

  it('keeps what Automatic thought, and what one model alone would have cost', () => {
    const routing = {
      mode: 'balanced',
      tier: 'haiku',
      score: 0.2,
      reason_params: { wanted: 'haiku', times_dearer: 20 },
      tiers: {
        haiku: { quality: 0.9, cost_usd: 0.001 },
        sonnet: { quality: 0.95, cost_usd: 0.02 },
        opus: { quality: 0.96, cost_usd: 0.04 },
      },
    } as const;
    const always_usd = { haiku: 0.001, sonnet: 0.003, opus: null };
    const state = after(
      sessionFrame({ auto_mode: 'economy' }),
      accepted(1),
      { ...start(2), routing } as ServerFrame,
      { ...end(3), always_usd } as ServerFrame,
    );
    expect(answerOf(state)).toMatchObject({ routing, always_usd, reason_code: 'simple' });
    expect(state.autoMode).toBe('economy');
    expect(answerOf(after(sessionFrame(), accepted(1), start(2), end(3)))).toMatchObject({
      routing: null,
      always_usd: null,
    });
  });
});

describe('order and resume (R1, R2)', () => {
  const run = [accepted(1), start(2), delta(3, 'one '), delta(4, 'two '), delta(5, 'three'), end(6)];

  it('R1: a frame that was there before changes nothing', () => {
    const state = after(sessionFrame(), ...run.slice(0, 4));
    expect(reduce(state, delta(4, 'two '), 0)).toEqual({ state, outcome: 'ignored' });
  });

  it('R1: a missing frame is a gap, and nothing is applied', () => {
    const state = after(sessionFrame(), ...run.slice(0, 3));
    expect(reduce(state, delta(5, 'three'), 0)).toEqual({ state, outcome: 'gap' });
  });

  it('R2: a resume at our cursor keeps what is there', () => {
    const before = after(sessionFrame(), ...run.slice(0, 4));
    const { state, outcome } = reduce(before, sessionFrame({ resumed_after: 4, last_seq: 6 }), 0);
    expect(outcome).toBe('applied');
    expect(answerOf(state).text).toBe('one two ');
    expect(state.lastSeq).toBe(4);
  });

  it('R2: a resume of something else asks for the whole truth', () => {
    const before = after(sessionFrame(), ...run.slice(0, 4));
    expect(reduce(before, sessionFrame({ resumed_after: 3 }), 0).outcome).toBe('gap');
    expect(reduce(before, sessionFrame({ resumed_after: 4 }, { id: 'other' }), 0).outcome).toBe('gap');
  });

  it('R2: a snapshot replaces everything, a running answer included', () => {
    const before = after(sessionFrame(), ...run);
    const partial: Answer = { ...answerOf(before), id: 'a2', text: 'par', status: 'streaming' };
    const { state } = reduce(
      before,
      sessionFrame(
        { last_seq: 40, run: { message_id: 'a2', seq: 30 } },
        { id: 'c2', messages: [partial], message_count: 1 },
      ),
      0,
    );
    expect(state).toMatchObject({ lastSeq: 40, runId: 'a2' });
    expect(answerOf(reduce(state, delta(41, 'tial', 'a2'), 0).state, 'a2').text).toBe('partial');
  });

  it('R2: cuts and replays at random places never change the text', () => {
    const words = fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }), {
      minLength: 1,
      maxLength: 30,
    });
    const cuts = fc.array(fc.record({ at: fc.nat(40), back: fc.nat(40), snapshot: fc.boolean() }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(words, cuts, (texts, breaks) => {
        const frames = [
          accepted(1),
          start(2),
          ...texts.map((text, index) => delta(index + 3, text)),
          end(texts.length + 3),
        ];
        /** What the server holds after the frame `seq`. */
        const truth = (seq: number): ServerFrame => {
          const state = after(sessionFrame(), ...frames.slice(0, seq));
          return sessionFrame(
            { last_seq: seq, run: state.runId === null ? null : { message_id: state.runId, seq: 1 } },
            state.conversation ?? {},
          );
        };
        let state = after(sessionFrame());
        let sent = 0;
        const play = (until: number): void => {
          for (const frame of frames.slice(sent, until)) state = reduce(state, frame, 0).state;
          sent = Math.max(sent, until);
        };
        for (const cut of breaks) {
          play(Math.min(cut.at, frames.length));
          // The server went on while nobody listened; then either a snapshot, or the frames again, some of them twice.
          if (cut.snapshot) {
            sent = Math.min(sent + cut.back, frames.length);
            state = reduce(state, truth(sent), 0).state;
          } else {
            state = reduce(state, sessionFrame({ resumed_after: state.lastSeq }), 0).state;
            sent = Math.max(0, state.lastSeq - cut.back);
          }
        }
        play(frames.length);
        expect(answerOf(state).text).toBe(texts.join(''));
        expect(state.lastSeq).toBe(frames.length);
        expect(state.conversation?.messages).toHaveLength(2);
      }),
      { numRuns: 300 },
    );
  });
});

describe('another conversation (S7, S8)', () => {
  const talked = after(sessionFrame(), accepted(1), start(2), delta(3, 'Hi'), end(4));

  it('S7: a switch starts empty, from seq 1, and keeps the old one in the archive', () => {
    const { state } = reduce(
      talked,
      {
        type: 'model_changed',
        old_model: 'auto',
        new_model: 'claude-opus-5-5',
        archived_message_count: 2,
        context_reset: true,
        conversation_id: 'c2',
        replaced: null,
        archived: archiveEntry('c1'),
      },
      0,
    );
    expect(state.conversation).toMatchObject({
      id: 'c2',
      model: 'claude-opus-5-5',
      messages: [],
      message_count: 0,
    });
    expect(state.archives.map((entry) => entry.id)).toEqual(['c1']);
    expect(reduce(state, accepted(1, 'a2'), 0).outcome).toBe('applied');
  });

  it('S8: an opened conversation leaves the archive and goes on at its own seq', () => {
    const { state } = reduce(
      { ...talked, archives: [archiveEntry('c0'), archiveEntry('cx')] },
      {
        type: 'conversation_opened',
        conversation: {
          id: 'c0',
          model: 'auto',
          title: 'Earlier',
          status: 'current',
          messages: [],
          message_count: 2,
          has_more: true,
        },
        last_seq: 17,
        archived: archiveEntry('c1'),
      },
      0,
    );
    expect(state.archives.map((entry) => entry.id)).toEqual(['c1', 'cx']);
    expect(reduce(state, accepted(18, 'a9'), 0).outcome).toBe('applied');
  });

  it('an empty conversation is not archived', () => {
    const { state } = reduce(
      EMPTY_STATE,
      {
        type: 'conversation_reset',
        conversation_id: 'c2',
        model: 'auto',
        archived_message_count: 0,
        archived: null,
      },
      0,
    );
    expect(state.archives).toEqual([]);
  });

  it('a deleted one leaves the archive', () => {
    const both = { ...talked, archives: [archiveEntry('c0'), archiveEntry('cx')] };
    const { state, outcome } = reduce(both, { type: 'conversation_deleted', conversation_id: 'c0' }, 0);
    expect(outcome).toBe('applied');
    expect(state.archives.map((entry) => entry.id)).toEqual(['cx']);
  });

  it('R2: the whole truth does not take away the older pages that were loaded', () => {
    const current = talked.conversation;
    if (!current) throw new Error('no conversation');
    const newest = { ...current, messages: current.messages.slice(1), has_more: true };
    const again = sessionFrame({ conversation: newest, last_seq: 9 });
    expect(reduce(talked, again, 0).state.conversation).toEqual({
      ...newest,
      messages: current.messages,
      has_more: false,
    });
  });

  it('how long the session is kept comes with it; a server that says nothing says nothing', () => {
    expect(after(sessionFrame({ retention_days: 90 })).retentionDays).toBe(90);
    expect(after(sessionFrame({ retention_days: null })).retentionDays).toBeNull();
    expect(after(sessionFrame()).retentionDays).toBeNull();
  });
});

it('C1: a repeated S2 of another conversation is not put into this one', () => {
  const here = after(sessionFrame());
  const repeated: ServerFrame = { ...accepted(1), conversation_id: 'another' } as ServerFrame;
  expect(reduce(here, repeated, 0)).toEqual({ state: here, outcome: 'ignored' });
});
