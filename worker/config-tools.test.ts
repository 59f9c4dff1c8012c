import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

const read = (env: Record<string, unknown>) => readConfig({ ANTHROPIC_API_KEY: 'sk-ant-test', ...env });
const servers = (list: unknown, env: Record<string, unknown> = {}) => {
  const { tools, warnings } = read({ MCP_SERVERS: JSON.stringify(list), ...env });
  return { servers: tools.servers, warnings };
};
const fine = { name: 'lab', url: 'https://lab.example.com/mcp' };

describe('servers of tools', () => {
  it('are none where nothing is set', () => {
    const { tools, warnings } = read({});
    expect(tools).toEqual({ servers: [], timeoutMs: 60_000, resultChars: 24_000, rounds: 12 });
    expect(warnings).toEqual([]);
  });

  it('are NetBox, with its reading tools in both spellings, where only its address is set', () => {
    const { tools } = read({ NETBOX_MCP_URL: 'http://127.0.0.1:8000/mcp', NETBOX_MCP_TOKEN: 'abc' });
    expect(tools.servers).toMatchObject([
      { name: 'netbox', url: 'http://127.0.0.1:8000/mcp', token: 'abc', mode: 'read', headers: {} },
    ]);
    expect(tools.servers[0]?.allowed).toEqual(
      ['get_objects', 'get_object_by_id', 'get_changelogs', 'search_objects'].flatMap((name) => [
        name,
        `netbox_${name}`,
      ]),
    );
    expect(tools.servers[0]?.readOnly).toContain('netbox_get_objects');
  });

  it('are NetBox with the tools that are named, in either spelling, which does not make them read-only', () => {
    const { tools } = read({
      NETBOX_MCP_URL: 'https://netbox.example.com/mcp',
      NETBOX_ALLOWED_TOOLS: 'netbox_get_objects, update_object',
    });
    const [netbox] = tools.servers;
    expect(netbox?.allowed).toEqual([
      'get_objects',
      'netbox_get_objects',
      'update_object',
      'netbox_update_object',
    ]);
    expect(netbox?.readOnly).not.toContain('update_object');
  });

  it('are those of MCP_SERVERS, in their order, after NetBox', () => {
    const list = [
      {
        ...fine,
        token_secret: 'LAB_TOKEN',
        allowed_tools: ['a', 'b'],
        read_only_tools: ['a'],
        mode: 'ask',
      },
      { name: 'spare', url: 'http://10.0.0.1/mcp', mode: 'off' },
    ];
    const { servers: all, warnings } = servers(list, {
      LAB_TOKEN: 'lab-token',
      NETBOX_MCP_URL: 'https://netbox.example.com/mcp',
    });
    expect(warnings).toEqual([]);
    expect(all.map(({ name }) => name)).toEqual(['netbox', 'lab', 'spare']);
    expect(all[1]).toEqual({
      name: 'lab',
      url: fine.url,
      token: 'lab-token',
      headers: {},
      allowed: ['a', 'b'],
      readOnly: ['a'],
      mode: 'ask',
    });
    expect(all[2]).toMatchObject({ allowed: null, mode: 'off' });
  });

  it('may stand in vars as a list', () => {
    expect(read({ MCP_SERVERS: [fine] }).tools.servers).toHaveLength(1);
  });

  it('get the service token of the tunnel only where they ask for it', () => {
    const access = { CF_ACCESS_CLIENT_ID: 'id', CF_ACCESS_CLIENT_SECRET: 'secret', LITELLM_ENABLED: 'false' };
    const { servers: all, warnings } = servers(
      [
        { ...fine, access: true },
        { ...fine, name: 'other' },
      ],
      access,
    );
    expect(all.map(({ headers }) => headers)).toEqual([
      { 'CF-Access-Client-Id': 'id', 'CF-Access-Client-Secret': 'secret' },
      {},
    ]);
    expect(warnings).toEqual([]);
    expect(servers([{ ...fine, access: true }])).toMatchObject({
      servers: [],
      warnings: [expect.stringContaining('CF_ACCESS_CLIENT_ID')],
    });
  });
});

describe('NetBox behind the tunnel', () => {
  const netbox = { NETBOX_MCP_URL: 'https://netbox.example.com/mcp', NETBOX_MCP_ACCESS: 'true' };
  it('gets the service token, and says what is missing', () => {
    const access = { CF_ACCESS_CLIENT_ID: 'id', CF_ACCESS_CLIENT_SECRET: 'secret' };
    const { tools, warnings } = read({ ...netbox, ...access });
    expect(tools.servers[0]?.headers).toEqual({
      'CF-Access-Client-Id': 'id',
      'CF-Access-Client-Secret': 'secret',
    });
    expect(warnings).toEqual([]);
    expect(read(netbox).warnings).toEqual([expect.stringContaining('NETBOX_MCP_ACCESS needs')]);
  });
});

