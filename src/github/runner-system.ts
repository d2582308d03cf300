import { DeployError } from '../core/index.ts';

/**
 * Refuses a runner on which this action can't work: Windows has neither the containers nor the file modes that it needs.
 *
 * @param environment of the step; RUNNER_OS is Linux, Windows or macOS
 *   (https://docs.github.com/actions/reference/workflows-and-actions/variables)
 * @throws DeployError input-invalid
 */
export function requireSystem({ RUNNER_OS: system }: NodeJS.ProcessEnv): void {
  if (system !== 'Windows') return;
  throw new DeployError({
    reason: 'input-invalid',
    message:
      'this job runs on Windows, where this action does not: it builds Linux images and keeps files private by their mode',
    left: 'Nothing was touched.',
    next: 'give the job `runs-on: ubuntu-24.04`; where other steps need Windows, leave them in a job of their own that this one `needs`',
  });
}
