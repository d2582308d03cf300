/**
 * `npm test [-- unit | e2e | full]`: sets up what is missing, runs every suite, and says on its last line how many tests
 * passed, failed and were skipped. Ends with 0 only when none failed; with CI=true, only when none was skipped.
 */
import { fileURLToPath } from 'node:url';
import { portsWithContainers } from '../local-cloud/host/index.ts';
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

/** Of clouds that are up, and of those of which something is left: a test that is ended takes one in its own process along. */
async function portsOfClouds(): Promise<Set<number>> {
  return new Set([...(await runningPorts()), ...(await portsWithContainers())]);
}

/** Clouds that tests had up when they were ended; one that was there before is somebody's. */
async function takeDownClouds(before: ReadonlySet<number>): Promise<void> {
  for (const port of await portsOfClouds()) if (!before.has(port)) await takeDown(port);
}

type Selected = 'unit' | 'e2e' | 'both';

/**
 * Setting up the end-to-end half is mostly waiting, for registries and for Docker: it goes on beside the unit half, and
 * its lines are shown after those.
 *
 * @param slow whether the slow tests run as well
 * @throws the signal's reason when it is interrupted
 */
async function runHalves(selected: Selected, slow: boolean, signal: AbortSignal): Promise<SuiteResult[]> {
  const table = slow ? tools : quickTools;
  const missing = selected === 'e2e' ? undefined : await prepareUnit(root, table);
  const [unitTurn, endToEndTurn] = takeTurns(2) as [Turn, Turn];
  /** Each step says what it does before it does it: once the run is interrupted, none begins any more. */
  const say = (line: string): void => {
    signal.throwIfAborted();
    endToEndTurn.show(line, 'stdout');
  };
  const preparing = selected === 'unit' ? undefined : prepareEndToEnd(table, say);
  try {
    const suites = missing === undefined ? [] : unitSuites(missing, { slow });
    const unit = await runAll({ half: 'unit', table }, suites, signal).finally(unitTurn.end);
    if (preparing === undefined) return unit;
    return [...unit, ...(await runEndToEnd(await preparing, { table, slow, signal }))];
  } finally {
    if (preparing !== undefined) {
      await preparing;
      await cleanUpEndToEnd();
    }
  }
}

interface EndToEnd {
  table: Tool[];
  slow: boolean;
  signal: AbortSignal;
}

/** @param missing why it can't run here */
async function runEndToEnd(
  missing: string | undefined,
  { table, slow, signal }: EndToEnd,
): Promise<SuiteResult[]> {
  const before = await portsOfClouds();
  try {
    return await runAll({ half: 'e2e', table }, endToEndSuites(missing, { slow }), signal);
  } finally {
    await takeDownClouds(before);
  }
}

/** @throws the signal's reason when it is interrupted */
async function main(half: string | undefined, signal: AbortSignal): Promise<number> {
  if (half !== undefined && !['unit', 'e2e', 'full'].includes(half)) {
    console.error(`"${half}" is no half of the tests: unit and e2e are, and full is both with what is slow`);
    return 2;
  }
  const selected = half === 'unit' || half === 'e2e' ? half : 'both';
  const results = await runHalves(selected, half === 'full', signal);
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
