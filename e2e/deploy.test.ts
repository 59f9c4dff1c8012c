import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../scripts/paths.ts';
import {
  formatPassphrase,
  hashPassphrase,
  readPassphrases,
  verifyPassphrase,
} from '../worker/guard/passphrase.ts';
import { type CloudflareApi, deployerEnvironment, startCloudflareApi } from './harness/cloudflare-api.ts';
import { type Program, startProgram } from './harness/program.ts';
import { runScript } from './harness/run-script.ts';
import { settingsFor, startUpstream } from './harness/upstream.ts';

const PASSPHRASE = 'correct horse battery';
const home = mkdtempSync(join(tmpdir(), 'chatbox-home-'));
const upstream = await startUpstream();
const { ANTHROPIC_API_KEY = '', ANTHROPIC_BASE_URL = '' } = settingsFor(upstream);
const withoutHome = { ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL };
const configuration = () => readFileSync(join(ROOT, 'wrangler.toml'), 'utf8');
const scratches = () => readdirSync(home).filter((name) => name.startsWith('netbox-chatbox-'));

let program: Program;
beforeAll(async () => {
  const owner = await hashPassphrase('owner', PASSPHRASE, new Uint8Array(16));
  program = await startProgram({
    env: {
      ...{ ...withoutHome, DAILY_BUDGET_USD: '5' },
      ...{ ACCESS_MODE: 'password', ACCESS_PASSPHRASES: formatPassphrase(owner) },
    },
  });
});
afterAll(async () => {
  await program?.stop();
  await upstream.close();
  rmSync(home, { recursive: true, force: true });
});

/** The real wrangler; the doctor looks at a Worker on this machine instead of the one that nobody made. */
function deploy(api: CloudflareApi, env: Record<string, string>, args: string[] = []) {
  const where = ['--address', program.url];
  return runScript('deploy', [...where, ...args], { ...deployerEnvironment(api, home), ...env });
}

