import { rm } from 'node:fs/promises';
import { isTemporaryDirectory } from './surroundings.ts';
import { loadToolkit } from './toolkit.ts';
import type { Toolkit } from './toolkit.ts';

/**
 * Runs after the job, whatever became of the step. A run that ended by itself has nothing left to do; after one
 * that was killed, its private folder is removed (plan, variables, registry login) and a person is told what
 * may still be held or under way.
 */
export async function post(
  environment: NodeJS.ProcessEnv,
  toolkit: () => Promise<Pick<Toolkit, 'info' | 'warning'>> = loadToolkit,
): Promise<0> {
  const directory = environment['STATE_temporary-directory'] ?? '';
  const phase = environment.STATE_phase ?? '';
  if (directory === '') return 0;
  if (isTemporaryDirectory(environment, directory)) await rm(directory, { recursive: true, force: true });
  if (phase === '') return 0;
  const { warning } = await toolkit();
  for (const text of warningsFor(phase, environment)) warning(text);
  return 0;
}

/** What a run that was killed in a phase may have left, and how to find out. */
export function warningsFor(phase: string, environment: NodeJS.ProcessEnv): string[] {
  const application = environment.INPUT_APPLICATION ?? '';
  const name = `${application}-${environment.INPUT_ENVIRONMENT ?? ''}`;
  if (phase === 'rollout') {
    return [
      `The step was killed during the rollout of ${name}: its instance refresh may still be running. Look with "aws autoscaling describe-instance-refreshes --auto-scaling-group-name ${name}"; "aws autoscaling rollback-instance-refresh --auto-scaling-group-name ${name}" undoes it. The next run finds it and does what on-active-refresh says.`,
    ];
  }
  if (['backend', 'registry', 'infrastructure', 'plan'].includes(phase)) {
    return [
      `The step was killed while Terraform may have been working for ${name}: the lock of its state may still be held. If the next run finds it held and nobody else is deploying, "terraform force-unlock" with the id that it shows releases it.`,
    ];
  }
  return [];
}
