import type { Image, TerraformOutputs } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import { awsRolloutApi } from './aws/index.ts';
import { foretell, look } from './preflight/index.ts';
import { systemClock } from '../core/index.ts';
import type { RolloutContext } from './context/index.ts';
import type { Finding } from './preflight/index.ts';
import type { RolloutTools } from './roll-out.ts';
import { savedTemplateVersion } from './model/index.ts';
import { readScene } from './plan/index.ts';

export interface Foreseen {
  /** Seconds that the rollout of the next version would take. */
  seconds: number;
  /** What stands against it now. */
  findings: Finding[];
}

/**
 * Says what a rollout of the next template version would do, without one: the forecast, and what the preflight finds
 * on the group. Reads only.
 *
 * @param outputs the contract's, with the version that does not exist yet as `launchTemplateVersion`
 * @throws DeployError `group-missing`, `credentials`
 */
export async function foresee(
  run: Run,
  outputs: TerraformOutputs,
  image?: Image,
  tools: RolloutTools = {},
): Promise<Foreseen> {
  const clock = tools.clock ?? systemClock;
  const startedAt = clock.now();
  const context: RolloutContext = {
    run,
    api: tools.api ?? awsRolloutApi(run.aws),
    clock,
    group: outputs.autoscalingGroupName,
    target: {
      templateId: outputs.launchTemplateId,
      version: outputs.launchTemplateVersion,
      previousVersion: undefined,
    },
    names: { application: run.inputs.application, environment: run.inputs.environment, healthPath: '' },
    startedAt,
    deadline: startedAt + run.inputs.timeout,
    warned: new Set(),
  };
  const scene = await readScene(context, outputs);
  context.target.previousVersion = savedTemplateVersion(scene.group);
  const findings = await look(context, scene);
  const { seconds } = foretell(context, scene, image);
  for (const { severity, what, fix } of findings)
    run.log.line(`  ! ${severity === 'error' ? 'would stop it: ' : ''}${what}. What to do: ${fix}`);
  return { seconds, findings };
}
