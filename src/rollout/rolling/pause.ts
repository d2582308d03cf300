import { DeployError, errorText } from '../../core/index.ts';
import { checkpointsUntil, delayAt, type Inputs } from '../../inputs/index.ts';
import { withRetry, type RolloutContext } from '../context/index.ts';
import {
  savedTemplateVersion,
  type GroupObservation,
  type RefreshObservation,
  type RolloutTarget,
} from '../model/index.ts';
import { desiredConfiguration, type GroupSnapshot, type RolloutSettings } from '../plan/index.ts';
import type { Finding } from '../preflight/index.ts';
import type { ActiveRollout } from '../strategy/index.ts';
import type { RefreshProgress } from './refresh-progress.ts';
import {
  checkpointReached,
  isMixture,
  isPartial,
  rollingState,
  rollingWords,
  shareOf,
  type Mixture,
} from './state.ts';

/** What the inputs say of a rollout that a person is to look at. */
type Inquiry = Pick<Inputs, 'command' | 'pauseAt' | 'checkpoints' | 'checkpointDelay'>;

/**
 * The settings of a rollout that pauses, or that goes on from a pause: its refresh ends at `pause-at`, for AWS goes on by
 * itself from any other checkpoint. `promote` passes the checkpoints that were reached; who else comes to the pause again
 * waits there again. A way back pauses nowhere, nor does a rollout onto a group that wants no instance. Pure.
 */
export function withPause(
  settings: RolloutSettings,
  {
    inputs,
    target,
    group,
    refreshes,
  }: {
    inputs: Inquiry;
    target: Pick<RolloutTarget, 'version'>;
    group: GroupObservation;
    refreshes: readonly RefreshObservation[];
  },
): RolloutSettings {
  const { command, pauseAt } = inputs;
  const state = rollingState(group, refreshes);
  const share = isMixture(state) && state.version === target.version ? shareOf(state) : 0;
  const reached = Math.max(share, checkpointReached(refreshes, target.version));
  const left = command === 'promote' ? settings.checkpoints.filter((one) => one > reached) : undefined;
  const ahead = left === undefined ? settings : { ...settings, checkpoints: left };
  const isPassed = command === 'promote' && pauseAt !== undefined && pauseAt <= reached;
  const saved = savedTemplateVersion(group);
  const isForward = saved === undefined || target.version > saved;
  if (pauseAt === undefined || isPassed || !isForward || group.desired === 0) return ahead;
  const checkpoints = checkpointsUntil(ahead.checkpoints, pauseAt);
  return {
    ...ahead,
    pauseAt,
    checkpoints,
    checkpointDelay: delayAt(checkpoints, inputs.checkpointDelay),
  };
}

/** How many instances are new where a rollout pauses: AWS reaches a checkpoint with a whole number of them. Pure. */
export function instancesAtPause(pauseAt: number, desired: number): number {
  return Math.ceil((desired * pauseAt) / 100);
}

/** What stands against a pause on this group. Pure. */
export function checkPause({ group, settings }: Pick<GroupSnapshot, 'group' | 'settings'>): Finding[] {
  const { pauseAt } = settings;
  if (pauseAt === undefined) return [];
  if (savedTemplateVersion(group) === undefined)
    return [
      {
        code: 'pause-without-number',
        severity: 'error',
        what: `pause-at is ${pauseAt}, and the group launches ${group.template?.version ?? 'no launch template'} instead of a numbered version`,
        why: 'while a rollout pauses the group has to launch the version before, which has no number here',
        fix: "set the group's launch template version to the number that runs now, or leave pause-at out",
      },
    ];
  if (instancesAtPause(pauseAt, group.desired) < group.desired) return [];
  const all = group.desired === 1 ? 'the only instance' : `all ${group.desired} instances`;
  return [
    {
      code: 'pause-at-all',
      severity: 'error',
      what: `pause-at is ${pauseAt}, and ${pauseAt} % of ${group.desired} is ${all}`,
      why: 'nothing would run the version before when a person is asked',
      fix:
        group.desired === 1
          ? 'run two instances at least, or leave pause-at out'
          : `give ${Math.floor((100 * (group.desired - 1)) / group.desired)} at most, or leave pause-at out`,
    },
  ];
}

