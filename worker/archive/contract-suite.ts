import { describe, expect, it } from 'vitest';
import {
  archiveConversation,
  deleteConversation,
  findConversation,
  listArchives,
  readSession,
  reopenConversation,
  saveCounts,
  startConversation,
} from './conversations.ts';
import { FRAME_SLOTS, framesAfter, lastStoredSeq, nextChunkNumber, storeChunk } from './frames.ts';
import {
  allMessages,
  findAccepted,
  findStreamingAnswer,
  insertStreamingAnswer,
  insertUserMessage,
  lastAnswers,
  listMessages,
  saidMessages,
  saveAnswer,
  siblings,
} from './messages.ts';
import { isInitialised, migrate } from './migrations.ts';
import { readRetention, writeRetention } from './retention.ts';
import type { AnswerDetail } from './rows.ts';
import type { Sql } from './sql.ts';

export const DETAIL: AnswerDetail = {
  actual_model: 'm',
  requested_model: 'auto',
  fallback_reason: null,
  routing_path: 'sdk_direct',
  reason: 'why',
  stop_reason: null,
  error_code: null,
  usage: null,
  cost_usd: null,
  ttft_ms: null,
  duration_ms: null,
  stored_seq: 1,
  accepted_seq: 1,
};

function pair(
  sql: Sql,
  conversation: string,
  position: number,
  text: string,
  clientId: string | null = null,
  parent: number | null = position === 1 ? null : position - 1,
): void {
  insertUserMessage(sql, {
    conversation,
    position,
    parent,
    text,
    createdAt: 1_000 + position,
    clientId,
    detail: { seq: position, dropped_messages: 0 },
  });
  insertStreamingAnswer(sql, {
    conversation,
    position: position + 1,
    parent: position,
    createdAt: 1_000,
    detail: DETAIL,
  });
  saveAnswer(sql, conversation, position + 1, { text: `re: ${text}`, status: 'complete', detail: DETAIL });
}

/**
 * What the archive promises, for every implementation of {@link Sql}.
 * @param withSql runs the test on an empty storage
 */
