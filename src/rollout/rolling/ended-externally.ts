import { mask } from '../../core/index.ts';
import type { RolloutContext } from '../context/index.ts';
import { diagnose } from '../diagnosis/index.ts';
import type {
  AlarmObservation,
  Diagnosis,
  Evidence,
  RefreshObservation,
  RolloutFacts,
} from '../model/index.ts';
import { statusMeaning } from '../model/index.ts';
import { likeliestCause, type Cause } from '../verdict/index.ts';

/** Seconds after which AWS itself ends a refresh that does not move. */
export const awsGivesUpAfter = 3600;

/** Words for a refresh that AWS itself, or somebody else, has ended. `alarms` are those that guard it. */
export async function diagnoseExternalEnd(
  context: RolloutContext,
  { refresh, facts, alarms }: { refresh: RefreshObservation; facts: RolloutFacts; alarms: string[] },
): Promise<Diagnosis> {
  const said = whatAwsSaid(refresh);
  if (refresh.status === 'Cancelled') {
    return {
      reason: 'cancelled',
      sentence: 'somebody else cancelled the instance refresh',
      evidence: said,
      next: 'find out who cancelled it and why (CloudTrail, CancelInstanceRefresh), then run this job again',
    };
  }
  const reasons = `${refresh.statusReason} ${refresh.rollbackReason ?? ''}`;
  const states = await context.api.alarms(alarms).catch(() => []);
  const setOff = facts.alarmsSeen.length > 0 ? facts.alarmsSeen : alarmsSetOff(alarms, states, reasons);
  const all =
    facts.alarms.length > 0 ? facts : { ...facts, alarms: setOff.map((each) => ({ ...each, seconds: 0 })) };
  const cause = likeliestCause(all, reasons);
  if (isRolledBackByOthers(refresh, cause)) {
    return {
      reason: 'cancelled',
      sentence: 'the instance refresh was rolled back, and not by this run',
      evidence: said,
      next: 'find out who rolled it back and why (CloudTrail, RollbackInstanceRefresh), then run this job again',
    };
  }
  const diagnosis = diagnose(cause, all, context.names);
  return { ...diagnosis, evidence: [...diagnosis.evidence, ...said] };
}

/** Those in ALARM now; else those that AWS names, which may be OK again since the new instances are gone. */
function alarmsSetOff(guards: string[], states: AlarmObservation[], reasons: string): AlarmObservation[] {
  const ringing = states.filter(({ state }) => state === 'ALARM');
  if (ringing.length > 0) return ringing;
  const isNamed = (name: string): boolean => words(reasons).includes(words(name));
  return guards.filter(isNamed).map((name) => {
    const { state = '', reason = '' } = states.find((alarm) => alarm.name === name) ?? {};
    return { name, state, reason: state === 'OK' ? `OK again: ${reason}` : reason };
  });
}

/** A text whose words stand between blanks, so that `errors` is not found in `errors-dev`. */
function words(text: string): string {
  return ` ${text.replace(/[^\w-]+/g, ' ').trim()} `;
}

function whatAwsSaid({ status, statusReason, rollbackReason }: RefreshObservation): Evidence[] {
  const text = [rollbackReason, statusReason].find((each) => each !== undefined && each !== '');
  return text === undefined ? [] : [{ label: `AWS on the refresh (${status})`, text: mask(text) }];
}

/**
 * AWS itself turns a refresh round for an alarm or after an hour without progress: one that was over sooner, with
 * nothing seen to be wrong, somebody has turned round. An instance that had not served yet is nothing wrong.
 */
function isRolledBackByOthers({ status, startTime, endTime }: RefreshObservation, cause: Cause): boolean {
  if (!statusMeaning(status).rollingBack || startTime === undefined || endTime === undefined) return false;
  const seconds = (endTime.getTime() - startTime.getTime()) / 1000;
  const notYet =
    cause.kind === 'unhealthy' &&
    !cause.unhealthy.some(({ targets }) => targets.some(({ state }) => state === 'unhealthy'));
  return seconds < awsGivesUpAfter && (cause.kind === 'unknown' || notYet);
}
