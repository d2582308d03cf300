import { DeployError } from '../../core/index.ts';
import type { Image } from '../../core/index.ts';
import type { RolloutContext } from '../context/index.ts';
import {
  assumedLaunchSeconds,
  forecast,
  forecastLines,
  observedLaunchSeconds,
  type Forecast,
} from '../plan/index.ts';
import { readLaunched } from './launched-versions.ts';
import { isError, preflight, type Finding } from './preflight.ts';
import type { Scene } from '../plan/index.ts';
import { isTerminating } from '../model/index.ts';

/** Reads what the preflight needs beyond the scene, and runs it. */
export async function look(context: RolloutContext, scene: Scene): Promise<Finding[]> {
  const { target } = context;
  const launched = await readLaunched(context, scene.group, target);
  return preflight({ ...scene, target, launched });
}

/** Runs the preflight, tells every finding, and stops at errors. */
export async function checkFirst(context: RolloutContext, scene: Scene): Promise<void> {
  const { run, target, group } = context;
  const findings = await look(context, scene);
  const [errors, warnings] = [findings.filter(isError), findings.filter((finding) => !isError(finding))];
  for (const { what, why, fix } of warnings) run.log.warning(`${what}: ${why}. What to do: ${fix}`);
  const [first] = errors;
  if (!first) return;
  throw new DeployError({
    reason: 'preflight',
    message:
      errors.length === 1
        ? first.what
        : `${errors.length} things on the group stand against a rollout, first: ${first.what}`,
    evidence: errors.flatMap(({ what, why, fix }) => [
      ...(errors.length > 1 ? [{ label: 'found', text: what }] : []),
      { label: 'why it matters', text: why },
      ...(errors.length > 1 ? [{ label: 'what to do', text: fix }] : []),
    ]),
    left: `no refresh was started: no instance of ${group} was touched; version ${target.version} waits`,
    next: `${errors.length === 1 ? first.fix : 'do what stands under each'}; then run this job again`,
  });
}

/** Says what the refresh will do, before it begins. */
export function foretell(context: RolloutContext, scene: Scene, image: Image | undefined): Forecast {
  const { run, target } = context;
  const { group, settings } = scene;
  const matching = settings.skipMatching ? scene.now.serving.length + scene.now.unhealthy.length : 0;
  const staying = group.instances.filter((each) => !isTerminating(each));
  const [slowest] = scene.targetGroups.toSorted(
    (one, other) => other.deregistrationDelaySeconds - one.deregistrationDelaySeconds,
  );
  const input = {
    desired: group.desired,
    toReplace: Math.max(0, staying.length - matching),
    percentages: settings.percentages,
    warmup: settings.warmup,
    launch: launchSeconds(scene),
    drain: slowest?.deregistrationDelaySeconds ?? 0,
    checkpoints: settings.checkpoints,
    checkpointDelay: settings.checkpointDelay,
    bakeTime: settings.bakeTime,
  };
  const expected = forecast(input);
  const what = image ? ` (image ${image.digest.slice(0, 19)}…)` : '';
  run.log.line('Rollout forecast');
  run.log.line(
    `  template version ${target.previousVersion ?? group.template?.version ?? 'none'} → ${target.version}${what}`,
  );
  const from = { warmupFrom: settings.warmupFrom, drainFrom: `target group ${slowest?.name ?? ''}` };
  for (const line of forecastLines(expected, input, from)) run.log.line(`  ${line}`);
  return expected;
}

/** Seconds that a launch takes here: what the group's own launches took, or an assumption. */
export function launchSeconds({ activities }: Scene): number {
  return observedLaunchSeconds(activities) ?? assumedLaunchSeconds;
}
