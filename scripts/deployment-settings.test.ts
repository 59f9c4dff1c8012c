import { describe, expect, test } from 'vitest';
import {
  DEPLOYMENT_SETTINGS,
  faultyValues,
  givenSettings,
  missingSettings,
  NotLoggedIn,
  readPresent,
} from './deployment-settings.ts';
import { addressOf, movedConfig } from './wrangler.ts';

const ok = (value: unknown) => ({ code: 0, stdout: JSON.stringify(value), stderr: '' });
const failed = (stderr: string) => ({ code: 1, stdout: '', stderr });

describe('settings for a deployment', () => {
  test('those of this machine are none', () => {
    expect(DEPLOYMENT_SETTINGS).toContain('ANTHROPIC_API_KEY');
    const given = givenSettings({
      LOCAL: 'true',
      SIMULATED: 'true',
      ACCESS_MODE: '',
      PATH: '/bin',
      MODELS: '[]',
    });
    expect(given).toEqual({ MODELS: '[]' });
  });

  test('a value that the Worker would refuse is told by its name', () => {
    const faults = faultyValues({ ACCESS_MODE: 'canary', DAILY_BUDGET_USD: 'much', LOG_LEVEL: 'INFO' });
    expect(faults).toHaveLength(2);
    expect(faults).toContainEqual(expect.stringMatching(/^ACCESS_MODE must be password/));
    expect(faults).toContainEqual(expect.stringMatching(/^DAILY_BUDGET_USD must be/));
    expect(faults.join(' ')).not.toContain('canary');
  });

  test.each<[string[], string | null, string[]]>([
    [[], null, ['ANTHROPIC_API_KEY', 'ACCESS_MODE']],
    [['LITELLM_ENABLED'], null, ['ACCESS_MODE']],
    [['ANTHROPIC_API_KEY', 'ACCESS_MODE'], null, []],
    [['ANTHROPIC_API_KEY', 'ACCESS_MODE'], 'password', ['ACCESS_PASSPHRASES']],
    [['ANTHROPIC_API_KEY', 'ACCESS_MODE'], 'PASSWORD', ['ACCESS_PASSPHRASES']],
    [
      ['ANTHROPIC_API_KEY', 'ACCESS_MODE', 'TURNSTILE_SITE_KEY'],
      'open',
      ['TURNSTILE_SECRET_KEY', 'DAILY_BUDGET_USD'],
    ],
    [['ANTHROPIC_API_KEY', 'ACCESS_MODE', 'CF_ACCESS_AUD'], 'cloudflare-access', ['CF_ACCESS_TEAM_DOMAIN']],
  ])('with %j, mode %s: %j are missing', (known, mode, missing) => {
    expect(missingSettings(new Set(known), mode)).toEqual(missing);
  });
});

describe('what a deployment has already', () => {
  test('secrets by their names, variables with their text', async () => {
    const asked: string[] = [];
    const present = await readPresent(
      async (args) => {
        asked.push(args.join(' '));
        if (args[0] === 'deployments')
          return ok({ id: 'd', versions: [{ version_id: 'v1', percentage: 100 }] });
        const bindings = [
          { name: 'ANTHROPIC_API_KEY', type: 'secret_text' },
          { name: 'ACCESS_MODE', type: 'plain_text', text: 'open' },
          { name: 'HEALTH_CACHE', type: 'kv_namespace', namespace_id: 'x' },
        ];
        return ok({ id: 'v1', resources: { bindings } });
      },
      ['--name', 'other'],
    );
    expect(asked).toEqual(['deployments status --json --name other', 'versions view v1 --json --name other']);
    expect([...present]).toEqual([
      ['ANTHROPIC_API_KEY', { kind: 'secret', text: null }],
      ['ACCESS_MODE', { kind: 'variable', text: 'open' }],
    ]);
  });

  test('nothing, where there is none yet', async () => {
    for (const told of [
      'This Worker does not exist on your account. [code: 10007]',
      'The Worker x has no deployments.',
    ])
      expect((await readPresent(async () => failed(told), [])).size).toBe(0);
  });

  test('nobody is signed in at Cloudflare', async () => {
    const told =
      "In a non-interactive environment, it's necessary to set a CLOUDFLARE_API_TOKEN environment variable for wrangler to work.";
    await expect(readPresent(async () => failed(told), [])).rejects.toThrow(NotLoggedIn);
  });

  test('any other fault is told in the words of wrangler', async () => {
    const told = 'Authentication error [code: 10000]';
    await expect(readPresent(async () => failed(told), [])).rejects.toThrow(told);
  });
});

describe('wrangler', () => {
  test('its configuration keeps everything but the paths', () => {
    const config = 'name = "x"\nmain = "worker/index.ts"\n[assets]\ndirectory = "./web/build"\n';
    expect(movedConfig(config, '/a "b"')).toBe(
      'name = "x"\nmain = "/a \\"b\\"/worker/index.ts"\n[assets]\ndirectory = "/a \\"b\\"/web/build"\n',
    );
    expect(() => movedConfig('name = "x"', '/a')).toThrow(/no line like/);
  });

  test.each([
    [['https://chatbox.you.workers.dev'], 'https://chatbox.you.workers.dev'],
    [['chat.example.com (custom domain)'], 'https://chat.example.com'],
    [['example.com/chat/*', 'https://chatbox.you.workers.dev'], 'https://chatbox.you.workers.dev'],
    [['*.example.com/*'], null],
    [[], null],
  ])('of the targets %j the address is %s', (targets, address) => {
    expect(addressOf(targets)).toBe(address);
  });
});
