import type { Clock, Image, RolloutResult, TerraformOutputs } from '../core/index.ts';
import { DeployError, systemClock } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import { beginRollout, type Attempt } from './attempt.ts';
import { awsRolloutApi, type RolloutApi } from './aws/index.ts';
import { CourseRecorder, throwIfCancelled, type RolloutContext } from './context/index.ts';
import { concludeRollout, requireSmokeTest, verifySuccess } from './finish.ts';
import { rollOutInitially } from './initial.ts';
import { savedTemplateVersion } from './model/index.ts';
import type { GroupSnapshot } from './plan/index.ts';
import { replace } from './replace.ts';
import { emptyResult, resultOf } from './result.ts';
import { RolloutSmokeTest } from './smoke-test/index.ts';
import { strategyOf } from './strategy-of.ts';
import type { Strategy } from './strategy/index.ts';

/** What tests replace; the defaults are AWS through the SDK, the machine's clock and the network. */
export interface RolloutDependencies {
  api?: RolloutApi;
  clock?: Clock;
  fetch?: typeof fetch;
  strategy?: Strategy;
  /** When this run began, by the calendar: a group made since then is a first deployment. */
  runStartedAt?: Date;
  /** False when this run has changed no infrastructure: then nothing that it finds is new, whatever the clocks say. */
  applied?: boolean;
  /**
   * From here on there may be a rollout of this run's at AWS, or one that it has adopted.
   * @param keeps of two groups, the one that has all requests in the end where the run is killed
   * @param leaves the version that is left
   */
  onBegin?: (keeps: string | undefined, leaves: number | undefined) => void;
  /** Somebody else's rollout was taken back, as on-active-refresh says: it is over, however this one ends. */
  onTakenBack?: () => void;
}

/** How often the group is read anew because somebody else's rollout was in the way. */
const snapshots = 10;

/**
 * Moves the group to the template version that Terraform made: takes a snapshot, checks, estimates, starts, monitors,
 * undoes what turns out bad, and verifies what AWS calls successful.
 *
 * @param outputs the contract's; `launchTemplateVersion` is where to go
 * @param image only named in the log
 * @returns what was seen at the end
 * @throws DeployError with cause, evidence, state and next step for everything that is no success; `rollout` on it
 *   says how far it came
 */
export async function rollOut(
  run: Run,
  outputs: TerraformOutputs,
  image?: Image,
  dependencies: RolloutDependencies = {},
): Promise<RolloutResult> {
  const context = openContext(run, outputs, dependencies);
  const strategy = dependencies.strategy ?? strategyOf(run.inputs, outputs);
  const since = dependencies.runStartedAt ?? new Date(performance.timeOrigin);
  const smokeTest = smokeTestOf(context, outputs, dependencies);
  for (let taken = 1; taken <= snapshots; taken += 1) {
    throwIfCancelled(context);
    const snapshot = await strategy.snapshot(context, outputs);
    const concurrent = await strategy.settleConcurrent(context, snapshot, since);
    if (concurrent.kind === 'changed') continue;
    context.target.previousVersion = savedTemplateVersion(snapshot.group);
    context.names.healthPath = snapshot.targetGroups[0]?.path ?? '';
    const isFirst = dependencies.applied !== false && isMadeSince(snapshot, since);
    const { comesUpIn = context.group } = snapshot;
    const attempt = {
      ...{ strategy, snapshot, outputs, image, smokeTest, isFirst },
      begin: () => dependencies.onBegin?.(snapshot.keeps?.whenCancelled, context.target.previousVersion),
      context: { ...context, group: comesUpIn },
    };
    const result = concurrent.kind === 'adopted' ? await replace(attempt, concurrent.id) : await act(attempt);
    if (result) return result;
  }
  throw othersCameFirst(context, strategy);
}