describe('CMD3 npm run deploy', () => {
  test('the first one makes everything, the second one keeps it; keys are in no output', {
    timeout: 180_000,
  }, async () => {
    const api = await startCloudflareApi();
    const before = configuration();
    const first = await deploy(api, {
      ANTHROPIC_API_KEY: 'sk-ant-canary',
      ACCESS_MODE: 'password',
      CHATBOX_PASSPHRASE: PASSPHRASE,
      DAILY_BUDGET_USD: '5',
    });
    expect(first.output).toContain('Nothing is wrong.');
    expect(first.code).toBe(0);
    const [upload] = api.uploads;
    const secrets = new Map(
      upload?.bindings.filter(({ type }) => type === 'secret_text').map(({ name, text }) => [name, text]),
    );
    expect([...secrets.keys()].sort()).toEqual(
      ['ACCESS_MODE', 'ACCESS_PASSPHRASES', 'ANTHROPIC_API_KEY', 'DAILY_BUDGET_USD', 'SIGN_IN_SECRET'].sort(),
    );
    expect(secrets.get('ANTHROPIC_API_KEY')).toBe('sk-ant-canary');
    expect(secrets.get('SIGN_IN_SECRET')?.length).toBeGreaterThanOrEqual(32);
    const { passphrases } = readPassphrases(secrets.get('ACCESS_PASSPHRASES') ?? '');
    expect(await verifyPassphrase(PASSPHRASE, passphrases)).toBe('owner');

    const others = new Map(upload?.bindings.map(({ name, type }) => [name, type]));
    expect(others.get('HEALTH_CACHE')).toBe('kv_namespace');
    for (const name of ['SESSIONS', 'LINKS', 'ATTEMPTS', 'LEDGER'])
      expect(others.get(name)).toBe('durable_object_namespace');
    expect(others.get('ASSETS')).toBe('assets');
    expect(upload?.migrations?.new_tag).toMatch(/^v\d+$/);
    const makesNamespace = (request: string) => request === 'POST /storage/kv/namespaces';
    expect(api.asked.filter(makesNamespace)).toHaveLength(1);

    const second = await deploy(api, { LOG_LEVEL: 'WARNING' });
    expect(second.code).toBe(0);
    expect(second.output).toMatch(/The deployment has already: .*ANTHROPIC_API_KEY/);
    expect(second.output).toContain('Settings sent along, as secrets: LOG_LEVEL.');
    const again = api.uploads[1];
    expect(again?.keep_bindings).toEqual(expect.arrayContaining(['secret_text', 'plain_text']));
    expect(again?.bindings.filter(({ type }) => type === 'secret_text').map(({ name }) => name)).toEqual([
      'LOG_LEVEL',
    ]);
    expect(api.asked.filter(makesNamespace)).toHaveLength(1);

    const told = first.output + second.output;
    for (const secret of ['sk-ant-canary', PASSPHRASE, 'pbkdf2', secrets.get('SIGN_IN_SECRET') ?? '?'])
      expect(told).not.toContain(secret);
    expect(configuration()).toBe(before);
    expect(scratches()).toEqual([]);
    api.close();
  });

  test('nothing set: deployed, closed, and said what is missing', { timeout: 120_000 }, async () => {
    const api = await startCloudflareApi();
    const { code, output } = await deploy(api, {});
    expect(code).toBe(0);
    expect(output).toContain('Missing: ANTHROPIC_API_KEY, ACCESS_MODE.');
    expect(api.uploads[0]?.bindings.filter(({ type }) => type === 'secret_text')).toEqual([]);
    api.close();
  });

  test('a dry run asks nobody; a faulty value, or nobody signed in, changes nothing', {
    timeout: 120_000,
  }, async () => {
    const api = await startCloudflareApi();
    const dry = await deploy(api, { ANTHROPIC_API_KEY: 'sk-ant-canary', ACCESS_MODE: 'open' }, ['--dry-run']);
    expect(dry.code).toBe(0);
    expect(dry.output).toContain(
      'Settings sent along, as secrets: ANTHROPIC_API_KEY, ACCESS_MODE, SIGN_IN_SECRET.',
    );
    expect(dry.output).toContain('Missing: TURNSTILE_SITE_KEY, TURNSTILE_SECRET_KEY, DAILY_BUDGET_USD.');
    expect(dry.output).not.toContain('sk-ant-canary');
    const faulty = await deploy(api, { ACCESS_MODE: 'everybody' });
    expect([faulty.code, faulty.output]).toEqual([
      1,
      expect.stringMatching(/^ACCESS_MODE must be.*\n.*Nothing/),
    ]);
    const stranger = await deploy(api, { CLOUDFLARE_API_TOKEN: '' });
    expect([stranger.code, stranger.output]).toEqual([1, expect.stringContaining('npx wrangler login')]);
    expect(api.asked).toEqual([]);
    api.close();
  });

  test('an upload that fails: its code, and no promise', { timeout: 120_000 }, async () => {
    const api = await startCloudflareApi();
    api.refuseUploads();
    const { code, output } = await deploy(api, { ACCESS_MODE: 'open' });
    expect(code).not.toBe(0);
    expect(output).toContain('nothing is promised');
    expect(output).not.toContain('The doctor looks');
    api.close();
  });
});

describe('CMD3 npm run doctor, at an address', () => {
  const doctor = (at: Program, env: Record<string, string> = {}) => runScript('doctor', [at.url], env);

  test('with and without the passphrase; a wrong one is told, and never shown', async () => {
    const outside = await doctor(program);
    expect(outside).toEqual({ code: 0, output: expect.stringContaining('Who may come in: password') });
    expect(outside.output).not.toContain('Signed in');
    const inside = await doctor(program, { CHATBOX_PASSPHRASE: PASSPHRASE });
    expect(inside).toEqual({ code: 0, output: expect.stringContaining('Signed in as owner.') });
    const wrong = await doctor(program, { CHATBOX_PASSPHRASE: 'a wrong one, surely' });
    expect(wrong).toEqual({ code: 1, output: expect.stringContaining('CHATBOX_PASSPHRASE failed') });
    expect(wrong.output).not.toContain('surely');
  });

  test('open without a cap is closed: the reason, and a code that is not 0', async () => {
    const open = { ACCESS_MODE: 'open', TURNSTILE_SITE_KEY: '0x4site', TURNSTILE_SECRET_KEY: '0x4secret' };
    const closed = await startProgram({ env: { ...withoutHome, ...open } });
    const { code, output } = await doctor(closed);
    expect(code).toBe(1);
    expect(output).toMatch(/Nobody gets an answer: .*DAILY_BUDGET_USD/);
    await closed.stop();
  });
});
