import type { StepResult } from '../runner/runner.ts';
import type { LoadReport } from './load-process.ts';
import type { DemoVersion } from './versions.ts';

/** What one of the demo's runs left behind, as far as it is shown and judged. */
export interface DemoRun {
  demoVersion: DemoVersion;
  sha: string;
  step: Pick<StepResult, 'conclusion' | 'outputs' | 'seconds' | 'leftovers' | 'temporaryFiles'>;
  phases: { name: string; seconds: number }[];
  instancesBefore: string[];
  instancesAfter: string[];
  load: LoadReport | undefined;
  /** Whether the row of version 1 was read back after the run, and the version that gave it. */
  row: { found: boolean; version: string };
}

export interface Expectation {
  text: string;
  met: boolean;
  /** What was seen instead. */
  seen: string;
}

export const minimumRequests = 20_000;

/** Everything that the demo promises, checked against what was seen. */
export function judge(runs: DemoRun[]): Expectation[] {
  return runs.flatMap((run) => [
    ...judgeResult(run),
    ...judgeInstances(run),
    ...judgeLoad(run),
    expectation(`${name(run)}: the row of version 1 is there`, run.row.found, `found: ${run.row.found}`),
    expectation(
      `${name(run)}: nothing is left of the run, neither processes nor files`,
      run.step.leftovers.length + run.step.temporaryFiles.length === 0,
      [...run.step.leftovers.map(({ command }) => command), ...run.step.temporaryFiles].join(', '),
    ),
  ]);
}

function name(run: DemoRun): string {
  return `version ${run.demoVersion.number}`;
}

function expectation(text: string, met: boolean, seen: string): Expectation {
  return { text, met, seen };
}

function judgeResult(run: DemoRun): Expectation[] {
  const { conclusion, outputs } = run.step;
  const bad = run.demoVersion.number === 3;
  const serving = bad ? '2.0.0' : run.demoVersion.version;
  const results = [
    expectation(
      `${name(run)}: the run ends in ${bad ? 'failure' : 'success'}`,
      conclusion === (bad ? 'failure' : 'success'),
      conclusion,
    ),
    expectation(`${name(run)}: ${serving} answers afterwards`, run.row.version === serving, run.row.version),
  ];
  const reason = outputs['failure-reason'] ?? '';
  if (bad)
    results.push(
      expectation(`${name(run)}: the run names the reason`, reason !== '', `failure-reason=${reason}`),
    );
  return results;
}

function judgeInstances(run: DemoRun): Expectation[] {
  const { instancesBefore: before, instancesAfter: after } = run;
  const kept = after.filter((id) => before.includes(id)).length;
  const seen = `${before.join(' ')} → ${after.join(' ')}`;
  const two = expectation(`${name(run)}: two instances serve afterwards`, after.length === 2, seen);
  if (run.demoVersion.number !== 2) return [two];
  return [two, expectation(`${name(run)}: every instance was replaced`, kept === 0, seen)];
}

function judgeLoad({ load, ...run }: DemoRun): Expectation[] {
  if (load === undefined) return [];
  const label = `version ${run.demoVersion.number}`;
  const strangers = Object.keys(load.versions).filter((version) => !['1.0.0', '2.0.0'].includes(version));
  const results = [
    expectation(
      `${label}: no request failed`,
      load.failed === 0,
      `${load.failed} of ${load.sent} failed, ${load.lost} of them without an answer; ${JSON.stringify(load.statuses)}; the first: ${load.failures.join('; ')}`,
    ),
    expectation(
      `${label}: no user saw a version that was not healthy`,
      strangers.length === 0,
      strangers.join(', '),
    ),
  ];
  if (run.demoVersion.number === 2) {
    const enough = load.sent >= minimumRequests;
    results.push(
      expectation(`${label}: at least ${minimumRequests} requests were sent`, enough, `${load.sent}`),
    );
  }
  return results;
}
