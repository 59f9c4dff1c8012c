import { describe, expect, test } from 'vitest';
import { tally } from './test-tally.ts';

function aReport(more: Record<string, unknown> = {}) {
  return {
    numPassedTests: 3,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [],
    ...more,
  };
}

describe('CMD2 the last line', () => {
  test('a good run', () => {
    expect(tally(aReport(), 0)).toEqual({ line: '3 passed, 0 failed', ok: true, problems: [] });
  });

  test('a failed test', () => {
    expect(tally(aReport({ numFailedTests: 1 }), 1)).toMatchObject({ line: '3 passed, 1 failed', ok: false });
  });

  test('skipped and planned tests are told', () => {
    expect(tally(aReport({ numPendingTests: 1, numTodoTests: 1 }), 0).line).toBe(
      '3 passed, 0 failed, 2 skipped',
    );
  });

  test('a file that cannot be loaded is a failure', () => {
    const testResults = [{ name: 'a.test.ts', status: 'failed', assertionResults: [] }];
    expect(tally(aReport({ testResults }), 1)).toMatchObject({ line: '3 passed, 1 failed', ok: false });
  });

  test('an error that nobody caught is a failure', () => {
    expect(tally(aReport(), 1)).toMatchObject({ line: '3 passed, 1 failed', ok: false });
  });

  test('a run without tests is not a success', () => {
    expect(tally(aReport({ numPassedTests: 0 }), 0)).toMatchObject({ line: '0 passed, 0 failed', ok: false });
  });

  test('a run without a report is a failure', () => {
    expect(tally(null, 0)).toMatchObject({ line: '0 passed, 1 failed', ok: false });
  });
});
