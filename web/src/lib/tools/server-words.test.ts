import { describe, expect, it } from 'vitest';
import { aModel } from '#lib/state/test-frames.ts';
import type { ToolServer } from '#lib/wire.ts';
import { serversOf, toolWords } from './model-words.ts';
import { netBoxFor, requestNews, serverWords } from './server-words.ts';

const UP: ToolServer = {
  name: 'netbox',
  status: 'up',
  checked_at: null,
  latency_ms: null,
  detail: '',
  tools: 3,
  simulated: false,
};
const able = (over = {}) =>
  aModel('m', 'available', {
    capabilities: { thinking: false, tools: true, images: false },
    tool_servers: [UP],
    ...over,
  });

describe('tool servers', () => {
  it('are said to be connected or not, and simulated where they are', () => {
    expect(serverWords(UP).text).toBe('NetBox connected');
    expect(serverWords({ ...UP, simulated: true }).text).toBe('NetBox connected (simulated)');
    expect(serverWords({ ...UP, status: 'down' }).text).toBe('NetBox not reachable');
    expect(serverWords({ ...UP, name: 'wiki', status: 'disabled' }).text).toBe('wiki switched off');
  });

  it('stand on the models that can use them', () => {
    expect(serversOf([aModel('a'), able()])).toEqual([UP]);
    expect(serversOf([aModel('a')])).toEqual([]);
  });
});

describe('a model', () => {
  it('says in a word whether it can use tools, where there are any', () => {
    expect(toolWords(able(), [])).toBeNull();
    expect(toolWords(aModel('m'), [UP])).toBe('No tools');
    expect(toolWords(able({ tool_state: 'unsupported' }), [UP])).toBe('No tools');
    expect(toolWords(able({ tool_state: 'failed' }), [UP])).toBe('Tools failed');
    expect(toolWords(able({ tool_state: 'untested' }), [UP])).toBe('Tools not tried');
    expect(toolWords(able({ tool_state: 'verified' }), [UP])).toBe('Tools');
    expect(toolWords(able(), [UP])).toBe('Tools');
  });

  it('can be asked about a NetBox that is not known to be down', () => {
    expect(netBoxFor(able())).toBe(UP);
    expect(netBoxFor(able({ tool_servers: [{ ...UP, status: 'unknown' }] }))).not.toBeNull();
    expect(netBoxFor(able({ tool_servers: [{ ...UP, status: 'down' }] }))).toBeNull();
    expect(netBoxFor(able({ tool_servers: [{ ...UP, name: 'wiki' }] }))).toBeNull();
    expect(netBoxFor(able({ tool_state: 'failed' }))).toBeNull();
    expect(netBoxFor(aModel('m'))).toBeNull();
    expect(netBoxFor(undefined)).toBeNull();
  });
});

describe('a request', () => {
  it('is told to those who do not see it', () => {
    expect(requestNews({ name: 'update_object', server: 'netbox' })).toBe(
      'The answer waits for your decision: may it use update_object of NetBox?',
    );
  });
});
