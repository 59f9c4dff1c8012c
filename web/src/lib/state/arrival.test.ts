import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from './api.ts';
import { Arrival, type ArrivalWorld, codeIn } from './arrival.svelte.ts';

const CODE = 'AbCdEfGhIjKlMnOpQrStUv';

describe('the fragment of an address', () => {
  it.each([
    [`#link=${CODE}`, CODE],
    ['#link=', null],
    [`#link=${'x'.repeat(500)}`, 'x'.repeat(128)],
    [`#other=${CODE}`, null],
    [`#x#link=${CODE}`, null],
    ['', null],
  ])('%j carries %j', (fragment, code) => {
    expect(codeIn(fragment)).toBe(code);
  });
});

describe('a one-time link', () => {
  let own: ReturnType<ArrivalWorld['own']>;
  let adopted: string[];
  let redeem: (code: string) => Promise<string>;
  let arrival: Arrival;

  beforeEach(() => {
    own = 'none';
    adopted = [];
    redeem = async (code) => `session of ${code}`;
    arrival = new Arrival({
      own: () => own,
      adopt: (id, place) => adopted.push(`${id}, ${place}`),
      redeem: (code) => redeem(code),
    });
    vi.stubGlobal('location', { hash: `#link=${CODE}`, pathname: '/', search: '?a=1' });
    vi.stubGlobal('history', { state: 'kept', replaceState: vi.fn() });
  });
  afterEach(() => vi.unstubAllGlobals());

  const settled = () => new Promise((resolve) => setTimeout(resolve));

  it('is off the address at once', () => {
    expect(arrival.take()).toBe(true);
    expect(history.replaceState).toHaveBeenCalledWith('kept', '', '/?a=1');
  });

  it.each(['none', 'empty'] as const)('opens by itself where there is nothing to lose: %s', async (kind) => {
    own = kind;
    arrival.take();
    await settled();
    expect(adopted).toEqual([`session of ${CODE}, everywhere`]);
    expect(arrival.state.kind).toBe('none');
  });

  it('waits until it knows, and asks where this device has a chat; the code is not spent by asking', async () => {
    own = 'unknown';
    const redeemed = vi.fn(redeem);
    redeem = redeemed;
    arrival.take();
    expect(arrival.state.kind).toBe('pending');
    own = 'used';
    arrival.look();
    expect(arrival.state.kind).toBe('asking');
    arrival.leave();
    expect([redeemed.mock.calls, arrival.state.kind]).toEqual([[], 'none']);
  });

  it('opens where the person wants it', async () => {
    own = 'used';
    arrival.take();
    await arrival.open('this-tab');
    expect(adopted).toEqual([`session of ${CODE}, this-tab`]);
  });

  it('that is spent says so; one that could not be asked about can be tried again', async () => {
    redeem = () => Promise.reject(new ApiError('not_found', 'No.'));
    arrival.take();
    await settled();
    expect(arrival.state).toMatchObject({ kind: 'failed', again: false });
    redeem = () => Promise.reject(new ApiError('internal', 'The server cannot be reached.'));
    await arrival.open('this-tab');
    expect(arrival.state).toMatchObject({
      kind: 'failed',
      again: true,
      detail: 'The server cannot be reached.',
    });
    redeem = async () => 'session';
    await arrival.open();
    expect(adopted).toEqual(['session, this-tab']);
  });

  it('is redeemed once, however often it is asked for', async () => {
    const redeemed = vi.fn(redeem);
    redeem = redeemed;
    arrival.take();
    arrival.look();
    await Promise.all([arrival.open(), arrival.open()]);
    expect(redeemed).toHaveBeenCalledTimes(1);
  });
});
