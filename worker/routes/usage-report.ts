import { type Context, Hono } from 'hono';
import type { UsageReport } from '../../shared/index.ts';
import type { AppEnv } from '../app.ts';
import { toCsv } from '../usage/csv.ts';
import { failure } from './errors.ts';
import { admitReader } from './over-http.ts';
import { bearerSession } from './session-stubs.ts';

/** What is looked at where nobody says since when. */
const USUAL_MS = 30 * 86_400_000;

/** A day, or a moment with its offset (RFC 3339): without one it would mean another time on each machine. */
const SINCE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

export type ReportWish = { since: number; format: 'json' | 'csv' };

/** What a report is asked for; its address is read before anybody is waked. */
export function reportWish(c: Context<AppEnv>): ReportWish | { refused: Response } {
  const format = c.req.query('format') ?? 'json';
  if (format !== 'json' && format !== 'csv') {
    return { refused: failure(c, 'bad_frame', 'The format is "json" or "csv".') };
  }
  const text = c.req.query('since');
  const since =
    text === undefined
      ? c.get('services').now() - USUAL_MS
      : SINCE.test(text)
        ? Date.parse(text)
        : Number.NaN;
  if (Number.isNaN(since)) {
    const message = 'since is a day such as 2026-11-01, or a moment such as 2026-11-01T08:00:00Z.';
    return { refused: failure(c, 'bad_frame', message) };
  }
  return { since: Math.max(0, since), format };
}

export function sendReport(c: Context<AppEnv>, report: UsageReport, format: ReportWish['format']): Response {
  c.header('Cache-Control', 'no-store');
  if (format === 'json') return c.json(report);
  return c.body(toCsv(report), 200, {
    'Content-Type': 'text/csv; charset=utf-8; header=present',
    'Content-Disposition': `attachment; filename="usage-${report.scope}-since-${report.since.slice(0, 10)}.csv"`,
  });
}

/** What the session behind the Bearer has used. */
export const usageReport = new Hono<AppEnv>().get('/usage-report', async (c) => {
  const { refused } = await admitReader(c);
  if (refused !== null) return refused;
  const wish = reportWish(c);
  if ('refused' in wish) return wish.refused;
  const report = (await bearerSession(c)?.usageReport(wish.since)) ?? null;
  if (report === null) return failure(c, 'not_found', 'There is no such session.');
  return sendReport(c, report, wish.format);
});
