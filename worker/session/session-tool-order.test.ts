import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allMessages } from '../archive/messages.ts';
import { findParked } from '../archive/tools.ts';
import { NANOS_PER_USD } from '../guard/ledger-book.ts';
import { aTool, type RecordingSocket, settle, World } from '../testing/world.ts';

const part = fc.nat(5);
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('text' as const),
      text: fc.string({ unit: 'binary', maxLength: 6 }),
      split: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('tools' as const),
      reads: fc.nat(2),
      writes: fc.nat(2),
      odd: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('answer' as const), part, ok: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('decide' as const),
      part,
      allow: fc.boolean(),
      remember: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('ask' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'finish' as const,
        'fail' as const,
        'stop' as const,
        'redo' as const,
        'restart' as const,
        'reset' as const,
        'reopen' as const,
        'later' as const,
        'join' as const,
        'come back' as const,
      ),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Plays whatever comes on one session, with money set aside for each call. */
class Play {
  readonly world = new World({
    DEFAULT_MODEL: 'claude-sonnet-5-5',
    DAILY_BUDGET_USD: '100',
    MAX_HISTORY_TOKENS: '100000',
  });
  readonly sockets: RecordingSocket[] = [];
  #id = 0;
  /** How many calls of models and of tools the processes before this one made. */
  #before = { calls: 0, toolCalls: 0 };

  constructor() {
    this.world.tools = [aTool('get_objects'), aTool('update_object', { readOnly: false })];
    this.sockets.push(this.world.connect());
  }

