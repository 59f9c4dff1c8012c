import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS, parseClientFrame } from './index.ts';

const parse = (value: unknown) => parseClientFrame(typeof value === 'string' ? value : JSON.stringify(value));

describe('C1 to C9', () => {
  it.each([
    [{ message: 'hi' }, { type: 'chat', message: 'hi' }],
    [
      { type: 'chat', message: 'hi', client_id: 'x', trim: true, attachments: [] },
      { type: 'chat', client_id: 'x', trim: true },
    ],
    [
      { type: 'model_change', model: 'auto' },
      { type: 'model_change', model: 'auto' },
    ],
    [{ type: 'reset' }, { type: 'reset' }],
    [{ type: 'stop', extra: { ignored: true } }, { type: 'stop' }],
    [
      { type: 'open', conversation_id: 'c' },
      { type: 'open', conversation_id: 'c' },
    ],
    [
      { type: 'tool_decision', call_id: 'c', allow: false },
      { type: 'tool_decision', allow: false },
    ],
    [{ type: 'models' }, { type: 'models' }],
    [
      { type: 'redo', message_id: 'm', tier: 'opus' },
      { type: 'redo', tier: 'opus' },
    ],
    [
      { type: 'edit', message_id: 'm', message: 'new' },
      { type: 'edit', message: 'new' },
    ],
  ])('%j is a frame', (value, frame) => {
    expect(parse(value)).toMatchObject({ ok: true, frame });
  });
});

describe('R8', () => {
  it.each([
    'no json',
    '"text"',
    'null',
    '[]',
    '{}',
    { type: 'unknown' },
    { type: 7 },
    { type: 'chat' },
    { type: 'chat', message: null },
    { type: 'chat', message: ['x'] },
    { message: '' },
    { message: ' \n\t' },
    { message: 'x', client_id: 7 },
    { message: 'x', client_id: '' },
    { message: 'x', client_id: 'x'.repeat(65) },
    { message: 'x', trim: 'yes' },
    { message: 'x', attachments: 'file' },
    { message: 'x', attachments: [{}] },
    { type: 'model_change', model: '' },
    { type: 'open', conversation_id: 'x'.repeat(129) },
    { type: 'redo', message_id: 'm', tier: 'fable' },
  ])('%j is bad_frame', (value) => {
    expect(parse(value)).toMatchObject({ ok: false, code: 'bad_frame' });
  });

  it('exactly the limit is fine, one more character is message_too_long, with its client_id', () => {
    expect(parse({ message: 'x'.repeat(LIMITS.messageChars) }).ok).toBe(true);
    expect(parse({ message: 'x'.repeat(LIMITS.messageChars + 1), client_id: 'c' })).toMatchObject({
      ok: false,
      code: 'message_too_long',
      client_id: 'c',
    });
  });

  it('the limit is a setting', () => {
    const limited = (message: string) => parseClientFrame(JSON.stringify({ message }), { messageChars: 3 });
    expect(limited('abc').ok).toBe(true);
    expect(limited('abcd').ok).toBe(false);
  });

  it('property: whatever comes in is a frame or a typed error, and its words do not repeat the input', () => {
    const key = fc.constantFrom(
      'type',
      'message',
      'client_id',
      'model',
      'trim',
      'attachments',
      'tier',
      '__proto__',
    );
    const hostile = fc.oneof(
      fc.string(),
      fc.json(),
      fc.dictionary(key, fc.jsonValue()).map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        const parsed = parseClientFrame(text);
        if (parsed.ok) return;
        expect(['bad_frame', 'message_too_long']).toContain(parsed.code);
        expect(parsed.message.length).toBeLessThan(200);
      }),
      { numRuns: 2_000 },
    );
  });

  it('property: every message that is accepted can be stored: it has no lone surrogate', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.nat(30), (text, cut) => {
        const parsed = parse({ message: `${text}\ud83d${text.slice(cut)}` });
        if (parsed.ok && parsed.frame.type === 'chat') expect(parsed.frame.message.isWellFormed()).toBe(true);
      }),
    );
  });
});
