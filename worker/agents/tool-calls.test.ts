import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { argumentsToSend, CallIds, nameToSend, readArguments } from './tool-calls.ts';

describe('the arguments of a call', () => {
  it.each([
    ['', {}],
    [' \n', {}],
    ['{}', {}],
    ['{"a": {"b": [1]}}', { a: { b: [1] } }],
  ])('reads %j', (raw, expected) => {
    expect(readArguments(raw)).toEqual(expected);
  });

  it.each(['{"a": 1', '[1]', '"text"', '3', 'null', 'true', '{"a": 1} and more', "{'a': 1}"])(
    'takes %j for malformed',
    (raw) => {
      expect(readArguments(raw)).toBeNull();
    },
  );

  it('reads every object that was written as JSON, and nothing that was cut off', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), fc.nat(), (value, at) => {
        const raw = JSON.stringify(value);
        expect(readArguments(raw)).toEqual(JSON.parse(raw));
        expect(readArguments(raw.slice(0, 1 + (at % (raw.length - 1))))).toBeNull();
      }),
    );
  });

  it('go back as an object, whatever came', () => {
    expect(argumentsToSend({ arguments: { a: 1 }, raw: '{"a":1}' })).toEqual({ a: 1 });
    expect(argumentsToSend({ arguments: null, raw: '{"a":' })).toEqual({ INVALID_JSON: '{"a":' });
    expect(JSON.stringify(argumentsToSend({ arguments: null, raw: 'x'.repeat(9_000) })).length).toBeLessThan(
      2_100,
    );
  });
});

describe('names and ids of calls', () => {
  it.each([
    ['get_objects', 'get_objects'],
    ['netbox.get objects', 'netbox_get_objects'],
    ['', 'unnamed'],
    ['x'.repeat(90), 'x'.repeat(64)],
    ['日本', '__'],
  ])('the name %j goes back as %j', (name, sent) => {
    expect(nameToSend(name)).toBe(sent);
  });

  it('keeps what is valid and new, and replaces the rest', () => {
    const ids = new CallIds();
    expect(ids.take('toolu_1')).toBe('toolu_1');
    expect(ids.take('toolu_1')).not.toBe('toolu_1');
    expect(ids.keep('call_2')).toBe('call_2');
    for (const bad of [undefined, null, 7, '', 'with space', 'x'.repeat(65)])
      expect(ids.take(bad)).toMatch(/^call_\d+$/);
  });

  it('never gives one twice, and gives the same for the same series', () => {
    const wanted = fc.array(
      fc.option(fc.constantFrom('a', 'b', 'call_1', 'call_2', 'call_9', ''), { nil: undefined }),
    );
    fc.assert(
      fc.property(wanted, (series) => {
        const first = new CallIds();
        const second = new CallIds();
        const taken = series.map((id) => first.take(id));
        expect(new Set(taken).size).toBe(series.length);
        expect(series.map((id) => second.take(id))).toEqual(taken);
      }),
    );
  });
});
