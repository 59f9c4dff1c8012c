import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig, SETTING_NAMES } from './config.ts';

const direct = { ANTHROPIC_API_KEY: 'sk-ant-test' };
const home = {
  LITELLM_ENABLED: 'true',
  LITELLM_PROXY_URL: 'http://localhost:4000/v1',
  LITELLM_MASTER_KEY: 'sk-litellm-test',
};

describe('what is kept, and for how long', () => {
  it.each([
    [undefined, 90],
    ['', 90],
    ['0', null],
    ['1', 1],
    ['3650', 3650],
    ['for ever', 90],
  ])('RETENTION_DAYS=%j: %j days', (RETENTION_DAYS, days) => {
    expect(readConfig({ ...direct, RETENTION_DAYS }).retentionDays).toBe(days);
  });

  it('unwatched work: five minutes, 16,000 tokens, or as set', () => {
    expect(readConfig(direct).unwatched).toEqual({ ms: 300_000, tokens: 16_000 });
    expect(
      readConfig({ ...direct, UNWATCHED_LIMIT_S: '1.5', UNWATCHED_LIMIT_TOKENS: '10' }).unwatched,
    ).toEqual({ ms: 1_500, tokens: 10 });
  });
});

describe('the three scenarios of the requirements plan', () => {
  it('1: Claude direct, the home model through LiteLLM', () => {
    const config = readConfig({ ...direct, ...home, ANTHROPIC_BASE_URL: '', LOG_MODEL_USAGE: 'true' });
    expect(config.scenario).toBe('direct_and_home');
    expect(config.anthropic).toMatchObject({
      apiKey: 'sk-ant-test',
      baseUrl: 'https://api.anthropic.com',
      routingPath: 'sdk_direct',
      timeoutMs: 60_000,
      headers: {},
    });
    expect(config.litellm).toMatchObject({
      proxyUrl: 'http://localhost:4000',
      model: 'ollama-qwen2.5',
      minVersion: '1.84.0',
      timeoutMs: 120_000,
      maxRetries: 0,
    });
    expect(config.warnings).toEqual([]);
    expect(config.fatal).toEqual([]);
  });

  it('2: Claude alone', () => {
    const config = readConfig({ ...direct, LITELLM_ENABLED: 'false' });
    expect(config.scenario).toBe('direct_only');
    expect(config.litellm).toBeNull();
    expect(config.litellmOffReason).toContain('LITELLM_ENABLED');
    expect(config.warnings).toEqual([]);
  });

  it.each(['http://localhost:4000/v1', 'http://localhost:4000', ''])(
    '3: Claude through LiteLLM too, with ANTHROPIC_BASE_URL "%s"',
    (url) => {
      const config = readConfig({ ...home, ANTHROPIC_BASE_URL: url, ALLOW_ANTHROPIC_VIA_LITELLM: 'true' });
      expect(config.scenario).toBe('all_via_litellm');
      expect(config.anthropic).toMatchObject({
        apiKey: 'sk-litellm-test',
        baseUrl: 'http://localhost:4000',
        routingPath: 'litellm_proxy',
      });
      expect(config.warnings).toEqual([]);
    },
  );

  it('3: the master key goes to the proxy and nowhere else', () => {
    const config = readConfig({
      ...home,
      ANTHROPIC_BASE_URL: 'https://api.anthropic.com',
      ALLOW_ANTHROPIC_VIA_LITELLM: 'true',
    });
    expect(config.anthropic?.baseUrl).toBe('http://localhost:4000');
    expect(config.warnings.join()).toContain('ANTHROPIC_BASE_URL');
  });

  it('a home without Claude is a good use', () => {
    const config = readConfig(home);
    expect(config.scenario).toBe('home_only');
    expect(config.fatal).toEqual([]);
    expect(config.anthropicOffReason).toContain('ANTHROPIC_API_KEY');
    expect(config.warnings.join()).toContain('ANTHROPIC_API_KEY');
  });
});

