import * as z from 'zod/mini';

/** The part of Vitest's JSON report that is counted here. */
const reportSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ status: z.string() })),
    }),
  ),
});

export type Tally = { line: string; ok: boolean; problems: string[] };

/**
 * Folds Vitest's report and exit code to the last line of a test run.
 * What fails outside of a test counts too: a file that cannot be loaded, an error nobody caught, a run
 * that ended before its report.
 */
export function tally(report: unknown, exitCode: number): Tally {
  const parsed = z.safeParse(reportSchema, report);
  if (!parsed.success) {
    return { line: '0 passed, 1 failed', ok: false, problems: ['Vitest ended without a report.'] };
  }
  const { numPassedTests: passed, numFailedTests, numPendingTests, numTodoTests, testResults } = parsed.data;
  const brokenFiles = testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  );
  const problems = brokenFiles.map((file) => `The file failed outside of its tests: ${file.name}`);
  let failed = numFailedTests + brokenFiles.length;
  if (failed === 0 && exitCode !== 0) {
    failed = 1;
    problems.push(`No test failed, but Vitest ended with code ${exitCode}; its messages are above.`);
  }
  if (passed + failed === 0) problems.push('No test ran.');
  const skipped = numPendingTests + numTodoTests;
  const line = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  return { line, ok: failed === 0 && passed > 0, problems };
}
