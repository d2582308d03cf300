import { describe, expect, it } from '@jest/globals';
import {
  addUp,
  failureText,
  fromExitCode,
  type JestReport,
  readJestReport,
  readTap,
  readTerraformTest,
  summaryLine,
} from '../../../scripts/suites/results.ts';

describe('what suites report', () => {
  it('is read from jest, files that could not be loaded included', () => {
    const report: JestReport = {
      passed: 2,
      failed: 2,
      tests: [
        { status: 'passed', name: 'a', message: '' },
        { status: 'failed', name: 'b', message: 'Error: no' },
        { status: 'pending', name: 'deploy (skipped: no Docker here) works', message: '' },
        { status: 'todo', name: 'later', message: '' },
      ],
      unloaded: [{ name: 'c.test.ts', message: 'SyntaxError' }],
    };
    expect(readJestReport(JSON.stringify(report))).toEqual({
      passed: 2,
      failed: 2,
      skipped: [
        { name: 'deploy (skipped: no Docker here) works', reason: 'no Docker here' },
        { name: 'later', reason: 'its test file says so' },
      ],
      failures: [
        { name: 'b', message: 'Error: no' },
        { name: 'c.test.ts', message: 'SyntaxError' },
      ],
    });
  });

  it('is read from node --test', () => {
    const tap = [
      'TAP version 13',
      '# Subtest: one',
      'ok 1 - one',
      '    ok 1 - with PostgreSQL # SKIP PostgreSQL is not installed here',
      'not ok 2 - two',
      '1..2',
      '# tests 4',
      '# pass 1',
      '# fail 1',
      '# cancelled 1',
      '# skipped 1',
    ].join('\n');
    expect(readTap(tap)).toEqual({
      passed: 1,
      failed: 2,
      skipped: [{ name: 'with PostgreSQL', reason: 'PostgreSQL is not installed here' }],
    });
  });

  it('is read from terraform test, and missing when it broke off', () => {
    const lines = [
      '{"type":"version"}',
      '{"test_summary":{"status":"fail","passed":3,"failed":1,"errored":1,"skipped":1}}',
    ];
    expect(readTerraformTest(lines.join('\n'))).toMatchObject({
      passed: 3,
      failed: 2,
      skipped: [{ name: 'a run block' }],
    });
    expect(readTerraformTest('Error: no provider\n{"type":"version"}')).toBeUndefined();
  });
});

describe('the last line', () => {
  const skip = { name: 'a', reason: 'b' };
  it.each([
    [[fromExitCode(0), fromExitCode(0)], false, '2 passed, 0 failed'],
    [[fromExitCode(0), fromExitCode(2)], false, '1 passed, 1 failed'],
    [[{ passed: 4, failed: 0, skipped: [skip] }], false, '4 passed, 0 failed, 1 skipped'],
    [[{ passed: 4, failed: 1, skipped: [skip] }], true, '4 passed, 2 failed, 1 skipped'],
  ])('adds up %j', (results, strict, line) => {
    expect(summaryLine(addUp(results), strict)).toBe(line);
  });
});

it('a failure is told with the beginning and the end of its text', () => {
  const log = Array.from({ length: 500 }, (_, line) => `line ${line}`).join('\n');
  const text = failureText({ name: 'deploys', message: log });
  expect(text).toMatch(/^failed: deploys\n {2}line 0\n {2}line 1\n[^]*\n {2}\[…\]\n[^]*\n {2}line 499\n$/);
  expect(text.length).toBeLessThan(5000);
});
