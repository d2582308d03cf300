import type { RolloutContext } from '../context/index.ts';
import { isActive } from '../model/index.ts';
import type { GroupSnapshot, RolloutSettings } from '../plan/index.ts';
import {
  announceEstimate,
  desiredConfiguration,
  dominantPart,
  nextAction,
  readSnapshot,
  refreshPreferences,
} from '../plan/index.ts';
import { runPreflight } from '../preflight/index.ts';
import type { Concurrent, Strategy } from '../strategy/index.ts';
import { settleConcurrentRefresh } from './concurrent.ts';
import { awsGivesUpAfter, diagnoseExternalEnd } from './ended-externally.ts';
import { settleInterruptedRefresh } from './interrupted.ts';
import { orderOnCancel } from './order-on-cancel.ts';
import { readProgress, type RefreshProgress } from './refresh-progress.ts';
import { startRefresh } from './start.ts';
import { requireNotSuperseded } from './superseded.ts';
import { undoRefresh } from './undo.ts';

/** AWS's own instance refresh: the group's instances are replaced in batches, and taken back by AWS's own rollback. */
export const rolling: Strategy<RefreshProgress> = {
  name: 'rolling',
  noun: 'instance refresh',
  inspectCommand: (group) => `aws autoscaling describe-instance-refreshes --auto-scaling-group-name ${group}`,
  success: 'AWS calls the refresh successful',
  givesUpAfter: awsGivesUpAfter,
  snapshot: readSnapshot,
  settleConcurrent,
  nextAction: (snapshot, { target }) => nextAction(snapshot, target),
  preflight: runPreflight,
  announce(context, snapshot, image) {
    const expected = announceEstimate(context, snapshot, image);
    return { ...expected, mostly: dominantPart(expected) };
  },
  start,
  progress: ({ context, id = '' }) => readProgress(context, id),
  diagnoseEnd: ({ context, settings }, { progress, facts }) =>
    diagnoseExternalEnd(context, { refresh: progress.refresh, facts, alarms: settings.alarms }),
  undo: undoRefresh,
  orderOnCancel,
  settleInterrupted: settleInterruptedRefresh,
};

async function settleConcurrent(
  context: RolloutContext,
  { refreshes }: GroupSnapshot,
  since: Date,
): Promise<Concurrent> {
  requireNotSuperseded(context, refreshes, since);
  const active = refreshes.find(isActive);
  if (active === undefined) return { kind: 'clear' };
  const adopted = await settleConcurrentRefresh(context, active);
  return adopted === undefined ? { kind: 'changed' } : { kind: 'adopted', id: adopted.id };
}

async function start(
  context: RolloutContext,
  { group, refreshes }: GroupSnapshot,
  settings: RolloutSettings,
): Promise<string | undefined> {
  const { run, target } = context;
  const { id, blockedBy } = await startRefresh(context, {
    version: target.version,
    desiredConfiguration: desiredConfiguration(group, target, target.version),
    preferences: refreshPreferences(run.inputs, settings),
    known: new Set(refreshes.map((refresh) => refresh.id)),
  });
  run.log.line(
    blockedBy
      ? `instance refresh ${blockedBy.id} was started by somebody else in this moment`
      : `started instance refresh ${id}`,
  );
  return id;
}
