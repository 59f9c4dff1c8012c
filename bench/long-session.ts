import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { saveCounts } from '../worker/archive/conversations.ts';
import { insertStreamingAnswer, insertUserMessage, saveAnswer } from '../worker/archive/messages.ts';
import type { AnswerDetail } from '../worker/archive/rows.ts';
import type { Row, Sql } from '../worker/archive/sql.ts';

/** The file of one session below the folder of a Durable Object's disk. */
export function fileOf(session: string, disk: string): string {
  const name = readdirSync(disk, { recursive: true, encoding: 'utf8' }).find((one) =>
    one.endsWith(`${session}.sqlite`),
  );
  if (name === undefined) throw new Error('The session is not on its disk.');
  return join(disk, name);
}

/** The texts of a conversation of `messages` messages, questions and answers in turns. */
export function longTexts(messages: number): string[] {
  return Array.from({ length: messages }, (_, i) =>
    i % 2 === 0
      ? `Which ports of switch ${i} are down since yesterday?`
      : `Ports 3, 7 and 12 of switch ${i - 1}; port 12 has no description.`,
  );
}

/**
 * Writes a conversation into a session's file while no process has it open; by the Worker's own queries, so that it
 * is what the Worker would have written.
 */
export function fill(file: string, conversation: string, texts: readonly string[]): void {
  const sql = openFile(file);
  sql.atomically(() => {
    texts.forEach((text, i) => {
      const place = {
        conversation,
        position: i + 1,
        parent: i === 0 ? null : i,
        createdAt: 1_700_000_000_000 + i,
      };
      if (i % 2 === 0) {
        const detail = { seq: 3 * (i / 2) + 1, dropped_messages: 0 };
        insertUserMessage(sql, { ...place, text, clientId: null, detail });
        return;
      }
      const detail = receipt(3 * ((i - 1) / 2) + 1);
      insertStreamingAnswer(sql, { ...place, parent: i, detail });
      saveAnswer(sql, conversation, i + 1, { text, status: 'complete', detail });
    });
    const counts = { title: texts[0] ?? '', messageCount: texts.length, lastSeq: (texts.length / 2) * 3 };
    saveCounts(sql, conversation, counts);
  });
  sql.close();
}

function receipt(acceptedSeq: number): AnswerDetail {
  return {
    actual_model: 'claude-sonnet-5-5',
    requested_model: 'auto',
    fallback_reason: null,
    routing_path: 'sdk_direct',
    reason: 'A question of the ordinary kind.',
    stop_reason: 'end_turn',
    error_code: null,
    usage: {
      input_tokens: 900,
      output_tokens: 40,
      cache_read_tokens: 0,
      cache_write_tokens: 0,
      thinking_tokens: null,
    },
    cost_usd: 0.0033,
    ttft_ms: 420,
    duration_ms: 1_900,
    stored_seq: acceptedSeq + 2,
    accepted_seq: acceptedSeq,
  };
}

function openFile(path: string): Sql & { close(): void } {
  const database = new DatabaseSync(path);
  return {
    exec: (query, ...bindings) => database.prepare(query).all(...bindings) as Row[],
    atomically(run) {
      database.exec('BEGIN');
      const result = run();
      database.exec('COMMIT');
      return result;
    },
    close: () => database.close(),
  };
}
