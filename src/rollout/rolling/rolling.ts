import type { Image, TerraformOutputs } from '../../core/index.ts';
import type { RolloutContext } from '../context/index.ts';
import { isActive, type GroupObservation } from '../model/index.ts';
import type { GroupSnapshot, RolloutSettings } from '../plan/index.ts';
import {
  announceEstimate,
  desiredConfiguration,
  dominantPart,
  nextAction,
  readSnapshot,
  refreshPreferences,
} from '../plan/index.ts';
import { errorsFirst, runPreflight } from '../preflight/index.ts';
import type { Concurrent, Forecast, Strategy } from '../strategy/index.ts';
import { takeBack } from './abort.ts';
import { settleConcurrentRefresh } from './concurrent.ts';
import { awsGivesUpAfter, diagnoseExternalEnd } from './ended-externally.ts';
import { settleInterruptedRefresh } from './interrupted.ts';
import { orderOnCancel } from './order-on-cancel.ts';
import {
  checkPause,
  isAtPause,
  launchBefore,
  pause,
  pausedInTheWay,
  provePause,
  pauseWords,
  withPause,
} from './pause.ts';
import { checkScaleIn } from './pause-scale-in.ts';
import { readProgress, type RefreshProgress } from './refresh-progress.ts';
import { startRefresh } from './start.ts';
import { rollingState, rollingWords, type RollingState } from './state.ts';
import { requireNotSuperseded } from './superseded.ts';
import { undoRefresh } from './undo.ts';

/** AWS's own instance refresh: the group's instances are replaced in batches, and taken back by AWS's own rollback. */
export const rolling: Strategy<RefreshProgress> = {
  name: 'rolling',
  noun: 'instance refresh',
  inspectCommand: (group) => `aws autoscaling describe-instance-refreshes --auto-scaling-group-name ${group}`,
  success: 'AWS calls the refresh successful',
  givesUpAfter: awsGivesUpAfter,
  unwatched:
    'the instance refresh goes on at AWS, unwatched; with auto-rollback it undoes itself when it fails there',
  snapshot: readAll,
  settleConcurrent,
  nextAction: (snapshot, { target }) =>
    isAtPause(snapshot, target) ? 'paused' : nextAction(snapshot, target),
  preflight: async (context, snapshot) =>
    errorsFirst([
      ...checkPause(snapshot),
      ...checkScaleIn(snapshot),
      ...(await runPreflight(context, snapshot)),
    ]),
  announce,
  start,
  progress: ({ context, id = '' }) => readProgress(context, id),
  pause,
  diagnoseEnd: ({ context, settings }, { progress, facts }) =>
    diagnoseExternalEnd(context, { refresh: progress.refresh, facts, alarms: settings.alarms }),
  undo: undoRefresh,
  orderOnCancel,
  settleInterrupted: settleInterruptedRefresh,
};

async function readAll(context: RolloutContext, outputs: TerraformOutputs): Promise<GroupSnapshot> {
  const { run, target } = context;
  const seen = await readSnapshot(context, outputs);
  return { ...seen, settings: withPause(seen.settings, { ...seen, target, inputs: run.inputs }) };
}

function announce(context: RolloutContext, seen: GroupSnapshot, image: Image | undefined): Forecast {
  const { pauseAt } = seen.settings;
  const expected = announceEstimate(context, seen, image);
  if (pauseAt !== undefined)
    context.run.log.line(
      `  ! ${pauseWords(pauseAt, seen.group)} it waits for the command promote or abort; ${seen.group.name} goes on launching version ${seen.group.template?.version ?? '?'}`,
    );
  return { ...expected, mostly: dominantPart(expected) };
}

async function settleConcurrent(
  context: RolloutContext,
  { group, refreshes }: GroupSnapshot,
  since: Date,
): Promise<Concurrent> {
  requireNotSuperseded(context, refreshes, since);
  const active = refreshes.find(isActive);
  if (active === undefined) return settleUnfinished(context, group, rollingState(group, refreshes));
  const adopted = await settleConcurrentRefresh(context, active);
  return adopted === undefined ? { kind: 'changed' } : { kind: 'adopted', id: adopted.id };
}

/**
 * What a refresh has left half-way: a rollout of another version waits for a person, or the version that was saved there
 * is to be gone on with, which needs one to go back to.
 */
async function settleUnfinished(
  context: RolloutContext,
  group: GroupObservation,
  state: RollingState,
): Promise<Concurrent> {
  const { run, target } = context;
  const { command, onActiveRefresh, pauseAt } = run.inputs;
  if (state.kind === 'partly-replaced' && state.version === target.version) {
    if (command !== 'promote' && pauseAt === undefined) return { kind: 'clear' };
    await launchBefore(context, group, state.previous);
    run.log.line(
      `${context.group} launches version ${state.previous} again meanwhile: there is a way back to it`,
    );
    return { kind: 'changed' };
  }
  if (state.kind !== 'paused' || [state.version, state.previous].includes(target.version))
    return { kind: 'clear' };
  if (onActiveRefresh !== 'replace') throw pausedInTheWay(context, state);
  run.log.line(`${rollingWords(state)}: taking that back, as on-active-refresh says`);
  const { kind, why } = await takeBack(context, group, state);
  if (kind !== 'rolled-back') throw pausedInTheWay(context, state, why);
  context.onTakenBack?.();
  return { kind: 'changed' };
}

async function start(
  context: RolloutContext,
  snapshot: GroupSnapshot,
  settings: RolloutSettings,
): Promise<string | undefined> {
  const { run, target } = context;
  const { group, refreshes } = snapshot;
  if (settings.pauseAt !== undefined) await provePause(context, snapshot);
  const { id, blockedBy } = await startRefresh(context, {
    version: target.version,
    desiredConfiguration: desiredConfiguration(group, target, target.version),
    preferences: refreshPreferences(run.inputs, settings),
    known: new Set(refreshes.map((refresh) => refresh.id)),
    unlessCancelled: true,
  });
  run.log.line(
    blockedBy
      ? `instance refresh ${blockedBy.id} was started by somebody else in this moment`
      : `started instance refresh ${id}`,
  );
  return id;
}
