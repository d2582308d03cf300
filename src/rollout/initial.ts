import type { RolloutResult } from '../core/index.ts';
import { duration, truncatedList } from '../core/index.ts';
import { beginRollout, timeoutsOf, type Attempt } from './attempt.ts';
import { diagnose } from './diagnosis/index.ts';
import { verifySuccess } from './finish.ts';
import { isActive, type RolloutFacts } from './model/index.ts';
import { initialDeploymentSentence, monitorInitialDeployment } from './monitor/index.ts';
import { launchSeconds } from './plan/index.ts';
import { replace } from './replace.ts';
import { rolloutFailure } from './result.ts';
import type { ActiveRollout, StateLeft } from './strategy/index.ts';
import { unsuccessfulError } from './unsuccessful.ts';
import { likeliestCause } from './verdict/index.ts';

/** Seconds on top of a launch until its instance serves. */
const checksSeconds = 30;

/**
 * Nothing has to be replaced: instances of the target version have only to come up, and there is nothing to go back to.
 *
 * @returns undefined when somebody else's rollout came first
 * @throws DeployError as `rollOut`
 */
export async function rollOutInitially(attempt: Attempt): Promise<RolloutResult | undefined> {
  const { context, strategy, snapshot, smokeTest, isFirst } = attempt;
  const { run, clock, target } = context;
  const expected = launchSeconds(snapshot) + checksSeconds;
  attempt.begin();
  const active: ActiveRollout = {
    ...beginRollout(attempt, { estimate: { seconds: expected, mostly: '' } }),
    before: { ...snapshot.group, instances: [] },
  };
  run.log.line(
    `${isFirst ? 'first deployment' : 'no other version is there to replace'}: waiting for ${snapshot.group.desired} instances of version ${target.version}, about ${duration(expected)}`,
  );
  const request = { timeouts: timeoutsOf(attempt), expected, fresh: isFirst };
  const end = await monitorInitialDeployment(context, snapshot, request);
  switch (end.kind) {
    case 'up': {
      run.log.line(initialDeploymentSentence(end.facts, clock.now() - context.startedAt));
      const nothingServed = isFirst || snapshot.evaluation.serving.length === 0;
      const status = nothingServed ? 'first-deployment' : 'unchanged';
      return verifySuccess({ strategy, active, ended: undefined }, { status, smokeTest });
    }
    case 'stuck':
      if (strategy.movesOnly === true) throw stuckFailure(active, end.instances, end.facts);
      return replaceStuck(attempt, end.instances);
    case 'condemned':
      throw rolloutFailure(
        active,
        diagnose(end.cause, end.facts, context.names),
        'failed',
        nothingToGoBackTo(end.facts),
      );
    case 'timeout':
      throw timedOut(active, end.facts);
    case 'cancelled':
    case 'gone':
      throw await unsuccessfulError(strategy, active, { ...end, progress: undefined, seconds: 0 });
  }
}

/** Ids of the instances that are not gone. */
function stillThere({ instances }: RolloutFacts): string[] {
  return instances.filter(({ lifecycleState }) => lifecycleState !== 'gone').map(({ id }) => id);
}

function nothingToGoBackTo(facts: RolloutFacts): StateLeft {
  return {
    text: 'there is no version before to go back to: the group keeps launching this one until it is mended',
    instances: stillThere(facts),
  };
}

function timedOut(active: ActiveRollout, facts: RolloutFacts) {
  const { run, names } = active.context;
  const likely = diagnose(likeliestCause(facts), facts, names);
  const sentence = `the instances did not come up within ${duration(run.inputs.timeout)}: ${likely.sentence}`;
  return rolloutFailure(
    active,
    { ...likely, reason: 'timeout', sentence },
    'failed',
    nothingToGoBackTo(facts),
  );
}

/** "i-1, i-2 of version 3 do not serve and nothing replaces them" */
function stuckWords(stuck: readonly string[], version: number): string {
  const [verb, them] = stuck.length === 1 ? ['does', 'it'] : ['do', 'them'];
  return `${truncatedList(stuck)} of version ${version} ${verb} not serve and nothing replaces ${them}`;
}

function stuckFailure(active: ActiveRollout, stuck: string[], facts: RolloutFacts) {
  const { target, group } = active.context;
  const [one = ''] = stuck;
  return rolloutFailure(
    active,
    {
      reason: 'targets-unhealthy',
      sentence: stuckWords(stuck, target.version),
      evidence: [],
      next: `see why (suspended processes of ${group}, aws ec2 get-console-output), then replace ${stuck.length === 1 ? 'it' : 'one after the other'}: aws autoscaling terminate-instance-in-auto-scaling-group --no-should-decrement-desired-capacity --instance-id ${one}; or go back to the version before with the command rollback`,
    },
    'failed',
    {
      text: 'nothing was touched: every instance has this version already, and between two groups none is replaced by one of the same version',
      instances: stillThere(facts),
    },
  );
}

/**
 * Replaces the instances of a group that has the version but does not serve, healthy ones included: a rollout that
 * skips what matches would change nothing, and one instance can't be picked.
 */
async function replaceStuck(attempt: Attempt, stuck: string[]): Promise<RolloutResult | undefined> {
  const { context, strategy, outputs } = attempt;
  context.run.log.line(
    `${stuckWords(stuck, context.target.version)}: replacing every instance with the same version`,
  );
  const snapshot = await strategy.snapshot(context, outputs);
  // Somebody else has begun meanwhile, or they came back in this very moment: everything is read again.
  const isStillStuck = strategy.nextAction(snapshot, context) === 'initial-deployment';
  if (snapshot.refreshes.some(isActive) || !isStillStuck) return undefined;
  const settings = {
    ...snapshot.settings,
    skipMatching: false,
    autoRollback: false,
    checkpoints: [],
    checkpointDelay: 0,
  };
  return replace({ ...attempt, snapshot: { ...snapshot, settings } });
}
