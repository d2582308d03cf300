/** What one suite came to. */
export interface SuiteResult {
  passed: number;
  failed: number;
  skipped: SkippedTest[];
}

export interface SkippedTest {
  name: string;
  reason: string;
}

interface JestReport {
  numPassedTests: number;
  numFailedTests: number;
  numRuntimeErrorTestSuites: number;
  testResults: { assertionResults: { status: string; fullName: string }[] }[];
}

const notRun = new Set(['pending', 'skipped', 'disabled', 'todo']);

/**
 * Reads jest's --json file. A file that could not be loaded counts as one failure. A skipped test gives its reason
 * at the end of its name or its group's: "… (skipped: no Docker here)".
 */
export function readJestReport(text: string): SuiteResult {
  const report = JSON.parse(text) as JestReport;
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: tests
      .filter(({ status }) => notRun.has(status))
      .map(({ fullName }) => ({
        name: fullName,
        reason: /\(skipped: ([^)]*)\)/.exec(fullName)?.[1] ?? 'its test file says so',
      })),
  };
}

/** Reads the TAP that `node --test` writes: the totals at its end, and the reasons of `# SKIP` lines. */
export function readTap(text: string): SuiteResult {
  const totals = new Map(
    [...text.matchAll(/^# (\w+) (\d+)$/gm)].map(([, name = '', count]) => [name, Number(count)]),
  );
  const total = (name: string): number => totals.get(name) ?? 0;
  const skipped = [...text.matchAll(/^ *ok \d+ - (.*) # SKIP ?(.*)$/gm)].map(
    ([, name = '', reason = '']) => ({
      name,
      reason: reason || 'its test file says so',
    }),
  );
  return { passed: total('pass'), failed: total('fail') + total('cancelled'), skipped };
}

/** Reads the events of `terraform test -json`; undefined when it ended before its summary. */
export function readTerraformTest(text: string): SuiteResult | undefined {
  for (const line of text
    .split('\n')
    .filter((each) => each.startsWith('{'))
    .toReversed()) {
    const event = JSON.parse(line) as {
      test_summary?: Record<'passed' | 'failed' | 'errored' | 'skipped', number>;
    };
    if (!event.test_summary) continue;
    const { passed, failed, errored, skipped } = event.test_summary;
    const reason = 'an earlier run block of its file failed';
    return {
      passed,
      failed: failed + errored,
      skipped: Array.from({ length: skipped }, () => ({ name: 'a run block', reason })),
    };
  }
  return undefined;
}

/** A command that only passes or fails, such as a linter, counts as one test. */
export function fromExitCode(exitCode: number): SuiteResult {
  return exitCode === 0 ? { passed: 1, failed: 0, skipped: [] } : { passed: 0, failed: 1, skipped: [] };
}

export function addUp(results: SuiteResult[]): SuiteResult {
  return {
    passed: results.reduce((sum, { passed }) => sum + passed, 0),
    failed: results.reduce((sum, { failed }) => sum + failed, 0),
    skipped: results.flatMap(({ skipped }) => skipped),
  };
}

/** The last line of all. With `strict` (CI=true) what was skipped counts as failed. */
export function summaryLine(total: SuiteResult, strict: boolean): string {
  const skipped = total.skipped.length;
  const failed = total.failed + (strict ? skipped : 0);
  return `${total.passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
