import { takeTurns } from './in-turn.ts';
import type { Show } from './in-turn.ts';
import type { SuiteResult } from './results.ts';
import { runSuite } from './run-suite.ts';
import type { Suite, Surroundings } from './run-suite.ts';

/** Most machines that run tests have two processors at least, and what fits two is no slower on more. */
const processors = 2;

/**
 * Runs suites, those that keep one processor busy two at a time, and shows them one after the other.
 *
 * @returns their results, in the order of the suites
 * @throws the signal's reason when it is interrupted, after everything that was started has ended
 */
export async function runSuites(
  suites: readonly Suite[],
  surroundings: Surroundings,
  show?: Show,
): Promise<SuiteResult[]> {
  const turns = takeTurns(suites.length, show);
  const room = makeRoom(processors);
  const results = suites.map(async (suite, index) => {
    const leave = await room(Math.min(suite.processors ?? 1, processors));
    const turn = turns[index];
    try {
      surroundings.signal?.throwIfAborted();
      return await runSuite(suite, { ...surroundings, ...(turn && { show: turn.show }) });
    } catch (error) {
      if (surroundings.signal?.aborted === true) throw error;
      return notRun(suite, error);
    } finally {
      turn?.end();
      leave();
    }
  });
  await Promise.allSettled(results);
  surroundings.signal?.throwIfAborted();
  return Promise.all(results);
}

/** One that could not be run at all, by a full disk for instance, is a failure like any other. */
function notRun({ title }: Suite, error: unknown): SuiteResult {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { passed: 0, failed: 1, skipped: [], failures: [{ name: title, message }] };
}

/** Lets in who comes first as soon as there is room for what it needs, and nobody before it. */
function makeRoom(size: number): (needed: number) => Promise<() => void> {
  let free = size;
  const waiting: { needed: number; enter: () => void }[] = [];
  const letIn = (): void => {
    for (let next = waiting[0]; next !== undefined && next.needed <= free; next = waiting[0]) {
      free -= next.needed;
      waiting.shift();
      next.enter();
    }
  };
  return async (needed) => {
    await new Promise<void>((enter) => {
      waiting.push({ needed, enter });
      letIn();
    });
    return () => {
      free += needed;
      letIn();
    };
  };
}
