import { bearer, read, request } from '#lib/state/request.ts';
import { type UsageReport, usageReportSchema } from '#lib/wire.ts';

/** Whose figures are asked for: of this browser's session, or of all that the deployment answers. */
export type Asked =
  | { scope: 'session'; sessionId: string }
  /** `token`: null where the operator is known without one. */
  | { scope: 'deployment'; token: string | null };

/** A report of ten thousand answers as a file, over a slow line. */
const DOWNLOAD_PATIENCE_MS = 120_000;

/** Where a report is, and with what it is asked for; a secret never goes into the address. */
function wish(asked: Asked, since: number, more = ''): [path: string, init: RequestInit] {
  const query = `?since=${encodeURIComponent(new Date(since).toISOString())}${more}`;
  if (asked.scope === 'session') return [`/usage-report${query}`, bearer(asked.sessionId)];
  return [`/operator/usage-report${query}`, asked.token === null ? {} : bearer(asked.token)];
}

/** @param since ms since 1970 @throws {ApiError} */
export function fetchUsage(asked: Asked, since: number): Promise<UsageReport> {
  const [path, init] = wish(asked, since);
  return read(path, usageReportSchema, init);
}

/** The same as the server's own file. By fetch, because a link cannot carry the bearer. @throws {ApiError} */
export async function fetchUsageCsv(asked: Asked, since: number): Promise<Blob> {
  const [path, init] = wish(asked, since, '&format=csv');
  const response = await request(path, { ...init, signal: AbortSignal.timeout(DOWNLOAD_PATIENCE_MS) });
  return response.blob();
}
