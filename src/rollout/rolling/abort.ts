import { DeployError, type RolloutResult } from '../../core/index.ts';
import { bestEffort, withRetry, type RolloutContext } from '../context/index.ts';
import { isTerminating, type GroupObservation } from '../model/index.ts';
import { rolloutSettings } from '../plan/index.ts';
import { type Aborted, type RollbackOutcome } from '../strategy/index.ts';
import { launchBefore } from './pause.ts';
import { restore, rollBack, type RollbackRequest } from './rollback.ts';
import { isUnfinished, rollingState, rollingWords, type RollingState } from './state.ts';

/** Seconds that a way back takes, as far as nothing is known of it. */
const expected = 120;

/**
 * Takes back what is under way or unfinished in one group, whoever began it: by AWS's rollback while a refresh is active,
 * else by a new refresh to the version before, which skips the instances that run it.
 *
 * @returns undefined where one version runs, and nothing is under way
 * @throws DeployError `rollback-failed`, `refresh-active` where what is under way names no version or goes back already,
 *   `group-missing`, `cancelled`
 */
export async function abortRefresh(context: RolloutContext): Promise<Aborted | undefined> {
  const { api, clock, run } = context;
  const began = clock.now();
  const [group, refreshes] = await Promise.all([
    withRetry(context, 'see the Auto Scaling group', () => api.group(context.group)),
    withRetry(context, 'list the instance refreshes', () => api.refreshes(context.group)),
  ]);
  if (group === undefined) throw groupMissing(context.group);
  const state = rollingState(group, refreshes);
  if (!isUnfinished(state)) return undefined;
  const found = rollingWords(state);
  run.log.line(`found: ${found}`);
  const outcome = await takeBack(context, group, state);
  if (outcome.kind !== 'rolled-back') throw notBack(outcome, found, context);
  const { version, previous } = requireWay(context, state);
  const result: RolloutResult = {
    status: 'rolled-back',
    instanceRefreshId: undefined,
    templateVersion: previous,
    previousTemplateVersion: version,
    instancesBefore: group.instances.filter((each) => !isTerminating(each)).map(({ id }) => id),
    instancesAfter: [...outcome.left.instances],
    estimate: undefined,
    seconds: Math.round(clock.now() - began),
  };
  return { result, found, left: outcome.left.text };
}

/**
 * Brings the version before back, from how the group stands.
 * @throws DeployError `refresh-active` where AWS's refresh does not say what it brings
 */
export async function takeBack(
  context: RolloutContext,
  group: GroupObservation,
  state: Exclude<RollingState, { kind: 'steady' }>,
): Promise<RollbackOutcome> {
  const { version, previous } = requireWay(context, state);
  const target = { ...context.target, version, previousVersion: previous };
  const request: RollbackRequest = {
    refreshId: state.kind === 'moving' ? state.refresh.id : '',
    settings: rolloutSettings(context.run.inputs, group, []),
    before: group,
    expected,
  };
  const back = { ...context, target };
  // Should this run die on the way, what it leaves still says which version goes.
  if (state.kind === 'partly-replaced')
    await bestEffort(context, 'set the version that the group launches', () =>
      launchBefore(back, group, previous),
    );
  return state.kind === 'moving' ? rollBack(back, request) : restore(back, request);
}

function requireWay(
  context: RolloutContext,
  state: Exclude<RollingState, { kind: 'steady' }>,
): { version: number; previous: number } {
  const { version, previous } = state;
  if (version !== undefined && previous !== undefined && version !== previous) return { version, previous };
  throw new DeployError({
    reason: 'refresh-active',
    message: `what is under way in ${context.group} can't be taken back: ${rollingWords(state)}, and the group launches version ${previous ?? '?'}`,
    left: 'it goes on at AWS: nothing was touched',
    next: 'wait for it to end (command status), then run this job again',
  });
}

function notBack(
  { kind, left, why, evidence = [], next }: RollbackOutcome,
  found: string,
  { run }: RolloutContext,
): DeployError {
  const isCancelled = kind === 'left' && run.signal.aborted;
  return new DeployError({
    reason: isCancelled ? 'cancelled' : kind === 'left' ? 'refresh-active' : 'rollback-failed',
    message:
      kind === 'left'
        ? 'the rollout was not seen to be taken back'
        : `the rollout could not be taken back: ${why}`,
    evidence: [{ label: 'found', text: found }, ...evidence],
    left: left.text,
    next: next ?? 'see what runs with the command status, then run this job again',
  });
}

function groupMissing(name: string): DeployError {
  return new DeployError({
    reason: 'group-missing',
    message: `there is no Auto Scaling group ${name}, or it is being deleted`,
    left: 'nothing was touched',
    next: 'deploy: Terraform makes it again',
  });
}
