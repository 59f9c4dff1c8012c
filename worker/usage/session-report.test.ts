import { beforeEach, describe, expect, it } from 'vitest';
import { usageReportSchema } from '../../shared/index.ts';
import { archiveConversation, startConversation } from '../archive/conversations.ts';
import { insertStreamingAnswer, saveAnswer } from '../archive/messages.ts';
import { migrate } from '../archive/migrations.ts';
import type { AnswerDetail } from '../archive/rows.ts';
import { MemorySql } from '../testing/sql.ts';
import { sessionReport } from './session-report.ts';
import { registry, tokens } from './test-support.ts';

const AT = Date.parse('2026-11-22T12:34:56Z');
const HOUR = 3_600_000;

const DETAIL: AnswerDetail = {
  actual_model: 'claude-haiku-5-5',
  requested_model: 'auto',
  fallback_reason: null,
  routing_path: 'sdk_direct',
  reason: 'Haiku: a greeting needs no more.',
  stop_reason: 'end_turn',
  error_code: null,
  usage: tokens({ input_tokens: 10, output_tokens: 5 }),
  cost_usd: 0.5,
  ttft_ms: 400,
  duration_ms: 1_000,
  thinking: 'a confidential thought',
  stored_seq: 1,
  accepted_seq: 1,
};

let sql: MemorySql;
let position = 0;

beforeEach(() => {
  sql = new MemorySql();
  migrate(sql);
  startConversation(sql, 'auto-1', 'auto', AT);
  startConversation(sql, 'opus-1', 'claude-opus-5-5', AT);
});

function answer(part: Partial<AnswerDetail> = {}, conversation = 'auto-1', createdAt = AT): void {
  position += 1;
  const detail = { ...DETAIL, ...part };
  insertStreamingAnswer(sql, { conversation, position, parent: position, createdAt, detail });
  if (detail.stop_reason === null) return;
  const status = detail.stop_reason === 'end_turn' ? 'complete' : detail.stop_reason;
  saveAnswer(sql, conversation, position, { text: 'a confidential answer', status, detail });
}

const report = (since = 0) => sessionReport(sql, since, registry);

describe('what a session has used', () => {
  it('is told from its own answers, in the shape of the wire, without a word of them', () => {
    const always_usd = { haiku: 0.5, sonnet: 10, opus: 20 };
    answer({ always_usd });
    answer({ always_usd, ttft_ms: 800, fallback_reason: 'Opus did not answer.' });
    answer({ actual_model: 'claude-opus-5-5', requested_model: 'claude-opus-5-5', ttft_ms: null }, 'opus-1');
    const told = report();
    expect(usageReportSchema.parse(told)).toEqual(told);
    expect(told).toMatchObject({ scope: 'session', since: '1970-01-01T00:00:00.000Z' });
    expect(told.rows).toEqual([
      {
        hour: '2026-11-22T12:00:00.000Z',
        model: 'claude-haiku-5-5',
        tier: 'haiku',
        answers: 2,
        automatic: 2,
        fallbacks: 1,
        errors: 0,
        cost_usd: 1,
        compared_usd: 1,
        always_usd: { haiku: 1, sonnet: 20, opus: 40 },
        input_tokens: 20,
        output_tokens: 10,
        cache_read_tokens: 0,
        cache_write_tokens: 0,
        ttft_p50_ms: 400,
        ttft_p95_ms: 800,
      },
      expect.objectContaining({
        model: 'claude-opus-5-5',
        tier: 'opus',
        automatic: 0,
        compared_usd: 0,
        ttft_p50_ms: null,
      }),
    ]);
    expect(JSON.stringify(told)).not.toContain('confidential');
  });

  it('where no model answered it counts under the one that was asked, as an error', () => {
    answer({ actual_model: null, stop_reason: 'error', usage: null, cost_usd: null, ttft_ms: null });
    expect(report().rows).toMatchObject([{ model: 'auto', tier: null, errors: 1, cost_usd: 0 }]);
  });

  it('what is still written is not there yet', () => {
    answer({ stop_reason: null });
    expect(report().rows).toEqual([]);
  });

  it('since: whole hours, and archived conversations only where they were used since', () => {
    answer({}, 'auto-1', AT - 2 * HOUR);
    answer({}, 'auto-1', AT);
    saveCountsOf('auto-1');
    archiveConversation(sql, 'auto-1', AT);
    answer({}, 'opus-1', AT - HOUR);
    const hours = (since: number) => report(since).rows.map(({ hour }) => hour.slice(11, 13));
    expect(hours(0)).toEqual(['10', '11', '12']);
    expect(hours(AT - HOUR)).toEqual(['11', '12']);
    expect(hours(AT)).toEqual(['12']);
    expect(hours(AT + HOUR)).toEqual([]);
    expect(report(AT).since).toBe('2026-11-22T12:00:00.000Z');
    expect(report(8.64e15).rows).toEqual([]);
  });

  it('what another version wrote there in another shape counts as not known', () => {
    answer();
    sql.exec(
      `UPDATE messages SET detail = json_set(detail, '$.usage', 'many', '$.always_usd', 7, '$.cost_usd', 'x')`,
    );
    expect(report().rows).toMatchObject([{ answers: 1, input_tokens: 0, cost_usd: 0, compared_usd: 0 }]);
  });
});

/** An empty conversation is forgotten, not archived. */
function saveCountsOf(conversation: string): void {
  sql.exec(`UPDATE conversations SET message_count = 2 WHERE id = ?`, conversation);
}