describe('H7: faults', () => {
  it('names every variable at once when nothing is left to offer', () => {
    const { fatal, scenario } = readConfig({ LITELLM_ENABLED: 'yes' });
    expect(scenario).toBe('none');
    for (const name of ['ANTHROPIC_API_KEY', 'LITELLM_PROXY_URL', 'LITELLM_MASTER_KEY']) {
      expect(fatal.join()).toContain(name);
    }
    expect(readConfig({}).fatal).toHaveLength(2);
  });

  it.each([
    ['no key', { LITELLM_MASTER_KEY: '' }, 'LITELLM_MASTER_KEY'],
    ['the public example key', { LITELLM_MASTER_KEY: 'sk-1234' }, 'LITELLM_MASTER_KEY'],
    ['no address', { LITELLM_PROXY_URL: '' }, 'LITELLM_PROXY_URL'],
    ['the pass-through', { LITELLM_PROXY_URL: 'http://localhost:4000/anthropic' }, '/anthropic'],
    ['the pass-through with /v1', { LITELLM_PROXY_URL: 'http://localhost:4000/anthropic/v1/' }, '/anthropic'],
    ['no http address', { LITELLM_PROXY_URL: 'localhost:4000' }, 'LITELLM_PROXY_URL'],
    ['a password in the address', { LITELLM_PROXY_URL: 'http://u:p@localhost:4000' }, 'LITELLM_PROXY_URL'],
  ])('a broken home side never hurts Claude: %s', (_what, change, named) => {
    const config = readConfig({ ...direct, ...home, ...change });
    expect(config.scenario).toBe('direct_only');
    expect(config.litellmOffReason).toContain(named);
    expect(config.warnings.join()).toContain(named);
    expect(config.fatal).toEqual([]);
  });

  it('reports several faults of one side together', () => {
    const { litellmOffReason } = readConfig({ ...direct, LITELLM_ENABLED: 'true' });
    expect(litellmOffReason).toContain('LITELLM_PROXY_URL');
    expect(litellmOffReason).toContain('LITELLM_MASTER_KEY');
  });

  it('tells that Claude is asked at the address of the proxy, and offers it all the same', () => {
    const config = readConfig({ ...direct, ...home, ANTHROPIC_BASE_URL: 'http://localhost:4000/v1' });
    expect(config.anthropic).toMatchObject({ routingPath: 'sdk_direct', baseUrl: 'http://localhost:4000' });
    expect(config.warnings.join()).toMatch(/ANTHROPIC_BASE_URL.*ALLOW_ANTHROPIC_VIA_LITELLM/);
  });

  it('does not fall back to Anthropic when ANTHROPIC_BASE_URL is faulty', () => {
    const config = readConfig({ ...direct, ANTHROPIC_BASE_URL: 'ftp://x' });
    expect(config.anthropic).toBeNull();
    expect(config.fatal.join()).toContain('ANTHROPIC_BASE_URL');
  });

  it.each([
    [
      'left-overs in scenario 2',
      { LITELLM_ENABLED: 'false', LITELLM_PROXY_URL: 'http://x' },
      'LITELLM_PROXY_URL',
    ],
    ['scenario 3 without LiteLLM', { ALLOW_ANTHROPIC_VIA_LITELLM: 'true' }, 'ALLOW_ANTHROPIC_VIA_LITELLM'],
    ['half a service token', { ...home, CF_ACCESS_CLIENT_ID: 'a' }, 'CF_ACCESS_CLIENT_SECRET'],
    ['a key that is none of LiteLLM', { ...home, LITELLM_MASTER_KEY: 'abc' }, 'LITELLM_MASTER_KEY'],
    ['plain http to another host', { ...home, LITELLM_PROXY_URL: 'http://llm.example.com' }, 'https'],
    ['an unsafe floor', { ...home, LITELLM_MIN_VERSION: '1.55.0' }, 'LITELLM_MIN_VERSION'],
    ['an unknown level', { LOG_LEVEL: 'LOUD' }, 'LOG_LEVEL'],
    ['no flag', { ENABLE_MODEL_SELECTION: 'maybe' }, 'ENABLE_MODEL_SELECTION'],
    ['no number', { ANTHROPIC_TIMEOUT_S: '60s' }, 'ANTHROPIC_TIMEOUT_S'],
    ['no time at all', { LITELLM_TIMEOUT_S: '0' }, 'LITELLM_TIMEOUT_S'],
    ['too many retries', { LITELLM_MAX_RETRIES: '9' }, 'LITELLM_MAX_RETRIES'],
    ['half a day', { RETENTION_DAYS: '0.5' }, 'RETENTION_DAYS'],
    ['more than ten years', { RETENTION_DAYS: '3651' }, 'RETENTION_DAYS'],
    ['a past retention', { RETENTION_DAYS: '-1' }, 'RETENTION_DAYS'],
    ['no unwatched second', { UNWATCHED_LIMIT_S: '0' }, 'UNWATCHED_LIMIT_S'],
    ['no unwatched token', { UNWATCHED_LIMIT_TOKENS: '0' }, 'UNWATCHED_LIMIT_TOKENS'],
    ['no origin', { ALLOWED_ORIGINS: 'chat.example.com' }, 'ALLOWED_ORIGINS'],
  ])('only warns: %s', (_what, change, named) => {
    const config = readConfig({ ...direct, ...change });
    expect(config.anthropic).not.toBeNull();
    expect(config.warnings.join()).toContain(named);
  });

  it('sends half a service token to nobody', () => {
    expect(readConfig({ ...home, CF_ACCESS_CLIENT_ID: 'a' }).litellm?.headers).toEqual({});
  });

  it('tells no value in any sentence', () => {
    const secret = 'super-secret-value';
    const env = Object.fromEntries(SETTING_NAMES.map((name) => [name, secret]));
    const { warnings, fatal, anthropicOffReason, litellmOffReason } = readConfig(env);
    expect(JSON.stringify([warnings, fatal, anthropicOffReason, litellmOffReason])).not.toContain(secret);
    expect(warnings.length).toBeGreaterThan(5);
  });
});