  get socket(): RecordingSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('nobody is there');
    return socket;
  }

  async take(one: Step): Promise<void> {
    const { world, socket } = this;
    const call = world.calls.slice(this.#before.calls).at(-1);
    const conversation = world.session.conversation;
    switch (one.do) {
      case 'text':
        if (one.split) return call?.text(one.text.slice(0, 1), one.text.slice(1));
        return call?.text(one.text);
      case 'tools': {
        const uses = [
          ...Array.from({ length: one.reads }, () => ({ name: 'get_objects' })),
          ...Array.from({ length: one.writes }, () => ({ name: 'update_object' })),
          ...(one.odd ? [{ name: 'delete_everything' }] : []),
        ];
        return call?.tools(...uses.map((use) => ({ ...use, id: `c${++this.#id}`, args: { n: this.#id } })));
      }
      case 'answer':
        return world.toolCalls
          .slice(this.#before.toolCalls)
          .at(-1 - one.part)
          ?.answer(`found ${one.part}`, one.ok);
      case 'decide': {
        const { allow, remember } = one;
        const id = Math.max(1, this.#id - one.part);
        return world.say(socket, { type: 'tool_decision', call_id: `c${id}`, allow, remember });
      }
      case 'ask':
        return world.say(socket, { message: 'which devices are in DC14?' });
      case 'finish':
        return call?.finish();
      case 'fail':
        return call?.fail('transient', { status: 529 });
      case 'redo':
        return world.say(socket, { type: 'redo', message_id: `${conversation.id}.2` });
      case 'restart':
        // Whoever was there is told by a broken line, and is not among the sockets of the new process.
        world.sockets.clear();
        world.restart();
        this.#before = { calls: world.calls.length, toolCalls: world.toolCalls.length };
        this.sockets.push(world.connect());
        return;
      case 'reopen': {
        const [archived] = socket.last('session').archives;
        if (archived !== undefined) await world.say(socket, { type: 'open', conversation_id: archived.id });
        return;
      }
      case 'later':
        world.clock.advance(3_000);
        return settle();
      case 'join':
        this.sockets.push(world.connect());
        return;
      case 'come back': {
        const seen = socket.frames.flatMap((frame) =>
          'seq' in frame && frame.seq !== undefined ? [frame.seq] : [],
        );
        world.sockets.delete(socket);
        this.sockets.push(world.connect({ conversation: conversation.id, after: seen.at(-1) ?? 0 }));
        return;
      }
      default:
        return world.say(socket, { type: one.do });
    }
  }
}

/** What one socket was told of one conversation, from one greeting to the next. */
function check(socket: RecordingSocket, archive: Map<string, { text: string; tools: unknown }>): void {
  let last: number | null = null;
  /** The answer that is being written; undefined: whichever it was when the socket left. */
  let open: string | null | undefined = null;
  let text: string | null = null;
  const announced = new Set<string>();
  for (const frame of socket.frames) {
    if (frame.type === 'session') {
      last = frame.last_seq;
      open = frame.run?.message_id ?? null;
      if (frame.resumed_after === null) continue;
      last = frame.resumed_after;
      open = undefined;
    } else if (frame.type === 'conversation_opened') {
      last = frame.last_seq;
      open = null;
    } else if (frame.type === 'model_changed' || frame.type === 'conversation_reset') {
      expect(open ?? null).toBeNull();
      last = 0;
    }
    if (!('seq' in frame) || frame.seq === undefined) continue;
    // The first S2 of a repeated client_id has an old number; nobody here sends one.
    expect(frame.seq).toBe((last ?? 0) + 1);
    last = frame.seq;
    if (frame.type === 'message_accepted') {
      expect(open ?? null).toBeNull();
      open = frame.reply_id;
      text = '';
    } else if ('message_id' in frame) {
      expect(frame.message_id).toBe(open ?? frame.message_id);
      expect(open).not.toBeNull();
      if (frame.type === 'text_delta' && text !== null) text += frame.text;
      if (frame.type === 'tool_call' || frame.type === 'tool_request') announced.add(frame.call_id);
      // Who came in the middle has heard of the call in the snapshot.
      if (frame.type === 'tool_result' && text !== null) expect(announced).toContain(frame.call_id);
      if (text !== null && 'at' in frame && frame.type !== 'tool_result') expect(frame.at).toBe(text.length);
      if (frame.type === 'message_end') {
        if (text !== null && frame.stop_reason !== 'interrupted')
          expect(archive.get(open ?? '')?.text).toBe(text);
        open = null;
        text = null;
      }
    }
  }
}

describe('whatever happens while tools are used', () => {
  it('R1, R2, R7: frames are numbered by one, every S2 has its S6, the text is what is archived; all money is settled', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        const play = new Play();
        await play.take({ do: 'ask' });
        for (const one of steps) await play.take(one);
        const { world } = play;
        await world.say(play.socket, { type: 'stop' });
        await settle();
        const ids = [
          world.session.conversation.id,
          ...play.world
            .connect()
            .last('session')
            .archives.map(({ id }) => id),
        ];
        const messages = ids.flatMap((id) => allMessages(world.sql, id));
        const archive = new Map(
          messages.map((one) => [one.id, { text: one.text, tools: 'tools' in one ? one.tools : [] }]),
        );
        for (const socket of play.sockets) check(socket, archive);
        for (const message of messages) {
          expect(message.status).not.toBe('streaming');
          if (message.role === 'user') continue;
          let at = 0;
          for (const call of message.tools ?? []) {
            expect(call).toMatchObject({
              state: 'done',
              ok: expect.any(Boolean),
              content: expect.any(String),
            });
            expect(call.at).toBeGreaterThanOrEqual(at);
            expect(call.at).toBeLessThanOrEqual(message.text.length);
            at = call.at ?? 0;
          }
        }
        for (const id of ids) expect(findParked(world.sql, id)).toBeNull();
        // What a lost process had set aside counts as spent in the end.
        if (steps.some((one) => one.do === 'restart')) return;
        const { spent, reserved } = world.book.totals('deployment', '', world.clock.now());
        expect(reserved).toBe(0);
        const receipts = world.recorded.map(({ cost_usd }) => cost_usd ?? 0);
        expect(receipts.reduce((sum, usd) => sum + usd, 0)).toBeLessThanOrEqual(spent / NANOS_PER_USD + 1e-9);
      }),
      { numRuns: 150 },
    );
  });
});