/** Whether the version has come to where it waits for a person, and nothing is left to be done. Pure. */
export function isAtPause(
  { group, refreshes, settings }: Pick<GroupSnapshot, 'group' | 'refreshes' | 'settings'>,
  { version }: Pick<RolloutTarget, 'version'>,
): boolean {
  const { pauseAt } = settings;
  const state = rollingState(group, refreshes);
  if (pauseAt === undefined || state.kind !== 'paused' || state.version !== version) return false;
  return state.instances >= instancesAtPause(pauseAt, state.of);
}

/** "at 20 % (1 of 5 instances)" */
export function pauseWords(pauseAt: number, { desired }: Pick<GroupObservation, 'desired'>): string {
  return `at ${pauseAt} % (${instancesAtPause(pauseAt, desired)} of ${desired} instances)`;
}

/**
 * A refresh that ended at a checkpoint below 100 has saved its version: from here on the group is to launch the one before
 * again, so that nothing brings more of the new one while a person thinks.
 */
export async function pause(
  { context, before, settings }: ActiveRollout,
  { refresh }: RefreshProgress,
): Promise<boolean> {
  const { previousVersion } = context.target;
  if (settings.pauseAt === undefined || previousVersion === undefined || !isPartial(refresh)) return false;
  await launchBefore(context, before, previousVersion);
  context.run.log.line(
    `${context.group} launches version ${previousVersion} until the command promote goes on`,
  );
  return true;
}

/**
 * Has the group launch the version before again.
 * @throws DeployError `credentials` when the role may not, `refresh-active` when AWS refuses it
 */
export async function launchBefore(
  context: RolloutContext,
  before: GroupObservation,
  previous: number,
): Promise<void> {
  try {
    await setLaunched(context, before, previous);
  } catch (error) {
    if (error instanceof DeployError) throw error;
    throw refused(context, previous, error);
  }
}

/**
 * Sets the version that the group launches to what it is: a role that may not, or a version that AWS does not take any
 * more, is better known before an instance is replaced than at the pause.
 *
 * @throws DeployError `credentials`; AWS's own error when it refuses
 */
export async function provePause(context: RolloutContext, { group }: GroupSnapshot): Promise<void> {
  const saved = savedTemplateVersion(group);
  if (saved !== undefined) await setLaunched(context, group, saved);
}

async function setLaunched(context: RolloutContext, group: GroupObservation, version: number): Promise<void> {
  const configuration = desiredConfiguration(group, context.target, version);
  await withRetry(context, 'set the version that the group launches, which a pause needs', () =>
    context.api.setSizes(context.group, { configuration }),
  );
}

function refused({ group, target }: RolloutContext, previous: number, error: unknown): DeployError {
  return new DeployError({
    reason: 'refresh-active',
    message: `the rollout came to its pause, and AWS does not let ${group} launch version ${previous} again`,
    evidence: [{ label: 'what AWS said', text: errorText(error) }],
    left: `both versions run; the group launches version ${target.version}`,
    next: 'see whether another refresh has begun (command status); promote goes on, abort takes it back',
  });
}

/** The failure for a rollout of another version while one waits for a person. */
export function pausedInTheWay({ target }: RolloutContext, state: Mixture, why = ''): DeployError {
  return new DeployError({
    reason: 'refresh-active',
    message: `a rollout of version ${state.version} waits for a person: ${rollingWords(state)}`,
    evidence: why === '' ? [] : [{ label: 'why it was not taken back', text: why }],
    left: `${why === '' ? 'both versions stay as they are; ' : ''}version ${target.version} was not rolled out`,
    next: 'go on with it (command promote) or take it back (command abort), then run this job again; on-active-refresh replace takes it back by itself',
  });
}
