/**
 * `npm test [-- unit | e2e | full]`: sets up what is missing, runs every suite, and says on its last line how many tests
 * passed, failed and were skipped. Ends with 0 only when none failed; with CI=true, only when none was skipped.
 */
import { fileURLToPath } from 'node:url';
import { runningPorts, takeDown } from '../local-cloud/process/index.ts';
import { interruptible } from './interruptible.ts';
import { cleanUpEndToEnd, prepareEndToEnd, prepareUnit } from './suites/preparation.ts';
import { takeTurns } from './suites/in-turn.ts';
import type { Turn } from './suites/in-turn.ts';
import { addUp, failureText, summaryLine } from './suites/results.ts';
import type { SuiteResult } from './suites/results.ts';
import { runSuites } from './suites/run-suites.ts';
import type { Suite } from './suites/run-suite.ts';
import { endToEndSuites, unitSuites } from './suites/suites.ts';
import { makeToolPath, quickTools, tools } from './suites/tools.ts';
import type { Half, Tool } from './suites/tools.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The tools are linked after the half was prepared, which may have installed them. */
async function runAll(
  { half, table }: { half: Half; table: Tool[] },
  suites: Suite[],
  signal: AbortSignal,
): Promise<SuiteResult[]> {
  const { path, remove } = await makeToolPath(half, root, table);
  try {
    return await runSuites(suites, { root, path, signal });
  } finally {
    remove();
  }
}

/** Clouds that tests had up when they were ended; one that was up before is somebody's. */
async function takeDownClouds(before: readonly number[]): Promise<void> {
  for (const port of await runningPorts()) if (!before.includes(port)) await takeDown(port);
}

/** What is to run: a half or both, with what is slow or without. */
interface Selection {
  half: string | undefined;
  slow: boolean;
  table: Tool[];
}

/**
 * Setting up the end-to-end half is mostly waiting, for registries and for Docker: it goes on beside the unit half, and
 * its lines are shown after those.
 *
 * @throws the signal's reason when it is interrupted
 */
async function runHalves({ half, slow, table }: Selection, signal: AbortSignal): Promise<SuiteResult[]> {
  const before = await runningPorts();
  const missing = half === 'e2e' ? undefined : await prepareUnit(root);
  const [unitTurn, endToEndTurn] = takeTurns(2) as [Turn, Turn];
  const preparing =
    half === 'unit' ? undefined : prepareEndToEnd(table, (line) => endToEndTurn.show(line, 'stdout'));
  // It is awaited below, whatever comes before.
  preparing?.catch(() => undefined);
  const results: SuiteResult[] = [];
  try {
    if (missing !== undefined)
      results.push(...(await runAll({ half: 'unit', table }, unitSuites(missing, { slow }), signal)));
    unitTurn.end();
    if (preparing !== undefined) {
      const suites = endToEndSuites(await preparing, { slow });
      results.push(...(await runAll({ half: 'e2e', table }, suites, signal)));
    }
    return results;
  } finally {
    if (preparing !== undefined) {
      await preparing.catch(() => undefined);
      await takeDownClouds(before);
      await cleanUpEndToEnd();
    }
  }
}

/** @throws the signal's reason when it is interrupted */
async function main(half: string | undefined, signal: AbortSignal): Promise<number> {
  if (half !== undefined && !['unit', 'e2e', 'full'].includes(half)) {
    console.error(`"${half}" is no half of the tests: unit and e2e are, and full is both with what is slow`);
    return 2;
  }
  const slow = half === 'full';
  const results = await runHalves({ half, slow, table: slow ? tools : quickTools }, signal);
  const total = addUp(results);
  const strict = process.env.CI === 'true';
  console.log('');
  for (const failure of total.failures ?? []) console.log(failureText(failure));
  for (const { name, reason } of total.skipped) console.log(`skipped: ${name}: ${reason}`);
  if (strict && total.skipped.length > 0) console.log('With CI=true a skipped test is a failed one.');
  console.log(summaryLine(total, strict));
  return total.failed > 0 || (strict && total.skipped.length > 0) ? 1 : 0;
}

const signal = interruptible();
try {
  process.exitCode = await main(process.argv[2], signal);
} catch (error) {
  if (!signal.aborted) throw error;
  console.error(`The tests were ${(signal.reason as Error).message}; nothing of them is left.`);
  process.exitCode = 130;
}
