import { bestEffort, type RolloutContext } from '../context/index.ts';
import { afterNewest, type GroupObservation } from '../model/index.ts';
import { monitor, readHooks, RolloutTracker, type MonitorEnd } from '../monitor/index.ts';
import type { RolloutSettings } from '../plan/index.ts';
import { verdictTimeouts, type VerdictTimeouts } from '../verdict/index.ts';
import { readProgress, type RefreshProgress } from './refresh-progress.ts';

/** Seconds that a rollback is monitored for at most; AWS itself gives up after an hour without progress. */
export const monitoredSeconds = 7200;

interface RollbackMonitorRequest {
  refreshId: string;
  /** The group as it was before the rollout. */
  before: GroupObservation;
  /** Seconds that a rollback probably takes. */
  expected: number;
  settings: Pick<RolloutSettings, 'warmup'>;
}

/**
 * Monitors a refresh that goes back to the old version, with the verdict that a rollout has: where the old version can't
 * come up either, nobody should have to wait for the hour that AWS goes on trying.
 */
export async function monitorRollback(
  context: RolloutContext,
  { refreshId, before, expected, settings }: RollbackMonitorRequest,
): Promise<MonitorEnd<RefreshProgress>> {
  const { clock, target } = context;
  const version = target.previousVersion;
  const back = version === undefined ? context : { ...context, target: { ...target, version } };
  const tracker = new RolloutTracker(back.target, clock.now());
  tracker.hooks(await readHooks(context));
  return monitor(back, {
    ...readProgress(context, refreshId),
    tracker,
    expected,
    timeouts: version === undefined ? undefined : await timeoutsOf(context, before, settings),
    since: await fromNowOn(context),
    deadline: clock.now() + monitoredSeconds,
    alarms: [],
    isRollback: true,
  });
}

async function timeoutsOf(
  context: RolloutContext,
  before: GroupObservation,
  { warmup }: RollbackMonitorRequest['settings'],
): Promise<VerdictTimeouts> {
  const { run, api } = context;
  const groups = await bestEffort(context, 'see the target groups', () =>
    api.targetGroups(before.targetGroupArns),
  );
  return verdictTimeouts(before, groups ?? [], {
    unhealthyTimeout: run.inputs.unhealthyTimeout,
    warmup,
  });
}

/** After all that the new version's instances did: that says nothing about the old one. */
async function fromNowOn(context: RolloutContext): Promise<Date | undefined> {
  const activities = await bestEffort(context, 'see the activities', () =>
    context.api.recentActivities(context.group),
  );
  return afterNewest(activities ?? []);
}
