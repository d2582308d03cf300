/** What one suite came to. */
export interface SuiteResult {
  passed: number;
  failed: number;
  skipped: SkippedTest[];
  /** Those that failed, where the suite names them. */
  failures?: FailedTest[];
}

/** A test that failed, with the text of its error. */
export interface FailedTest {
  name: string;
  message: string;
}

export interface SkippedTest {
  name: string;
  reason: string;
}

/** What jest-reporter.ts writes. */
export interface JestReport {
  passed: number;
  failed: number;
  tests: { status: string; name: string; message: string }[];
  /** Test files that could not be loaded. */
  unloaded: FailedTest[];
}

const notRun = new Set(['pending', 'skipped', 'disabled', 'todo']);

/**
 * Reads the file of jest-reporter.ts. A file that could not be loaded counts as one failure. A skipped test gives its
 * reason at the end of its name or its group's: "… (skipped: no Docker here)".
 */
export function readJestReport(text: string): SuiteResult {
  const { passed, failed, tests, unloaded } = JSON.parse(text) as JestReport;
  return {
    ...{ passed, failed },
    skipped: tests
      .filter(({ status }) => notRun.has(status))
      .map(({ name }) => ({
        name,
        reason: /\(skipped: ([^)]*)\)/.exec(name)?.[1] ?? 'its test file says so',
      })),
    failures: [...tests.filter(({ status }) => status === 'failed'), ...unloaded].map(
      ({ name, message }) => ({
        name,
        message,
      }),
    ),
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
    failures: results.flatMap(({ failures = [] }) => failures),
  };
}

const shown = { beginning: 400, end: 2600 };

/** A failure for the end of all output: of a long text, such as the log of a whole deployment, beginning and end. */
export function failureText({ name, message }: FailedTest): string {
  const text =
    message.length <= shown.beginning + shown.end
      ? message
      : `${message.slice(0, shown.beginning)}\n[…]\n${message.slice(-shown.end)}`;
  return `failed: ${name}\n${text.replace(/^/gm, '  ')}\n`;
}

/** The last line of all. With `strict` (CI=true) what was skipped counts as failed. */
export function summaryLine(total: SuiteResult, strict: boolean): string {
  const skipped = total.skipped.length;
  const failed = total.failed + (strict ? skipped : 0);
  return `${total.passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
