import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { archiveContract } from './contract-suite.ts';
import type { Row, Sql } from './sql.ts';

const { SESSIONS } = env;

archiveContract("a Durable Object's SQLite", async (test) => {
  const stub = SESSIONS.get(SESSIONS.newUniqueId());
  await runInDurableObject(stub, (_: unknown, ctx: DurableObjectState) => {
    const sql: Sql = {
      exec: (query, ...bindings) => ctx.storage.sql.exec<Row>(query, ...bindings).toArray(),
      atomically: (run) => ctx.storage.transactionSync(run),
    };
    test(sql);
  });
});
