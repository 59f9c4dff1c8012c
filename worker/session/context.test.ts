import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SaidMessage } from '../archive/messages.ts';
import { estimateTokens, fitContext } from './context.ts';

const user = (text: string): SaidMessage => ({ role: 'user', text, status: 'complete', error_code: null });
const answer = (text: string, status: SaidMessage['status'] = 'complete'): SaidMessage => ({
  role: 'assistant',
  text,
  status,
  error_code: null,
});
const fitted = (
  messages: SaidMessage[],
  question: string,
  more: { contextLength?: number; trim?: boolean } = {},
) =>
  fitContext({
    messages,
    question,
    system: '',
    contextLength: 100_000,
    maxOutputTokens: 1_000,
    trim: false,
    ...more,
  });
const sent = (messages: SaidMessage[], question = 'next') => {
  const result = fitted(messages, question);
  if (!result.ok) throw new Error('does not fit');
  return result.turns;
};

describe('R12 what goes upstream', () => {
  it.each(['stopped', 'limit', 'interrupted', 'max_tokens'] as const)(
    'an answer that ended with %s and has text is sent',
    (status) => {
      expect(sent([user('q'), answer('part', status)])).toEqual([
        { role: 'user', text: 'q' },
        { role: 'assistant', text: 'part' },
        { role: 'user', text: 'next' },
      ]);
    },
  );

  it.each(['error', 'refused', 'streaming'] as const)(
    'an answer with status %s is not sent, its question is',
    (status) => {
      expect(sent([user('q'), answer('part', status)])).toEqual([{ role: 'user', text: 'q\n\nnext' }]);
    },
  );

  it.each(['', '  \n'])('an empty answer %j is not sent', (text) => {
    expect(sent([user('q'), answer(text, 'stopped')])).toEqual([{ role: 'user', text: 'q\n\nnext' }]);
  });

  it('a question that is asked again after a failure goes once', () => {
    expect(sent([user('q'), answer('', 'error')], 'q')).toEqual([{ role: 'user', text: 'q' }]);
  });

  it('a question that equals only the end of the one before it goes as well', () => {
    expect(sent([user('first\n\nyes'), answer('', 'error')], 'yes')).toEqual([
      { role: 'user', text: 'first\n\nyes\n\nyes' },
    ]);
  });

  it('property: roles alternate, begin and end with the user, and no turn is empty', () => {
    const message = fc.oneof(
      fc
        .string({ minLength: 1 })
        .filter((text) => text.trim() !== '')
        .map(user),
      fc
        .tuple(
          fc.string(),
          fc.constantFrom<SaidMessage['status']>('complete', 'error', 'stopped', 'refused', 'interrupted'),
        )
        .map(([text, status]) => answer(text, status)),
    );
    fc.assert(
      fc.property(fc.array(message, { maxLength: 20 }), (messages) => {
        const turns = sent([user('first'), ...messages]);
        expect(turns[0]?.role).toBe('user');
        expect(turns.at(-1)?.role).toBe('user');
        turns.forEach((turn, i) => {
          expect(turn.text.trim()).not.toBe('');
          if (i > 0) expect(turn.role).not.toBe(turns[i - 1]?.role);
        });
      }),
    );
  });
});

describe('R13 context', () => {
  const long = 'word '.repeat(400);
  const history = [user(`one ${long}`), answer('a'), user(`two ${long}`), answer('b')];

  it('refuses what does not fit, with figures, and cuts nothing', () => {
    const result = fitted(history, 'now', { contextLength: 2_000 });
    expect(result).toMatchObject({ ok: false, allowed: 1_000, canTrim: true });
    expect(!result.ok && result.needed).toBeGreaterThan(1_000);
  });

  it('with trim leaves out the oldest turns and says how many messages', () => {
    const result = fitted(history, 'now', { contextLength: 2_000, trim: true });
    expect(result).toMatchObject({ ok: true, dropped: 2 });
    expect(result.ok && result.turns[0]?.text).toMatch(/^two/);
  });

  it('trim on what fits leaves out nothing', () => {
    expect(fitted(history, 'now', { trim: true })).toMatchObject({ ok: true, dropped: 0 });
  });

  it('trim cuts below what the upstream has refused, each time further', () => {
    const refused: SaidMessage = { ...answer('', 'error'), error_code: 'context_too_long' };
    const turns = (messages: SaidMessage[]) => {
      const result = fitted(messages, 'now', { trim: true });
      return result.ok ? result.turns.length : 0;
    };
    const whole = [...history, user(`three ${long}`), answer('c')];
    const once = turns([...whole, user('now'), refused]);
    const twice = turns([...whole, user('now'), refused, user('now'), refused]);
    expect(turns(whole)).toBe(7);
    expect(once).toBeLessThan(7);
    expect(twice).toBeLessThan(once);
    expect(fitted([...whole, user('now'), refused], 'now')).toMatchObject({ ok: true, dropped: 0 });
  });

  it('a message that is too long alone cannot be trimmed', () => {
    expect(fitted(history, long.repeat(4), { contextLength: 2_000, trim: true })).toMatchObject({
      ok: false,
      canTrim: false,
    });
  });
});

it('the guess of tokens is never below what the common tokenizers give for these', () => {
  // Counted with js-tiktoken's cl100k_base and o200k_base, the higher of the two.
  const known: [string, number][] = [
    ['The quick brown fox jumps over the lazy dog.', 10],
    ['10.20.30.40/24 2001:db8::1', 17],
    ['{"name": "core-01", "site": "DC14"}', 15],
    ['你好，世界', 6],
    ['interface GigabitEthernet0/0/1\n description uplink\n ip address 192.168.10.1 255.255.255.0\n', 34],
    ['for (let i = 0; i < 10; i++) { console.log(i); }', 21],
  ];
  for (const [text, tokens] of known) expect(estimateTokens(text)).toBeGreaterThanOrEqual(tokens);
});