/** The result; undefined when somebody else's rollout came first and everything has to be read again. */
async function act(attempt: Attempt): Promise<RolloutResult | undefined> {
  const { strategy, snapshot, context } = attempt;
  switch (strategy.nextAction(snapshot, context)) {
    case 'unchanged':
      // Instances that came up before anybody looked are still to be seen to serve.
      return attempt.isFirst ? rollOutInitially(attempt) : unchanged(attempt);
    case 'initial-deployment':
      return rollOutInitially(attempt);
    case 'paused':
      return pausedAlready(attempt);
    case 'replace':
      return replace(attempt);
  }
}

/** The smoke test that the inputs ask for, if they do. */
export function smokeTestOf(
  context: RolloutContext,
  { url }: TerraformOutputs,
  { fetch }: RolloutDependencies,
): RolloutSmokeTest | undefined {
  const { smokeTest } = context.run.inputs;
  return smokeTest && new RolloutSmokeTest(context, { ...smokeTest, url }, fetch);
}

/** The context of one rollout, before anything was read. */
export function openContext(
  run: Run,
  outputs: TerraformOutputs,
  { api, clock = systemClock, onTakenBack }: RolloutDependencies,
): RolloutContext {
  const startedAt = clock.now();
  const groups = outputs.blueGreen?.groups.map(({ autoscalingGroupName }) => autoscalingGroupName);
  return {
    ...(groups !== undefined && { groups }),
    ...(onTakenBack !== undefined && { onTakenBack }),
    run,
    api: api ?? awsRolloutApi(run.aws),
    clock,
    group: outputs.autoscalingGroupName,
    target: {
      templateId: outputs.launchTemplateId,
      version: outputs.launchTemplateVersion,
      previousVersion: undefined,
    },
    names: {
      version: 'the new version',
      instances: 'new instances',
      application: run.inputs.application,
      environment: run.inputs.environment,
      healthPath: '',
      ...(groups !== undefined && { bothFleets: true }),
    },
    startedAt,
    course: new CourseRecorder(startedAt),
    deadline: startedAt + run.inputs.timeout,
    warned: new Set(),
  };
}

/** Nothing has to be moved; a smoke test that is asked for is made all the same, for a run before may have failed by it. */
async function unchanged(attempt: Attempt): Promise<RolloutResult> {
  const { context, strategy, snapshot, smokeTest } = attempt;
  const { serving } = snapshot.evaluation;
  const active = beginRollout(attempt, {});
  if (snapshot.group.desired === 0) return emptyResult(active, snapshot.group);
  context.run.log.line(
    `${serving.length} of ${snapshot.group.desired} instances run version ${context.target.version} and are healthy: nothing to roll out`,
  );
  const undo = { strategy, active, ended: undefined };
  await requireSmokeTest(undo, snapshot.evaluation, { smokeTest, isNew: false });
  await concludeRollout(strategy, active);
  return resultOf(active, 'unchanged', serving);
}

/** A run before has brought it to its pause: whoever comes there waits again, and what runs there is looked at anew. */
async function pausedAlready(attempt: Attempt): Promise<RolloutResult> {
  const { context, strategy, snapshot, smokeTest } = attempt;
  const active = beginRollout(attempt, {});
  context.run.log.line(
    `version ${context.target.version} has come to pause-at (${snapshot.settings.pauseAt ?? ''} %) already: it waits there for the command promote or abort`,
  );
  return verifySuccess({ strategy, active, ended: undefined }, { status: 'paused', smokeTest });
}

/** A group that was made since then, with no rollout in its history. */
function isMadeSince({ group, refreshes }: GroupSnapshot, since: Date): boolean {
  return refreshes.length === 0 && group.createdAt !== undefined && group.createdAt >= since;
}

function othersCameFirst({ group }: RolloutContext, { noun }: Strategy): DeployError {
  return new DeployError({
    reason: 'refresh-active',
    message: `another ${noun} of ${group} came first, again and again`,
    left: `no ${noun} of this run was started`,
    next: 'see who else rolls out to this group, then run this job again',
  });
}
