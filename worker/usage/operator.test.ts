import { beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../guard/caller.ts';
import type { Count } from '../guard/window.ts';
import { type Asking, checkOperator } from './operator.ts';

const TOKEN = 'correct-horse-battery';
const ADA = 'ada@example.com';

const signedIn = (name: string | null): Caller => ({ ok: true, who: 'x', name, pass: null });

let taken: string[][];
let givenBack: string[][];
let full: boolean;

beforeEach(() => {
  taken = [];
  givenBack = [];
  full = false;
});

function ask(part: Partial<Asking> = {}): ReturnType<typeof checkOperator> {
  return checkOperator({
    operator: { token: '', emails: [] },
    local: false,
    bearer: null,
    visitor: async () => null,
    address: '192.0.2.1',
    attempts: {
      take: async (counts: readonly Count[]) => {
        taken.push(counts.map(({ name }) => name));
        return full ? { ok: false, name: 'all', waitMs: 5_000 } : { ok: true, at: 7 };
      },
      giveBack: async (names) => {
        givenBack.push([...names]);
      },
    },
    ...part,
  });
}

const withToken = { operator: { token: TOKEN, emails: [] } };
const withEmails = { operator: { token: '', emails: [ADA] } };
const both = { operator: { token: TOKEN, emails: [ADA] } };

describe('who runs a deployment', () => {
  it('is nobody until it is set, whatever is shown', async () => {
    expect(await ask()).toEqual({ kind: 'nobody' });
    expect(await ask({ bearer: '' })).toEqual({ kind: 'nobody' });
    expect(await ask({ bearer: TOKEN, visitor: async () => signedIn(ADA) })).toEqual({ kind: 'nobody' });
    // Addresses are set, and nothing here knows anybody's address.
    expect(await ask(withEmails)).toEqual({ kind: 'nobody' });
    expect(taken).toEqual([]);
  });

  it('is who sits at the machine of a local Worker', async () => {
    expect(await ask({ local: true })).toEqual({ kind: 'operator' });
    expect(await ask({ local: true, ...withToken })).toEqual({ kind: 'operator' });
  });

  it('is who has the token; that does not count as an attempt', async () => {
    expect(await ask({ ...withToken, bearer: TOKEN })).toEqual({ kind: 'operator' });
    expect(givenBack).toEqual(taken);
    expect(taken).toEqual([['address 192.0.2.1', 'all']]);
  });

  it.each(['', 'x', TOKEN.slice(1), `${TOKEN}x`, TOKEN.toUpperCase()])(
    'is not who shows %j',
    async (bearer) => {
      expect(await ask({ ...withToken, bearer })).toEqual({ kind: 'stranger', known: false });
      expect(taken).toHaveLength(1);
      expect(givenBack).toEqual([]);
    },
  );

  it('without a token in the request nothing is tried', async () => {
    expect(await ask(withToken)).toEqual({ kind: 'stranger', known: false });
    expect(taken).toEqual([]);
  });

  it('after too many wrong tokens the right one has to wait too', async () => {
    full = true;
    expect(await ask({ ...withToken, bearer: TOKEN })).toEqual({ kind: 'limited', waitMs: 5_000 });
  });

  it('where attempts cannot be counted nobody is let in', async () => {
    const attempts = { take: () => Promise.reject(new Error('gone')), giveBack: async () => {} };
    expect(await ask({ ...withToken, bearer: TOKEN, attempts })).toEqual({ kind: 'unchecked' });
  });

  it('is whose address is named, where Cloudflare Access says it', async () => {
    expect(await ask({ ...withEmails, visitor: async () => signedIn('Ada@Example.com') })).toEqual({
      kind: 'operator',
    });
    for (const name of ['eve@example.com', '', null, `${ADA},eve@example.com`]) {
      const visitor = async () => signedIn(name);
      expect(await ask({ ...withEmails, visitor })).toEqual({ kind: 'stranger', known: true });
    }
    const visitor = async (): Promise<Caller> => ({ ok: false, message: 'no' });
    expect(await ask({ ...withEmails, visitor })).toEqual({ kind: 'stranger', known: false });
  });

  it('with both set either will do', async () => {
    expect(await ask({ ...both, bearer: TOKEN })).toEqual({ kind: 'operator' });
    expect(await ask({ ...both, visitor: async () => signedIn(ADA) })).toEqual({ kind: 'operator' });
    expect(await ask(both)).toEqual({ kind: 'stranger', known: false });
  });
});
