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

interface TerraformSummary {
  passed: number;
  failed: number;
  errored: number;
  skipped: number;
}

/** Reads the events of `terraform test -json`, of one or several roots; undefined when there is no summary. */
export function readTerraformTest(text: string): SuiteResult | undefined {
  const summaries = text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => (JSON.parse(line) as { test_summary?: TerraformSummary }).test_summary)
    .filter((summary) => summary !== undefined);
  if (summaries.length === 0) return undefined;
  const skipped = { name: 'a run block', reason: 'an earlier run block of its file failed' };
  return addUp(
    summaries.map((summary) => ({
      passed: summary.passed,
      failed: summary.failed + summary.errored,
      skipped: Array.from({ length: summary.skipped }, () => skipped),
    })),
  );
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
