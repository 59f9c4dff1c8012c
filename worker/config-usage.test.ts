import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

const read = (env: Record<string, string>) => readConfig({ ANTHROPIC_API_KEY: 'x', ...env });
const ACCESS = { ACCESS_MODE: 'cloudflare-access' };

describe('who runs the deployment, as set', () => {
  it('is nobody by default', () => {
    expect(read({}).operator).toEqual({ token: '', emails: [] });
  });

  it('a token of 16 characters is taken', () => {
    expect(read({ OPERATOR_TOKEN: '0123456789abcdef' }).operator.token).toBe('0123456789abcdef');
  });

  it.each(['0123456789abcde', 'with a space in it', 'grüße-grüße-grüße', 'x'.repeat(513)])(
    'the token %j is not, and the warning does not repeat it',
    (OPERATOR_TOKEN) => {
      const { operator, warnings } = read({ OPERATOR_TOKEN });
      expect(operator.token).toBe('');
      expect(warnings.join()).toContain('OPERATOR_TOKEN must have at least 16 characters');
      expect(warnings.join()).not.toContain(OPERATOR_TOKEN);
    },
  );

  it('addresses are separated by commas or spaces, and compared in small letters', () => {
    const { operator, warnings } = read({ ...ACCESS, OPERATOR_EMAILS: 'Ada@Example.com, bob@example.com' });
    expect(operator.emails).toEqual(['ada@example.com', 'bob@example.com']);
    expect(warnings).toEqual([]);
  });

  it('what is no address is left out, and told by its place', () => {
    const { operator, warnings } = read({ ...ACCESS, OPERATOR_EMAILS: 'ada@example.com,hunter2' });
    expect(operator.emails).toEqual(['ada@example.com']);
    expect(warnings.join()).toContain('OPERATOR_EMAILS: entry 2');
    expect(warnings.join()).not.toContain('hunter2');
  });

  it('addresses without Cloudflare Access are told to have no effect', () => {
    const { warnings } = read({ ACCESS_MODE: 'password', OPERATOR_EMAILS: 'ada@example.com' });
    expect(warnings.join()).toContain('OPERATOR_EMAILS has no effect');
  });
});