describe('values', () => {
  it.each(['true', 'TRUE', '1', 'yes', 'On'])('takes %s for true', (word) => {
    expect(readConfig({ ...home, LITELLM_ENABLED: word }).litellmEnabled).toBe(true);
  });

  it.each(['false', '0', 'No', 'off'])('takes %s for false', (word) => {
    expect(readConfig({ LOCAL_FALLBACK: word }).localFallback).toBe(false);
  });

  it('takes an empty string, or quotes around nothing, as not set', () => {
    const config = readConfig({
      ...direct,
      OLLAMA_MODEL: '',
      DEFAULT_MODEL: '""',
      ENABLE_MODEL_SELECTION: ' ',
    });
    expect(config.ollama.model).toBe('qwen2.5:14b-instruct-8k');
    expect(config.defaultModel).toBeNull();
    expect(config.modelSelection).toBe(true);
  });

  it.each([
    ['http://h:1/v1', 'http://h:1'],
    ['http://h:1/v1/', 'http://h:1'],
    ['http://h:1//', 'http://h:1'],
    ['http://h:1/v1/v1', 'http://h:1/v1'],
    ['https://h/some/path/v1', 'https://h/some/path'],
  ])('takes /v1 off %s once', (given, expected) => {
    expect(readConfig({ ...direct, ANTHROPIC_BASE_URL: given }).anthropic?.baseUrl).toBe(expected);
  });

  it('takes vars that are no text, and passes over bindings', () => {
    const config = readConfig({
      ...home,
      LITELLM_ENABLED: true,
      LITELLM_TIMEOUT_S: 3,
      MODELS: [{ id: 'x' }],
      OLLAMA_MODEL: {},
    });
    expect(config.litellm?.timeoutMs).toBe(3000);
    expect(config.modelOverrides).toBe('[{"id":"x"}]');
    expect(config.ollama.model).toBe('qwen2.5:14b-instruct-8k');
  });

  it('takes origins apart', () => {
    const { allowedOrigins } = readConfig({
      ALLOWED_ORIGINS: 'https://a.example, http://localhost:5173/ https://a.example',
    });
    expect(allowedOrigins).toEqual(['https://a.example', 'http://localhost:5173']);
  });

  it('is local by an explicit word only (CMD6)', () => {
    expect(readConfig({ ...direct }).local).toBe(false);
    expect(readConfig({ LOCAL: 'localhost' }).local).toBe(false);
    expect(readConfig({ LOCAL: 'true' }).local).toBe(true);
  });

  it('gives the service token to the proxy, and to Ollama over https only', () => {
    const token = { CF_ACCESS_CLIENT_ID: 'a', CF_ACCESS_CLIENT_SECRET: 'b' };
    const sent = { 'CF-Access-Client-Id': 'a', 'CF-Access-Client-Secret': 'b' };
    const config = readConfig({ ...direct, ...home, ...token, OLLAMA_BASE_URL: 'http://localhost:11434' });
    expect(config.litellm?.headers).toEqual(sent);
    expect(config.anthropic?.headers).toEqual({});
    expect(config.ollama.headers).toEqual({});
    expect(readConfig({ ...home, ...token, OLLAMA_BASE_URL: 'https://o.example' }).ollama.headers).toEqual(
      sent,
    );
  });
});

describe('the hash', () => {
  it('changes with every setting, and not with other bindings', () => {
    const base = readConfig(direct).hash;
    expect(readConfig({ ...direct, HEALTH_CACHE: {} }).hash).toBe(base);
    for (const name of SETTING_NAMES) expect(readConfig({ ...direct, [name]: 'z' }).hash).not.toBe(base);
  });

  it('holds no secret', () => {
    expect(readConfig(direct).hash).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('.dev.vars.example', () => {
  const text = readFileSync(join(import.meta.dirname, '../.dev.vars.example'), 'utf8');
  const named = text.split('\n').flatMap((line) => /^#?\s*([A-Z][A-Z0-9_]+)=/.exec(line)?.[1] ?? []);

  it('names exactly the settings that are read (CMD4)', () => {
    expect([...new Set(named)].sort()).toEqual([...SETTING_NAMES].sort());
  });

  it('shows the defaults that hold', () => {
    const shown = text.slice(text.indexOf('==== Every setting')).split('\n');
    const env = Object.fromEntries(
      shown.flatMap((line) => {
        const match = /^#\s*([A-Z][A-Z0-9_]+)=(.*)$/.exec(line);
        return match?.[1] !== undefined && match[1] !== 'MODELS' ? [[match[1], match[2]]] : [];
      }),
    );
    // What is written out as a default must change nothing but the list of left-overs and the hash.
    const { warnings: _a, hash: _b, ...spelledOut } = readConfig({ ...env, ...direct });
    const { warnings: _c, hash: _d, ...silent } = readConfig(direct);
    expect(spelledOut).toEqual(silent);
  });
});
