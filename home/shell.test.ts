import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ROOT } from '../scripts/paths.ts';
import { run } from './stack/python.ts';

/**
 * Stands in for the command `ollama`: models are files in $STATE, their content is the Modelfile; every call is a line
 * of $STATE/calls. Its outputs have the columns of the real one.
 */
const OLLAMA = `#!/bin/sh
echo "$*" >> "$STATE/calls"
file() { printf '%s/%s' "$STATE" "$(printf %s "$1" | tr ':/' '__')"; }
case "$1" in
  list) echo 'NAME ID SIZE MODIFIED' ;;
  show)
    [ -f "$(file "$2")" ] || { echo "Error: model '$2' not found" >&2; exit 1; }
    sed -n 's/^PARAMETER \\([a-z_]*\\) /\\1                        /p' "$(file "$2")" ;;
  pull) echo 'pulling manifest'; : > "$(file "$2")" ;;
  create) cp "$4" "$(file "$2")" ;;
  run) echo "$4" > "$STATE/loaded" ;;
  ps)
    echo 'NAME    ID    SIZE    PROCESSOR    CONTEXT    UNTIL'
    [ -f "$STATE/loaded" ] && echo "$(cat "$STATE/loaded")    7cdf5a    10 GB    100% GPU    8192    24 hours from now" ;;
  *) exit 2 ;;
esac
exit 0
`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chatbox-home-'));
  for (const name of ['make-key.sh', 'make-model.sh', 'preload.sh', 'Modelfile', '.env.example'])
    cpSync(join(ROOT, 'litellm', name), join(folder, name));
  writeFileSync(join(folder, 'ollama'), OLLAMA);
  chmodSync(join(folder, 'ollama'), 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function sh(script: string, args: string[] = [], env: Record<string, string> = {}) {
  return run('sh', [join(folder, script), ...args], {
    env: { PATH: `${folder}${delimiter}${process.env.PATH}`, STATE: folder, HOME: folder, ...env },
  });
}

const calls = () => {
  const lines = readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
  return lines.filter((line) => /^(pull|create|run)/.test(line)).map((line) => line.replace(/ -f .*/, ''));
};

describe('make-model.sh', () => {
  test('makes the tag from its base, with the context, and only once', async () => {
    expect((await sh('make-model.sh')).code).toBe(0);
    expect(calls()).toEqual(['pull qwen2.5:14b-instruct', 'create qwen2.5:14b-instruct-8k']);
    const made = readFileSync(join(folder, 'qwen2.5_14b-instruct-8k'), 'utf8');
    expect(made).toContain('FROM qwen2.5:14b-instruct\nPARAMETER num_ctx 8192\n');
    const again = await sh('make-model.sh');
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('is there') });
    expect(calls()).toHaveLength(2);
  });

  test('makes it anew, without a download, where the tag has another context', async () => {
    await sh('make-model.sh');
    writeFileSync(
      join(folder, 'qwen2.5_14b-instruct-8k'),
      'FROM qwen2.5:14b-instruct\nPARAMETER num_ctx 4096\n',
    );
    await sh('make-model.sh');
    expect(calls().slice(2)).toEqual(['create qwen2.5:14b-instruct-8k']);
  });

  test('takes a smaller base, and says what to change', async () => {
    const { stdout } = await sh('make-model.sh', ['qwen2.5:3b-instruct']);
    expect(calls()).toEqual(['pull qwen2.5:3b-instruct', 'create qwen2.5:3b-instruct-8k']);
    expect(readFileSync(join(folder, 'qwen2.5_3b-instruct-8k'), 'utf8')).toContain(
      'FROM qwen2.5:3b-instruct\n',
    );
    expect(stdout).toContain('model: ollama_chat/qwen2.5:3b-instruct-8k');
    expect(stdout).toContain('OLLAMA_MODEL=qwen2.5:3b-instruct-8k');
  });

  test('refuses what is no tag, and a tag whose base it cannot know', async () => {
    expect((await sh('make-model.sh', ['qwen2.5'])).code).toBe(2);
    expect((await sh('make-model.sh', [], { OLLAMA_MODEL: 'qwen2.5:14b' })).code).toBe(2);
    expect(existsSync(join(folder, 'calls'))).toBe(false);
  });
});

describe('preload.sh', () => {
  test('loads the model with the keep-alive, and leaves it alone when it is loaded', async () => {
    const first = await sh('preload.sh', [], { OLLAMA_KEEP_ALIVE: '30m' });
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('is loaded') });
    expect(calls()).toEqual(['run --keepalive 30m qwen2.5:14b-instruct-8k']);
    expect((await sh('preload.sh')).code).toBe(0);
    expect(calls()).toHaveLength(1);
  });

  test('fails where the model cannot be loaded', async () => {
    writeFileSync(join(folder, 'ollama'), OLLAMA.replace('run) echo', 'run) exit 1; echo'));
    expect((await sh('preload.sh')).code).not.toBe(0);
  });
});

describe('make-key.sh', () => {
  test('makes .env with a strong key that only its owner can read, and prints none', async () => {
    const { code, stdout } = await sh('make-key.sh');
    const env = readFileSync(join(folder, '.env'), 'utf8');
    const key = /^LITELLM_MASTER_KEY=(.*)$/m.exec(env)?.[1] ?? '';
    expect(code).toBe(0);
    expect(key).toMatch(/^sk-[0-9a-f]{64}$/);
    expect(stdout).not.toContain(key);
    expect(env.match(/^LITELLM_MASTER_KEY=/gm)).toHaveLength(1);
    expect(statSync(join(folder, '.env')).mode & 0o077).toBe(0);
    expect((await sh('make-key.sh')).stdout).toContain('nothing was changed');
    expect(readFileSync(join(folder, '.env'), 'utf8')).toBe(env);
  });

  test('keeps what is in .env, and never gives the same key twice', async () => {
    writeFileSync(join(folder, '.env'), 'TUNNEL_TOKEN=abc\nLITELLM_MASTER_KEY=\n');
    await sh('make-key.sh');
    expect(readFileSync(join(folder, '.env'), 'utf8')).toMatch(/^TUNNEL_TOKEN=abc\nLITELLM_MASTER_KEY=sk-/);
    const keys = await Promise.all([1, 2].map(async () => (await sh('make-key.sh', ['--print'])).stdout));
    expect(new Set(keys).size).toBe(2);
  });
});
