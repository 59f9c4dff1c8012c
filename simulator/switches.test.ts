import { describe, expect, it } from 'vitest';
import { readSwitches, SWITCHES, withoutSwitches } from './switches.ts';

describe('switches', () => {
  it('are found anywhere in a message, several at once', () => {
    const switches = readSwitches('Please [[slow]] tell me [[cut 12]] all [[code]]', 'm');
    expect(switches).toMatchObject({
      slow: true,
      breakOff: { how: 'cut', words: 12 },
      code: true,
      unknown: [],
    });
    expect(withoutSwitches('Please [[slow]] go')).toBe('Please  go');
  });

  it('count only for the model that they name', () => {
    const message = '[[status 529 on claude-sonnet-5-5]] hello';
    expect(readSwitches(message, 'claude-sonnet-5-5').status).toBe(529);
    expect(readSwitches(message, 'claude-haiku-5-5').status).toBeNull();
  });

  it('that are none are named', () => {
    expect(readSwitches('[[slwo]] [[status]] [[status 99]] [[]]', 'm').unknown).toEqual([
      'slwo',
      'status',
      'status 99',
    ]);
  });

  it.each(SWITCHES.map(([text]) => [text]))('%s, which the help lists, is known', (text) => {
    const switches = readSwitches(text, 'm');
    expect(switches.unknown).toEqual([]);
    expect(switches).not.toEqual(readSwitches('', 'm'));
  });
});
