import { DeployError } from '../../core/index.ts';
import type { RolloutContext } from '../context/index.ts';
import {
  statusMeaning,
  type RefreshObservation,
  type RolloutProgress,
  type RolloutStage,
} from '../model/index.ts';
import type { MonitorRequest } from '../monitor/index.ts';

/** How an instance refresh stands. */
export interface RefreshProgress extends RolloutProgress {
  refresh: RefreshObservation;
}

/** Seconds that a refresh which AWS accepted may be missing from its list. */
const appearsWithin = 120;

const stages: Record<string, RolloutStage> = {
  Pending: 'pending',
  InProgress: 'replacing',
  Baking: 'baking',
  Cancelling: 'cancelling',
  RollbackInProgress: 'rolling-back',
};

/** An instance refresh in the terms of every strategy. Pure. */
export function refreshProgress(refresh: RefreshObservation): RefreshProgress {
  const { status, statusReason, percentageComplete, instancesToUpdate, startTime } = refresh;
  const { active, known, rollingBack, words } = statusMeaning(status);
  return {
    refresh,
    stage: active ? (known ? (stages[status] ?? 'unknown') : 'unknown') : 'over',
    succeeded: status === 'Successful',
    rollingBack,
    words,
    percentageComplete,
    statusReason,
    startTime,
    fingerprint: [status, percentageComplete, instancesToUpdate, statusReason].join('|'),
  };
}

/** Asks for one refresh by its id, in one call a poll. */
export function readProgress(
  context: RolloutContext,
  id: string,
): Pick<MonitorRequest<RefreshProgress>, 'what' | 'read'> {
  const { api, clock, group } = context;
  const began = clock.now();
  let seen = false;
  const warned = new Set<string>();
  return {
    what: 'look at the instance refresh',
    async read() {
      const refresh = await api.refresh(group, id);
      seen ||= refresh !== undefined;
      if (refresh) {
        warnOfUnknown(context, refresh, warned);
        return refreshProgress(refresh);
      }
      if (!seen && clock.now() - began > appearsWithin) throw neverAppeared(id);
      return undefined;
    },
  };
}

function warnOfUnknown({ run }: RolloutContext, { status }: RefreshObservation, warned: Set<string>): void {
  if (statusMeaning(status).known || warned.has(status)) return;
  warned.add(status);
  run.log.warning(
    `the instance refresh has the status ${status}, which this version does not know; watching on`,
  );
}

function neverAppeared(id: string): DeployError {
  return new DeployError({
    reason: 'internal',
    message: `AWS does not know the instance refresh ${id} although it was started`,
    next: 'look at the instance refreshes of the group, then run this job again',
  });
}
