import type { Image } from '../../core/index.ts';
import type { RolloutContext } from '../context/index.ts';
import { isTerminating } from '../model/index.ts';
import { estimateLines, estimateRollout, type RolloutEstimate } from './estimate.ts';
import { drainFrom, observed } from './observed.ts';
import type { GroupSnapshot } from './snapshot.ts';

/** Says what the rollout will do, before it begins. */
export function announceEstimate(
  context: RolloutContext,
  snapshot: GroupSnapshot,
  image: Image | undefined,
): RolloutEstimate {
  const { run, target } = context;
  const { group, settings } = snapshot;
  const matching = settings.skipMatching
    ? snapshot.evaluation.serving.length + snapshot.evaluation.unhealthy.length
    : 0;
  const staying = group.instances.filter((instance) => !isTerminating(instance));
  const input = {
    desired: group.desired,
    toReplace: Math.max(0, staying.length - matching),
    percentages: settings.percentages,
    warmup: settings.warmup,
    ...observed(snapshot, settings.warmup),
    checkpoints: settings.checkpoints,
    checkpointDelay: settings.checkpointDelay,
    bakeTime: settings.bakeTime,
  };
  const expected = estimateRollout(input);
  const what = image ? ` (image ${image.digest.slice(0, 19)}…)` : '';
  run.log.line('Rollout forecast');
  run.log.line(
    `  template version ${target.previousVersion ?? group.template?.version ?? 'none'} → ${target.version}${what}`,
  );
  const from = { warmupFrom: settings.warmupFrom, drainFrom: drainFrom(snapshot) };
  for (const line of estimateLines(expected, input, from)) run.log.line(`  ${line}`);
  return expected;
}
