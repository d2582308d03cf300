/**
 * A reporter for jest that writes what results.ts reads to the file that SUITE_REPORT names. jest's own `--json` writes
 * nothing at all where one test threw an error that holds itself.
 */
import { writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import type { JestReport } from './results.ts';

/** What is read of jest's AggregatedResult. */
interface JestResults {
  numPassedTests: number;
  numFailedTests: number;
  numRuntimeErrorTestSuites: number;
  testResults: {
    testFilePath: string;
    testExecError?: { message: string };
    testResults: { status: string; fullName: string; failureMessages: string[] }[];
  }[];
}

export default class SuiteReporter {
  onRunComplete(_: unknown, results: JestResults): void {
    const file = process.env.SUITE_REPORT;
    if (file === undefined)
      throw new Error('SUITE_REPORT names the file that the figures go to; it is not set');
    const report: JestReport = {
      passed: results.numPassedTests,
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      tests: results.testResults.flatMap(({ testResults }) =>
        testResults.map(({ status, fullName, failureMessages }) => ({
          ...{ status, name: fullName },
          message: stripVTControlCharacters(failureMessages.join('\n')),
        })),
      ),
      unloaded: results.testResults.flatMap(({ testFilePath, testExecError }) =>
        testExecError ? [{ name: testFilePath, message: testExecError.message }] : [],
      ),
    };
    writeFileSync(file, JSON.stringify(report));
  }
}
