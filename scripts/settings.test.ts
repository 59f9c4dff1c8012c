import { parseEnv } from 'node:util';
import { describe, expect, test } from 'vitest';
import { formatEnvFile, mergeSettings, settingNames, wantsSimulator } from './settings.ts';

describe('CMD4 settings', () => {
  test('names are read from set and from commented-out lines, prose is passed over', () => {
    const example =
      '# Prose about ANTHROPIC_API_KEY=x in a sentence.\nA_KEY=\n# B_KEY=value\n#C_KEY=1\r\n# A_KEY=again\nlower=1\n';
    expect(settingNames(example)).toEqual(['A_KEY', 'B_KEY', 'C_KEY']);
  });

  test('the process environment beats .dev.vars', () => {
    expect(mergeSettings(['A', 'B'], 'A=file\nB=file', { A: 'process' })).toEqual({
      A: 'process',
      B: 'file',
    });
  });

  test('an empty string is not set, in either place', () => {
    expect(mergeSettings(['A', 'B'], 'A=file\nB=', { A: '' })).toEqual({ A: 'file' });
  });

  test('other variables of the environment stay where they are', () => {
    expect(mergeSettings(['A'], '', { A: '1', AWS_SECRET_ACCESS_KEY: 'x' })).toEqual({ A: '1' });
  });

  test('but for the secrets that servers of tools are sent', () => {
    const servers = '[{"name": "a", "token_secret": "A_TOKEN"}, {"name": "b", "token_secret":"B_TOKEN"}]';
    const environment = { MCP_SERVERS: servers, A_TOKEN: 'a', C_TOKEN: 'c' };
    expect(mergeSettings(['MCP_SERVERS'], 'B_TOKEN=b', environment)).toEqual({
      MCP_SERVERS: servers,
      A_TOKEN: 'a',
      B_TOKEN: 'b',
    });
  });

  test.each([
    ['plain', 'sk-ant-1'],
    ['JSON', '[{"id": "x", "name": "it\'s"}]'],
    ['several lines', '[\n{"id": "x"}\n]'],
    ['a hash and spaces', ' a # b '],
    ['an equals sign', 'a=b='],
    ['a backslash', 'a\\nb'],
  ])('a value survives the env file: %s', (_, value) => {
    expect(parseEnv(formatEnvFile({ A: value, B: 'next' }))).toEqual({ A: value, B: 'next' });
  });

  test('a dollar sign is kept from being expanded', () => {
    expect(formatEnvFile({ A: 'x$HOME' })).toBe("A='x\\$HOME'\n");
  });

  test('a value that no env file can hold is refused by name, without the value', () => {
    expect(() => formatEnvFile({ A: "'`" })).toThrow(/^A contains both/);
  });
});

describe('CMD5 embedded upstreams', () => {
  test.each([
    [{}, true],
    [{ DEFAULT_MODEL: 'auto' }, true],
    [{ ANTHROPIC_API_KEY: 'x' }, false],
    [{ ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' }, false],
    [{ LITELLM_ENABLED: 'false' }, false],
  ])('with %o set: %s', (settings, expected) => {
    expect(wantsSimulator(settings)).toBe(expected);
  });
});
