/**
 * `npm test [-- unit | e2e]`: sets up what is missing, runs every suite, and says on its last line how many tests
 * passed, failed and were skipped. Ends with 0 only when none failed; with CI=true, only when none was skipped.
 */
import { fileURLToPath } from 'node:url';
import { cleanUpEndToEnd, prepareEndToEnd, prepareUnit } from './suites/preparation.ts';
import { addUp, summaryLine } from './suites/results.ts';
import type { SuiteResult } from './suites/results.ts';
import { runSuite } from './suites/run-suite.ts';
import type { Suite } from './suites/run-suite.ts';
import { endToEndSuites, unitSuites } from './suites/suites.ts';
import { makeToolPath } from './suites/tools.ts';
import type { Half } from './suites/tools.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The tools are linked after the half was prepared, which may have installed them. */
async function runAll(half: Half, suites: Suite[]): Promise<SuiteResult[]> {
  const { path, remove } = await makeToolPath(half, root);
  const results: SuiteResult[] = [];
  try {
    for (const suite of suites) results.push(await runSuite(suite, { root, path }));
  } finally {
    remove();
  }
  return results;
}

async function main(half: string | undefined): Promise<number> {
  if (half !== undefined && half !== 'unit' && half !== 'e2e') {
    console.error(`"${half}" is no half of the tests: unit and e2e are`);
    return 2;
  }
  const results: SuiteResult[] = [];
  if (half !== 'e2e') results.push(...(await runAll('unit', unitSuites(await prepareUnit(root)))));
  if (half !== 'unit') {
    results.push(...(await runAll('e2e', endToEndSuites(await prepareEndToEnd()))));
    await cleanUpEndToEnd();
  }
  const total = addUp(results);
  const strict = process.env.CI === 'true';
  console.log('');
  for (const { name, reason } of total.skipped) console.log(`skipped: ${name}: ${reason}`);
  if (strict && total.skipped.length > 0) console.log('With CI=true a skipped test is a failed one.');
  console.log(summaryLine(total, strict));
  return total.failed > 0 || (strict && total.skipped.length > 0) ? 1 : 0;
}

process.exitCode = await main(process.argv[2]);
