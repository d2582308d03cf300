import { expect } from '@jest/globals';
import type { StepResult } from '../../../scripts/runner/runner.ts';

/** With the whole log in the message when it is another: nobody can look at the run afterwards. */
export function expectOutcome(result: StepResult, conclusion: StepResult['conclusion']): void {
  if (result.conclusion !== conclusion)
    throw new Error(`not ${conclusion} but ${result.conclusion}:\n${result.log}`);
}

/** What must hold after every run, however it ended. */
export function expectNothingLeft(result: StepResult): void {
  expect(result.leftovers).toEqual([]);
  expect(result.temporaryFiles).toEqual([]);
  expect(result.postExitCode).toBe(0);
}

export function expectSuccess(result: StepResult): void {
  expectOutcome(result, 'success');
  expectNothingLeft(result);
}

/** Ended with exit code 1, one error annotation, the reason, and the texts in what a person reads. */
export function expectFailure(result: StepResult, reason: string, ...texts: (string | RegExp)[]): void {
  expectOutcome(result, 'failure');
  expect(result.exitCode).toBe(1);
  const { 'failure-reason': found } = result.outputs;
  if (found !== reason) throw new Error(`not ${reason} but ${found}:\n${result.log}`);
  for (const text of texts) expect(result.log).toMatch(text);
  expect(result.annotations.filter(({ level }) => level === 'error')).toHaveLength(1);
  expectNothingLeft(result);
}

export function expectCancelled(result: StepResult, signals: NodeJS.Signals[]): void {
  expectOutcome(result, 'cancelled');
  expect(result.signals).toEqual(signals);
  expect(result.outputs).toMatchObject({ status: 'cancelled', 'failure-reason': 'cancelled' });
  expectNothingLeft(result);
}
