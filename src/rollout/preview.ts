import type { Image, TerraformOutputs } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import { savedTemplateVersion } from './model/index.ts';
import type { Finding } from './preflight/index.ts';
import { openContext, smokeTestOf, type RolloutDependencies } from './roll-out.ts';
import { strategyOf } from './strategy-of.ts';

/** What a rollout of the next version would be. */
export interface RolloutPreview {
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
export async function previewRollout(
  run: Run,
  outputs: TerraformOutputs,
  image?: Image,
  dependencies: RolloutDependencies = {},
): Promise<RolloutPreview> {
  const context = openContext(run, outputs, dependencies);
  const strategy = dependencies.strategy ?? strategyOf(run.inputs, outputs);
  const snapshot = await strategy.snapshot(context, outputs);
  context.target.previousVersion = savedTemplateVersion(snapshot.group);
  const smokeTest = smokeTestOf(context, outputs, dependencies);
  const findings = (
    await Promise.all([strategy.preflight(context, snapshot), smokeTest?.reach(snapshot)])
  ).flatMap((each) => each ?? []);
  const { seconds } = strategy.announce(context, snapshot, image);
  for (const { severity, what, fix } of findings)
    run.log.line(`  ! ${severity === 'error' ? 'would stop it: ' : ''}${what}. What to do: ${fix}`);
  return { seconds, findings };
}
