import { describe, expect, it } from 'vitest';
import { callState, callWords, changeWords } from './call-words.ts';
import { resultView } from './result-view.ts';
import { aCall } from './test-calls.ts';

const said = (over: Parameters<typeof aCall>[0]) => {
  const call = aCall(over);
  const { sentence, facts } = callWords(
    call,
    call.content === null ? null : resultView(call.content, call.truncated),
  );
  return [sentence, ...facts].join(' · ').replaceAll('\u202f', ' ');
};
const page = (shown: number, count: number) =>
  JSON.stringify({ count, next: null, results: Array.from({ length: shown }, (_, id) => ({ id })) });

describe('a row', () => {
  it('says in words what was asked and what was found', () => {
    expect(said({ content: page(12, 12) })).toBe(
      'Asked NetBox for devices · site dc14 · 12 objects · 300 ms',
    );
    expect(said({ content: page(12, 120) })).toContain('12 of 120 objects');
    const next = { object_type: 'dcim.device', filters: {}, offset: 20 };
    expect(said({ content: page(12, 32), arguments: next })).toContain('21 to 32 of 32 objects');
    expect(said({ content: page(12, 12), arguments: { ...next, offset: 1e9 } })).toContain('12 objects');
    expect(said({ content: page(0, 0) })).toContain('nothing found');
    expect(said({ content: '[{"a":1},{"b', truncated: true })).toContain('the first 1 object');
  });

  it('knows the names of the tools with and without something in front of them', () => {
    for (const name of ['get_objects', 'netbox_get_objects', 'nb2__netbox_get_objects']) {
      expect(said({ name })).toMatch(/^Asked NetBox for devices/);
    }
  });

  it('speaks of every kind of call', () => {
    const ids = { object_type: 'ipam.ipaddress', object_id: 7 };
    expect(said({ name: 'get_object_by_id', arguments: ids })).toMatch(/^Looked up IP address 7 in NetBox/);
    expect(said({ name: 'get_changelogs', arguments: { filters: { user_name: 'a' } } })).toMatch(
      /^Asked NetBox what has changed · user name a/,
    );
    expect(said({ name: 'search_objects', arguments: { query: 'cr-01' } })).toMatch(
      /^Searched NetBox for “cr-01”/,
    );
    expect(said({ name: 'update_object', arguments: { ...ids, data: { status: 'offline' } } })).toMatch(
      /^Changed IP address 7 in NetBox · status offline/,
    );
    expect(said({ name: 'echo', server: 'everything', title: null, arguments: { message: 'hi' } })).toMatch(
      /^Used “echo” of everything · message hi/,
    );
  });

  it('names filters as people would, and only a few', () => {
    const filters = {
      name__ic: 'leaf',
      site_id: 4,
      time_after: '2026-11-15T08:00:00Z',
      status: ['active', 'failed'],
      limit: 5,
    };
    expect(said({ arguments: { object_type: 'devices', filters } })).toContain(
      'name leaf · site ID 4 · time after 15 Nov 2026 · 1 more',
    );
  });

  it('tells what has not happened as such', () => {
    const waiting = { state: 'waiting', ok: null, content: null, duration_ms: null } as const;
    expect(said(waiting)).toBe('Wants to use get_objects of NetBox');
    expect(said({ ...waiting, state: 'running' })).toBe('Asks NetBox for devices · site dc14');
    expect(said({ ok: false, content: null, duration_ms: null })).toMatch(
      /^Wanted to ask NetBox for devices/,
    );
  });

  it('does not let others write in it', () => {
    const row = said({
      name: 'x',
      title: `a\u202eb\n\n${'c'.repeat(500)}`,
      server: 'ev\u202eil',
      arguments: { [`k\n${'k'.repeat(99)}`]: 'v'.repeat(999) },
    });
    expect(row).not.toMatch(/[\u202e\n]/);
    expect(row.length).toBeLessThan(260);
  });

  it('copes with arguments of any shape', () => {
    for (const args of [
      null,
      undefined,
      'no json',
      7,
      [],
      { filters: 'x' },
      { object_type: 7 },
      JSON.parse('{"__proto__":1}'),
    ]) {
      expect(said({ arguments: args })).toMatch(/^Asked NetBox for objects/);
    }
  });
});

describe('how a call stands', () => {
  const over = (content: string | null, duration_ms: number | null, server: string | null = 'netbox') =>
    callState(aCall({ ok: false, content, duration_ms, server }));

  it('is told from what the archive has', () => {
    expect(callState(aCall())).toBe('done');
    expect(callState(aCall({ state: 'waiting', ok: null }))).toBe('waiting');
    expect(over('NetBox did not answer.', 900)).toBe('failed');
    expect(over('The person did not allow this call. Do not ask for it again; go on without it.', 0)).toBe(
      'denied',
    );
    expect(over('The person did not allow this call.', 40)).toBe('failed');
    expect(over('The answer ended before this call did.', null)).toBe('undone');
    expect(over('There is no tool "x" here.', 0, null)).toBe('refused');
  });

  it('is told without a state as well', () => {
    expect(callState(aCall({ state: undefined }))).toBe('done');
    expect(callState(aCall({ state: undefined, ok: null }))).toBe('running');
  });
});

describe('what would change', () => {
  it('is said as far as the call tells, and otherwise that nobody knows', () => {
    const args = { object_type: 'dcim.device', object_id: 7, data: { status: 'offline', comments: 'x' } };
    expect(changeWords(aCall({ name: 'update_object', arguments: args }))).toBe(
      'It changes status, comments of device 7.',
    );
    expect(changeWords(aCall({ name: 'delete_object', arguments: args }))).toBe('It deletes device 7.');
    expect(changeWords(aCall({ name: 'create_object', arguments: args }))).toBe('It adds a new device.');
    expect(changeWords(aCall({ name: 'get_objects' }))).toMatch(/may change something/);
    expect(changeWords(aCall({ name: 'launch', server: 'other' }))).toMatch(/may change something/);
  });
});