describe('a faulty entry', () => {
  it.each<[string, unknown, RegExp]>([
    ['no object', 'https://secret.example.com', /MCP_SERVERS\[0\]: must be an object/],
    ['no name', { url: fine.url }, /MCP_SERVERS\[0\]: the field "name" is missing/],
    ['a bad name', { ...fine, name: 'My Secret' }, /MCP_SERVERS\[0\]: the field "name" must be/],
    ['no address', { name: 'lab' }, /MCP_SERVERS\[0\] \("lab"\): the field "url" is missing/],
    ['a bad address', { ...fine, url: 'ftp://secret' }, /the field "url" must be an address/],
    [
      'a password in its address',
      { ...fine, url: 'https://me:secret@lab.example.com/mcp' },
      /without user name/,
    ],
    ['a key in its address', { ...fine, url: 'https://lab.example.com/mcp?key=secret' }, /or query/],
    [
      'a token in place of its name',
      { ...fine, token_secret: 'secret-4711' },
      /must be the name of a secret/,
    ],
    ['a secret that is not set', { ...fine, token_secret: 'LAB_TOKEN' }, /LAB_TOKEN .* which is not set/],
    ['a secret that is no token', { ...fine, token_secret: 'BROKEN' }, /BROKEN .* which is no token/],
    [
      'the key of a provider',
      { ...fine, token_secret: 'ANTHROPIC_API_KEY' },
      /ANTHROPIC_API_KEY .* not for tools/,
    ],
    ['tools that are no list', { ...fine, allowed_tools: 'get' }, /"allowed_tools" must be a list/],
    ['a tool that is no name', { ...fine, allowed_tools: ['a b'] }, /"allowed_tools" must be a list/],
    ['a mode that is none', { ...fine, mode: 'write' }, /"mode" must be "read", "ask" or "off"/],
  ])('%s is named and left out, and never its value', (_name, entry, words) => {
    const { servers: all, warnings } = servers([entry, { ...fine, name: 'good' }], { BROKEN: 'two words' });
    expect(all.map(({ name }) => name)).toEqual(['good']);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(words);
    expect(warnings[0]).toMatch(/The entry is left out\.$/);
    expect(warnings[0]).not.toMatch(/secret[.-]|:secret|=secret|4711|My Secret|two words|sk-ant/);
  });

  it('is one whose name is there already, of NetBox as well', () => {
    const list = [fine, fine, { ...fine, name: 'netbox' }];
    const { servers: all, warnings } = servers(list, { NETBOX_MCP_URL: 'https://netbox.example.com/mcp' });
    expect(all.map(({ name }) => name)).toEqual(['netbox', 'lab']);
    expect(warnings.map((text) => text.slice(0, 16))).toEqual(['MCP_SERVERS[1] (', 'MCP_SERVERS[2] (']);
  });

  it('is the seventeenth', () => {
    const list = Array.from({ length: 18 }, (_, i) => ({ ...fine, name: `s${i}` }));
    expect(servers(list).servers).toHaveLength(16);
  });

  it.each(['{', '{"name": "x"}', '"text"'])('spoils the list where that is none: %s', (list) => {
    const { tools, warnings } = read({ MCP_SERVERS: list });
    expect(tools.servers).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('MCP_SERVERS is not a JSON array')]);
  });
});

describe('what an operator should know', () => {
  it.each<[string, Record<string, string>, RegExp]>([
    [
      'a field that is not known',
      { MCP_SERVERS: JSON.stringify([{ ...fine, token: 'secret-4711' }]) },
      /"token_secret"/,
    ],
    [
      'a token that travels in clear',
      { NETBOX_MCP_URL: 'http://netbox.example.com/mcp', NETBOX_MCP_TOKEN: 'secret-4711' },
      /NETBOX_MCP_URL is plain http to another host/,
    ],
    ['settings without an address', { NETBOX_MCP_TOKEN: 'secret-4711' }, /NETBOX_MCP_URL is not set/],
    [
      'a token that cannot be sent',
      { NETBOX_MCP_TOKEN: 'a b', NETBOX_MCP_URL: 'https://x.example/mcp' },
      /NETBOX_MCP_TOKEN must be a token/,
    ],
    ['a time that is none', { MCP_TIMEOUT_S: 'long' }, /MCP_TIMEOUT_S must be/],
  ])('%s is told', (_name, env, words) => {
    const { warnings } = read(env);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(words);
    expect(warnings[0]).not.toContain('4711');
  });

  it('does not hold for an address at home', () => {
    expect(read({ NETBOX_MCP_URL: 'http://192.168.1.5:8000/mcp', NETBOX_MCP_TOKEN: 'abc' }).warnings).toEqual(
      [],
    );
  });

  it('a new token is a new configuration, though its name stays', () => {
    const list = JSON.stringify([{ ...fine, token_secret: 'LAB_TOKEN' }]);
    const hash = (token: string) => read({ MCP_SERVERS: list, LAB_TOKEN: token }).hash;
    expect(hash('one')).not.toBe(hash('two'));
    expect(hash('one')).not.toContain('one');
  });
});
