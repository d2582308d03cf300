import { DeployError } from '../core/index.ts';
import type { Environment } from '../environment/index.ts';
import { imageOf } from '../environment/index.ts';
import type { Conclusion } from '../report/index.ts';
import { isUnderWay, stateWords } from '../rollout/index.ts';
import { deployed } from './conclusions.ts';
import type { CommandContext } from './context.ts';
import { recordImage, requireEnvironment } from './current.ts';
import { phase } from './phase.ts';
import { rollOutTo } from './steps.ts';

/**
 * Goes on with a blue/green rollout that paused, or whose run is gone, from what AWS says alone: nothing is built and
 * Terraform does not run.
 *
 * @throws DeployError `input-invalid` for a root with one group, `preflight` where nothing is under way
 */
export async function promote(context: CommandContext): Promise<Conclusion> {
  const { run, record } = context;
  const { environment, version } = await phase(context, 'look', async () => {
    const environment = await requireEnvironment(context);
    const version = versionUnderWay(environment);
    run.log.line(`Going on with version ${version}`);
    record.commit = '';
    const reference = imageOf(environment, version);
    if (reference !== '') await recordImage(context, reference);
    return { environment, version };
  });
  context.onDeploying(record.commit);
  record.outputs = { ...environment.outputs, launchTemplateVersion: version };
  await rollOutTo(context, record.outputs, record.image);
  return deployed(record, Date.now());
}

function versionUnderWay({ fleets, outputs }: Environment): number {
  if (outputs.blueGreen === undefined || fleets === undefined) throw noGroups();
  const { state } = fleets;
  if (isUnderWay(state) && state.to.version !== undefined) return state.to.version;
  throw new DeployError({
    reason: 'preflight',
    message: `there is nothing to go on with: ${stateWords(state)}`,
    left: 'Nothing was touched.',
    next: 'deploy, or see what runs with the command status',
  });
}

function noGroups(): DeployError {
  return new DeployError({
    reason: 'input-invalid',
    message:
      'command is "promote", and the Terraform root of this environment is made for rolling: nothing waits for a person there',
    left: 'Nothing was touched.',
    next: 'set rollout = { strategy = "blue-green" } in the variables of this environment, and deploy with pause-at',
  });
}