export function archiveContract(
  name: string,
  withSql: (test: (sql: Sql) => void) => Promise<void> | void,
): void {
  const on = (what: string, test: (sql: Sql) => void) =>
    it(what, () =>
      withSql((sql) => {
        migrate(sql);
        test(sql);
      }),
    );

  describe(`the archive on ${name}`, () => {
    it('asking whether a storage is a session creates nothing', () =>
      withSql((sql) => {
        expect(isInitialised(sql)).toBe(false);
        expect(isInitialised(sql)).toBe(false);
        migrate(sql);
        expect(isInitialised(sql)).toBe(true);
      }));

    on('migrating twice changes nothing', (sql) => {
      startConversation(sql, 'a', 'auto', 5);
      migrate(sql);
      expect(findConversation(sql, 'a')).toMatchObject({ id: 'a', model: 'auto', startedAt: 5 });
    });

    on('an empty conversation is forgotten, one with messages is archived', (sql) => {
      startConversation(sql, 'a', 'auto', 1);
      expect(archiveConversation(sql, 'a', 2)).toBeNull();
      expect(findConversation(sql, 'a')).toBeNull();
      startConversation(sql, 'b', 'auto', 3);
      saveCounts(sql, 'b', { title: 't', messageCount: 2, lastSeq: 9 });
      expect(archiveConversation(sql, 'b', 4)).toMatchObject({ messageCount: 2, archivedAt: 4, lastSeq: 9 });
      expect(readSession(sql, 'current')).toBe('b');
    });

    on('H5: pages of the archive, newest first, each once, the last without a cursor', (sql) => {
      for (let i = 1; i <= 7; i++) {
        startConversation(sql, `c${i}`, 'auto', i);
        saveCounts(sql, `c${i}`, { title: `t${i}`, messageCount: 2, lastSeq: 1 });
        archiveConversation(sql, `c${i}`, 100);
      }
      const first = listArchives(sql, null, 3);
      const second = listArchives(sql, first.next, 3);
      const third = listArchives(sql, second.next, 3);
      const ids = [first, second, third].map((page) => page.conversations.map((one) => one.id));
      expect(ids).toEqual([['c7', 'c6', 'c5'], ['c4', 'c3', 'c2'], ['c1']]);
      expect(third.next).toBeNull();
      reopenConversation(sql, 'c2');
      archiveConversation(sql, 'c2', 101);
      expect(listArchives(sql, null, 1).conversations[0]?.id).toBe('c2');
    });

    on('a deleted conversation leaves nothing of itself, and the others alone', (sql) => {
      for (const [i, id] of ['a', 'b'].entries()) {
        startConversation(sql, id, 'auto', i);
        pair(sql, id, 1, `hello ${id}`, `client-${id}`);
        storeChunk(sql, i + 1, { conversation: id, firstSeq: 1, lastSeq: 1, wire: `{"seq":1,"of":"${id}"}` });
        saveCounts(sql, id, { title: `hello ${id}`, messageCount: 2, lastSeq: 1 });
        archiveConversation(sql, id, 100);
      }
      expect(deleteConversation(sql, 'a')).toBe(true);
      for (const table of ['conversations', 'messages', 'frames']) {
        const rows = JSON.stringify(sql.exec(`SELECT * FROM ${table}`));
        expect(rows, table).not.toMatch(/"a"|hello a|client-a/);
        expect(rows, table).toMatch(/"b"/);
      }
      expect(findAccepted(sql, 'client-a')).toBeNull();
      expect(findAccepted(sql, 'client-b')).not.toBeNull();
      expect(listArchives(sql, null).conversations.map((one) => one.id)).toEqual(['b']);
      expect(framesAfter(sql, 'b', 0)).toHaveLength(1);
      expect(deleteConversation(sql, 'a')).toBe(false);
    });

    on('R12 what is said is role, text, status and error code, and never a thought', (sql) => {
      startConversation(sql, 'a', 'auto', 1);
      pair(sql, 'a', 1, 'question');
      const detail: AnswerDetail = { ...DETAIL, thinking: 'SECRET', error_code: 'context_too_long' };
      saveAnswer(sql, 'a', 2, { text: 'part', status: 'error', detail });
      pair(sql, 'a', 3, 'again');
      saveAnswer(sql, 'a', 4, {
        text: 'whole',
        status: 'complete',
        detail: { ...DETAIL, thinking: 'SECRET' },
      });
      const of = (role: string, text: string, status: string, error_code: string | null) => ({
        role,
        text,
        status,
        error_code,
      });
      expect(saidMessages(sql, 'a', 4)).toEqual([
        of('user', 'question', 'complete', null),
        of('assistant', 'part', 'error', 'context_too_long'),
        of('user', 'again', 'complete', null),
        of('assistant', 'whole', 'complete', null),
      ]);
      expect(saidMessages(sql, 'b', null)).toEqual([]);
    });

    on('C8, C9: only the branch that ends in the given message goes upstream', (sql) => {
      pair(sql, 'a', 1, 'one');
      pair(sql, 'a', 3, 'two');
      // The first question answered once more, the second one asked in other words, and gone on from each.
      insertStreamingAnswer(sql, { conversation: 'a', position: 5, parent: 1, createdAt: 1, detail: DETAIL });
      saveAnswer(sql, 'a', 5, { text: 're: one, again', status: 'complete', detail: DETAIL });
      pair(sql, 'a', 6, 'after five', null, 5);
      pair(sql, 'a', 8, 'two, edited', null, 2);
      const branch = (leaf: number) => saidMessages(sql, 'a', leaf).map(({ text }) => text);
      expect(branch(4)).toEqual(['one', 're: one', 'two', 're: two']);
      expect(branch(5)).toEqual(['one', 're: one, again']);
      expect(branch(7)).toEqual(['one', 're: one, again', 'after five', 're: after five']);
      expect(branch(9)).toEqual(['one', 're: one', 'two, edited', 're: two, edited']);
      expect(lastAnswers(sql, 'a', 9, 3).map(({ position }) => position)).toEqual([9, 2]);
      expect(lastAnswers(sql, 'a', 7, 1).map(({ position }) => position)).toEqual([7]);
      expect(lastAnswers(sql, 'a', null, 3)).toEqual([]);
      expect(siblings(sql, 'a', 1)).toEqual({ count: 2, newest: 5 });
      expect(siblings(sql, 'a', 2)).toEqual({ count: 2, newest: 8 });
      expect(siblings(sql, 'a', null)).toEqual({ count: 1, newest: 1 });
      expect(siblings(sql, 'b', null)).toEqual({ count: 0, newest: null });
    });

    on('C8: the S2 of an answer asked for once more names the question that was there', (sql) => {
      pair(sql, 'a', 1, 'one', 'first');
      insertStreamingAnswer(sql, {
        conversation: 'a',
        position: 3,
        parent: 1,
        createdAt: 1,
        clientId: 'again',
        detail: { ...DETAIL, accepted_seq: 9, dropped_messages: 2 },
      });
      expect(findAccepted(sql, 'again')).toMatchObject({
        seq: 9,
        client_id: 'again',
        reply_id: 'a.3',
        dropped_messages: 2,
        message: { id: 'a.1', text: 'one', role: 'user' },
      });
      expect(findAccepted(sql, 'first')).toMatchObject({ seq: 1, reply_id: 'a.2' });
    });

    on('when a session was used, and when its alarm rings, is remembered', (sql) => {
      expect(readRetention(sql)).toBeNull();
      writeRetention(sql, { touchedAt: 1_000, alarmAt: null });
      expect(readRetention(sql)).toEqual({ touchedAt: 1_000, alarmAt: null });
      writeRetention(sql, { touchedAt: 2_000, alarmAt: 9_000 });
      expect(readRetention(sql)).toEqual({ touchedAt: 2_000, alarmAt: 9_000 });
    });

    on('hostile cursors and ids are data, not SQL', (sql) => {
      startConversation(sql, 'a', 'auto', 1);
      pair(sql, 'a', 1, "'; DROP TABLE messages; --");
      for (const hostile of ["' OR 1=1 --", '1; DROP TABLE messages', '', '-1', '1e9', 'a.1 OR 1']) {
        expect(listArchives(sql, hostile).conversations).toEqual([]);
        expect(findConversation(sql, hostile)).toBeNull();
        expect(listMessages(sql, 'a', hostile)).toBeNull();
        expect(findAccepted(sql, hostile)).toBeNull();
        expect(deleteConversation(sql, hostile)).toBe(false);
      }
      expect(allMessages(sql, 'a')).toHaveLength(2);
    });

    on('messages keep their text character for character', (sql) => {
      const texts = [
        'plain',
        'Grüße 漢字 😀 é',
        'a\u0000b',
        '\u202Ertl\u202C',
        'x'.repeat(200_000),
        '\r\n\t "quoted" \\',
      ];
      texts.forEach((text, i) => {
        pair(sql, 'a', i * 2 + 1, text);
      });
      expect(
        allMessages(sql, 'a')
          .filter((one) => one.role === 'user')
          .map((one) => one.text),
      ).toEqual(texts);
    });

    on('pages of messages, oldest first, from the newest back', (sql) => {
      for (let i = 0; i < 5; i++) pair(sql, 'a', i * 2 + 1, `q${i}`);
      const newest = listMessages(sql, 'a', null, 4);
      expect(newest?.messages.map((one) => one.id)).toEqual(['a.7', 'a.8', 'a.9', 'a.10']);
      expect(newest?.hasMore).toBe(true);
      const older = listMessages(sql, 'a', 'a.7', 100);
      expect(older?.messages.map((one) => one.id)).toEqual(['a.1', 'a.2', 'a.3', 'a.4', 'a.5', 'a.6']);
      expect(older?.hasMore).toBe(false);
      expect(older?.messages[2]?.parent_id).toBe('a.2');
    });

    on(
      'a page of long answers has fewer of them, two messages at least; the rest come by paging back',
      (sql) => {
        for (const position of [1, 3, 5, 7]) pair(sql, 'a', position, `\u0000${'x'.repeat(300_000)}`);
        const ids = (before: string | null) => listMessages(sql, 'a', before)?.messages.map(({ id }) => id);
        expect(ids(null)).toEqual(['a.6', 'a.7', 'a.8']);
        expect(listMessages(sql, 'a')?.hasMore).toBe(true);
        expect(ids('a.6')).toEqual(['a.3', 'a.4', 'a.5']);
        expect(ids('a.3')).toEqual(['a.1', 'a.2']);
        expect(listMessages(sql, 'a', 'a.3')?.hasMore).toBe(false);
        pair(sql, 'a', 9, 'x'.repeat(600_000));
        expect(ids(null)).toEqual(['a.9', 'a.10']);
      },
    );

    on('C1: the first S2 of a client_id can be told again', (sql) => {
      pair(sql, 'a', 1, 'hello', 'client-1');
      expect(findAccepted(sql, 'client-1')).toMatchObject({
        type: 'message_accepted',
        seq: 1,
        client_id: 'client-1',
        reply_id: 'a.2',
        message: { id: 'a.1', text: 'hello', role: 'user' },
      });
      expect(findAccepted(sql, 'client-2')).toBeNull();
    });

    on('R11: only an answer at the end that still streams is found', (sql) => {
      pair(sql, 'a', 1, 'q');
      expect(findStreamingAnswer(sql, 'a')).toBeNull();
      insertStreamingAnswer(sql, { conversation: 'a', position: 4, parent: 3, createdAt: 1, detail: DETAIL });
      expect(findStreamingAnswer(sql, 'a')).toMatchObject({ position: 4, text: '' });
    });

    on('R2: frames come back from any seq, or not at all when one is missing', (sql) => {
      const wire = (from: number, to: number) =>
        Array.from({ length: to - from + 1 }, (_, i) => `{"seq":${from + i}}`).join('\n');
      storeChunk(sql, 1, { conversation: 'a', firstSeq: 1, lastSeq: 3, wire: wire(1, 3) });
      storeChunk(sql, 2, { conversation: 'b', firstSeq: 1, lastSeq: 1, wire: wire(1, 1) });
      storeChunk(sql, 3, { conversation: 'a', firstSeq: 4, lastSeq: 5, wire: wire(4, 5) });
      const seqs = (after: number) =>
        framesAfter(sql, 'a', after)?.map((text) => (JSON.parse(text) as { seq: number }).seq);
      expect(seqs(0)).toEqual([1, 2, 3, 4, 5]);
      expect(seqs(2)).toEqual([3, 4, 5]);
      expect(seqs(5)).toEqual([]);
      expect(lastStoredSeq(sql, 'a')).toBe(5);
      storeChunk(sql, 4, { conversation: 'a', firstSeq: 8, lastSeq: 8, wire: wire(8, 8) });
      expect(framesAfter(sql, 'a', 5)).toBeNull();
      expect(seqs(7)).toEqual([8]);
    });

    on('the ring of frames is bounded and forgets the oldest', (sql) => {
      for (let n = 1; n <= FRAME_SLOTS + 10; n++) {
        storeChunk(sql, n, { conversation: 'a', firstSeq: n, lastSeq: n, wire: `{"seq":${n}}` });
      }
      expect(nextChunkNumber(sql)).toBe(FRAME_SLOTS + 11);
      expect(framesAfter(sql, 'a', 0)).toBeNull();
      expect(framesAfter(sql, 'a', 10)).toHaveLength(FRAME_SLOTS);
      expect(sql.exec('SELECT count(*) AS n FROM frames')[0]?.n).toBe(FRAME_SLOTS);
    });
  });
}
