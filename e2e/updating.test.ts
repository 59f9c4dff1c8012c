import { createHash } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, test } from 'vitest';
import { accessSchema } from '../shared/index.ts';
import { migrate } from '../worker/archive/migrations.ts';
import { formatPassphrase, hashPassphrase } from '../worker/guard/passphrase.ts';
import { type Checkout, copyCheckout, edit } from './harness/checkout.ts';
import { Client } from './harness/client.ts';
import { http } from './harness/http.ts';
import { newStateDir, type Program, startProgram } from './harness/program.ts';
import { settingsFor, startUpstream } from './harness/upstream.ts';

const upstream = await startUpstream();
const stateDir = newStateDir();
const alice = await hashPassphrase('alice', 'correct horse battery', new Uint8Array(16));
const env = {
  ...settingsFor(upstream),
  ...{ ACCESS_MODE: 'password', ACCESS_PASSPHRASES: formatPassphrase(alice) },
  ...{ DAILY_BUDGET_USD: '5', DEFAULT_MODEL: 'claude-opus-5-5' },
};
let program: Program | undefined;

/** The release after this one: it brings what a release may bring to the storage, and a class of objects. */
function nextRelease(): Checkout {
  const next = copyCheckout();
  const added = [
    'ALTER TABLE messages ADD COLUMN mood TEXT',
    'ALTER TABLE conversations ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0',
    'CREATE TABLE notes (id TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID',
    'CREATE INDEX conversations_pinned ON conversations (pinned) WHERE pinned = 1',
  ];
  edit(next, 'worker/archive/migrations.ts', /\n\];\n/, `\n${JSON.stringify([added]).slice(1, -1)},\n];\n`);
  edit(
    next,
    'worker/index.ts',
    /^export default/m,
    `import { DurableObject } from 'cloudflare:workers';\nexport class Later extends DurableObject {}\nexport default`,
  );
  edit(
    next,
    'wrangler.toml',
    '[[ratelimits]]',
    '[[durable_objects.bindings]]\nname = "LATER"\nclass_name = "Later"\n\n[[migrations]]\ntag = "later"\nnew_sqlite_classes = ["Later"]\n\n[[ratelimits]]',
  );
  return next;
}

async function run(release: Checkout | null): Promise<Program> {
  await program?.stop();
  program = await startProgram({ env, stateDir, ...(release && { root: release.root }) });
  return program;
}

/** Every statement that the storage of a session is made with, by its version. */
function migrations(): string[][] {
  const all: string[][] = [];
  let current: string[] = [];
  migrate({
    exec: (query) => {
      if (/^(CREATE TABLE IF NOT EXISTS migrations|SELECT)/.test(query)) return [];
      if (query.startsWith('INSERT INTO migrations')) {
        all.push(current);
        current = [];
      } else current.push(query.replace(/\s+/g, ' '));
      return [];
    },
    atomically: (work) => work(),
  });
  return all;
}

/** Versions of the storage of all sessions, as the files on the disk have them. */
function storedVersions(): number[] {
  return readdirSync(stateDir, { recursive: true, encoding: 'utf8' })
    .filter((name) => /ChatSession[\\/][0-9a-f]{64}\.sqlite$/.test(name))
    .map((name) => {
      const file = new DatabaseSync(join(stateDir, name), { readOnly: true });
      const row = file.prepare('SELECT max(version) AS version FROM migrations').get();
      file.close();
      return Number(row?.version);
    });
}

afterAll(async () => {
  await program?.stop();
  await upstream.close();
  rmSync(stateDir, { recursive: true, force: true });
});

describe('a release and the one after it, on one storage', () => {
  test('to the next one, back, and there again: sessions, archives, sign-ins and spending stay', {
    timeout: 240_000,
  }, async () => {
    const next = nextRelease();
    const here = await run(null);
    const signIn = await http(here, '/sign-in', {
      method: 'POST',
      headers: { Origin: here.url, 'Content-Type': 'application/json' },
      body: JSON.stringify({ passphrase: 'correct horse battery' }),
    });
    const headers = { Cookie: signIn.headers['set-cookie']?.split(';')[0] ?? '' };
    const first = await Client.connect(here.url, { headers });
    await first.client.ask('Archived before the update');
    first.client.send({ type: 'model_change', model: 'claude-haiku-5-5' });
    await first.client.next('model_changed');
    await first.client.ask('Asked of today');
    first.client.close();
    const session = first.session.session_id;
    let left = 5;

    /** Comes back, finds everything, asks one thing more. */
    const goOn = async (at: Program, question: string, expected: string[]) => {
      const access = accessSchema.parse((await http(at, '/access', { headers })).json);
      expect(access).toMatchObject({ signed_in: true, name: 'alice' });
      expect(access.budget?.left_usd).toBeLessThan(left);
      left = access.budget?.left_usd ?? 0;
      const back = await Client.connect(at.url, { headers, session });
      const asked = back.session.conversation.messages.flatMap(({ role, text }) =>
        role === 'user' ? [text] : [],
      );
      expect(asked).toEqual(expected);
      expect(back.session.model).toBe('claude-haiku-5-5');
      expect(back.session.archives).toMatchObject([{ model: 'claude-opus-5-5', message_count: 2 }]);
      const [archive] = back.session.archives;
      const bearer = { ...headers, Authorization: `Bearer ${session}` };
      const read = await http(at, `/conversations/${archive?.id}`, { headers: bearer });
      expect(read.body).toContain('Archived before the update');
      expect((await back.client.ask(question)).text).toBe(`You said: ${question}`);
      back.client.close();
    };

    await goOn(await run(next), 'Asked of the next one', ['Asked of today']);
    expect(storedVersions()).toEqual([migrations().length + 1]);
    await goOn(await run(null), 'Asked after going back', ['Asked of today', 'Asked of the next one']);
    await goOn(await run(next), 'Asked at last', [
      ...['Asked of today', 'Asked of the next one', 'Asked after going back'],
    ]);

    // The older one also makes new sessions beside those of the newer one, and takes one of those away.
    const older = await run(null);
    const fresh = await Client.connect(older.url, { headers });
    expect((await fresh.client.ask('A new session')).end.stop_reason).toBe('end_turn');
    fresh.client.close();
    const gone = await http(older, '/sessions', {
      method: 'DELETE',
      headers: { ...headers, Origin: older.url, Authorization: `Bearer ${session}` },
    });
    expect(gone.status).toBe(204);
    next.remove();
  });
});

describe('migrations', () => {
  test('only add: tables, indexes, columns that the release before need not fill', () => {
    const adding = /^CREATE (TABLE|INDEX) |^ALTER TABLE \w+ ADD COLUMN (?!.*NOT NULL(?!.*DEFAULT))/;
    for (const statement of migrations().flat()) expect(statement).toMatch(adding);
    expect('ALTER TABLE a ADD COLUMN b TEXT NOT NULL').not.toMatch(adding);
    expect('ALTER TABLE a ADD COLUMN b TEXT NOT NULL DEFAULT 0').toMatch(adding);
  });

  test('one that was released is never edited: its digest stays; a new one adds a line here', () => {
    const digests = migrations().map((one) =>
      createHash('sha256').update(one.join(';')).digest('hex').slice(0, 16),
    );
    expect(digests).toEqual(['105d1bf60e76308b', '04e2eadaff19ac56']);
  });
});
