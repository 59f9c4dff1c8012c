import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { couldBeCall, createPrintedCalls } from './printed-calls.ts';

const NAMES = new Set(['get_objects', 'get_object_by_id', 'echo']);
const ARGS = { object_type: 'dcim.device', filters: { site: 'dc14', note: 'a "}" in it' } };
const JSON_ARGS = JSON.stringify(ARGS);
const CALL = `{"name": "get_objects", "arguments": ${JSON_ARGS}}`;

function read(pieces: readonly string[]) {
  let ids = 0;
  const printed = createPrintedCalls(NAMES, () => `id${++ids}`);
  let shown = '';
  for (const piece of pieces) shown += printed.take(piece);
  const { text, calls } = printed.end();
  return { text: shown + text, calls: calls.map(({ name, arguments: args }) => [name, args]) };
}

/** Ways in which models print a call of get_objects with {@link ARGS}, and what stays of the text. */
const PRINTED: [string, string][] = [
  [`<tool_call>\n${CALL}\n</tool_call>`, ''],
  [`<tool_call>${CALL}`, ''],
  [`I look.\n<tool_call>\n${CALL}\n</tool_call>\nThere are 5 devices.`, 'I look.\n'],
  [`I look: <tool_call>${CALL}</tool_call>`, 'I look: '],
  [CALL, ''],
  [`  \n${CALL}\n`, '  \n'],
  [`Let me see.\n\n${CALL}`, 'Let me see.\n\n'],
  [`[${CALL}]`, ''],
  [`{"name": "get_objects", "parameters": ${JSON_ARGS}}`, ''],
  [`{"arguments": ${JSON_ARGS}, "name": "get_objects"}`, ''],
  [`{"name": "get_objects", "arguments": ${JSON.stringify(JSON_ARGS)}}`, ''],
  [`{"type": "function", "function": ${CALL}}`, ''],
  [`{"tool_calls": [{"id": "1", "type": "function", "function": ${CALL}}]}`, ''],
  [`\`\`\`json\n${CALL}\n\`\`\``, ''],
  [`Here:\n\`\`\`\n${CALL}\n\`\`\`\nI wait for the result.`, 'Here:\n'],
  [`\`\`\`tool_call\n${CALL}\n\`\`\``, ''],
  [`[TOOL_CALLS] [${CALL}]`, ''],
  [`[TOOL_CALLS]get_objects[ARGS]${JSON_ARGS}`, ''],
  [`<|python_tag|>${CALL}<|eom_id|>`, ''],
  [`<function=get_objects>${JSON_ARGS}</function>`, ''],
  [`<function_call> ${CALL} </function_call>`, ''],
];

/** Text that looks like it at first, and is none. */
const TEXTS = [
  'Nothing of the kind, [a link](https://example.com) and <b>bold</b>.',
  '[1] first\n[2] second\n',
  '{"devices": [{"name": "get_objects"}]}',
  '{"name": "get_objects"}',
  '{"name": "delete_everything", "arguments": {"sure": true}}',
  '<tool_call>{"name": "delete_everything", "arguments": {}}</tool_call>',
  '{"name": "get_objects", "description": "Gets objects", "parameters": {"type": "object", "properties": {}}}',
  '```python\nprint({"name": "get_objects"})\n```',
  '```json\n{"site": "DC14"}\n```\nThat is all.',
  `Write it as ${CALL} in a line.`,
  '<tool_call> is a mark, and so is [TOOL_CALLS].',
  '<',
  '`',
  '[TOOL_',
  '<function=nothing>{}</function>',
  '{ "name"',
  '',
];

describe('calls that a model prints', () => {
  it.each(PRINTED)('finds %j', (text, rest) => {
    expect(read([text])).toEqual({ text: rest, calls: [['get_objects', ARGS]] });
  });

  it.each(TEXTS)('lets text be text: %j', (text) => {
    expect(read([text])).toEqual({ text, calls: [] });
    expect(read([...text])).toEqual({ text, calls: [] });
  });

  it('finds several, in marks or in a list', () => {
    const other = '{"name": "echo", "arguments": {"message": "hi"}}';
    const calls = [
      ['get_objects', ARGS],
      ['echo', { message: 'hi' }],
    ];
    for (const text of [
      `<tool_call>\n${CALL}\n</tool_call>\n<tool_call>\n${other}\n</tool_call>`,
      `[${CALL}, ${other}]`,
      `${CALL};${other}`,
      `${CALL}\n${other}`,
      `\`\`\`json\n${CALL}\n\`\`\`\nand\n\`\`\`json\n${other}\n\`\`\``,
      `[TOOL_CALLS] [${CALL}, ${other}]`,
    ]) {
      expect(read([text]).calls, text).toEqual(calls);
    }
  });

  it('takes a name alone as a call only behind a mark', () => {
    expect(read(['<tool_call>{"name": "echo"}</tool_call>']).calls).toEqual([['echo', {}]]);
    expect(read(['{"name": "echo"}']).calls).toEqual([]);
  });

  it('tells a malformed or cut call behind a mark, so that the model can be told', () => {
    expect(
      read(['<tool_call>{"name": "echo", "arguments": {\'message\': \'hi\'}}</tool_call>']).calls,
    ).toEqual([['echo', null]]);
    expect(read(['<tool_call>{"name": "echo", "arguments": {"message": "hi']).calls).toEqual([
      ['echo', null],
    ]);
    expect(read(['{"name": "echo", "arguments": {"message": "hi']).calls).toEqual([]);
  });

  it('shows text as soon as it can be no call', () => {
    const printed = createPrintedCalls(NAMES, () => 'id');
    expect(printed.take('Hello <')).toBe('Hello ');
    expect(printed.take('b>you</b>\n')).toBe('<b>you</b>\n');
    expect(printed.take('{"na')).toBe('');
    expect(printed.take('me": "ge')).toBe('');
    expect(printed.take('t_away"')).toBe('{"name": "get_away"');
    expect(printed.take('\n```js')).toBe('\n');
    expect(printed.take('x')).toBe('```jsx');
  });

  it('waits no longer than for 20,000 characters', () => {
    const text = `{"name": "echo", "arguments": {"message": "${'x'.repeat(20_000)}`;
    const printed = createPrintedCalls(NAMES, () => 'id');
    expect(printed.take(text)).toBe(text);
  });

  it('reads the same, however the stream is cut', () => {
    const texts = [...PRINTED.map(([text]) => text), ...TEXTS];
    const pieces = fc.array(fc.oneof(fc.constantFrom(...texts, '\n', ' ', 'so'), fc.string()), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(pieces, fc.array(fc.nat(12), { maxLength: 60 }), (parts, cuts) => {
        const text = parts.join('');
        const cut: string[] = [];
        let from = 0;
        for (const length of cuts) {
          cut.push(text.slice(from, from + length));
          from += length;
        }
        cut.push(text.slice(from));
        expect(read(cut)).toEqual(read([text]));
      }),
      { numRuns: 500 },
    );
  });

  it('never shows what is a call, and never takes a word from what is none', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...TEXTS), fc.string()), { maxLength: 5 }), (parts) => {
        const text = parts.join('');
        const { text: shown, calls } = read([...text]);
        if (calls.length === 0) expect(shown).toBe(text);
        else expect(text.startsWith(shown)).toBe(true);
      }),
    );
  });

  it('says of every beginning of a call that it could be one', () => {
    for (const [text, rest] of PRINTED) {
      const call = text.slice(rest.length);
      for (let length = 1; length <= call.length; length++) {
        expect(couldBeCall(call.slice(0, length), NAMES), call.slice(0, length)).toBe(true);
      }
    }
  });
});
