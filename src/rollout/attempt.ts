import type { Estimate, Image, TerraformOutputs } from '../core/index.ts';
import type { RolloutContext } from './context/index.ts';
import type { GroupSnapshot } from './plan/index.ts';
import { effectiveSettings } from './plan/index.ts';
import type { RolloutSmokeTest } from './smoke-test/index.ts';
import type { ActiveRollout, Strategy } from './strategy/index.ts';
import { verdictTimeouts, type VerdictTimeouts } from './verdict/index.ts';

/** One try to bring the version out, on what was just read. */
export interface Attempt {
  context: RolloutContext;
  strategy: Strategy;
  snapshot: GroupSnapshot;
  outputs: TerraformOutputs;
  image: Image | undefined;
  smokeTest: RolloutSmokeTest | undefined;
  /** True where this run has made the group: then nothing that runs in it is older than the run. */
  isFirst: boolean;
  /** Called before anything is begun at AWS, or what goes on there is watched as this run's own. */
  begin: () => void;
}

/** A rollout that begins now. */
export function beginRollout(
  { context, snapshot }: Attempt,
  { id, estimate }: { id?: string; estimate?: Estimate },
): ActiveRollout {
  return {
    context,
    before: snapshot.group,
    ...(snapshot.keeps !== undefined && { keeps: snapshot.keeps }),
    settings: effectiveSettings(snapshot, context.target),
    id,
    estimate,
    begunAt: context.clock.now(),
  };
}

/** How long the verdict waits before it may condemn. */
export function timeoutsOf({ context, snapshot }: Attempt): VerdictTimeouts {
  const { unhealthyTimeout } = context.run.inputs;
  const { group, targetGroups, settings } = snapshot;
  const { warmup, checkpointDelay } = settings;
  return verdictTimeouts(group, targetGroups, { unhealthyTimeout, warmup, checkpointDelay });
}
