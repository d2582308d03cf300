import type { AlarmObservation } from '../model/index.ts';
import type { Finding, PreflightInput } from './finding.ts';

const why = 'AWS does not start a refresh until every alarm that guards it is OK';

/**
 * Guard alarms that AWS would not start with. One in ALARM is left out: it tells of what this rollout may be the cure
 * for. One that the user named and that can't guard anything is refused.
 */
export function guardAlarms({ settings, alarms }: PreflightInput): Finding[] {
  return settings.alarms.flatMap((name): Finding[] => {
    const alarm = alarms.find((candidate) => candidate.name === name);
    if (alarm?.state === 'OK') return [];
    if (alarm?.state === 'ALARM') return [inAlarm(alarm)];
    return [settings.alarmsGiven ? unusable(name, alarm) : leftOut(name, alarm)];
  });
}

function inAlarm({ name, reason }: AlarmObservation): Finding {
  return {
    code: 'alarm-left-out',
    severity: 'warning',
    what: `the alarm ${name} is in state ALARM already and does not guard this rollout${reason && `: ${reason}`}`,
    why,
    fix: 'see why it is in ALARM, unless this rollout is what mends it',
  };
}

function leftOut(name: string, alarm: AlarmObservation | undefined): Finding {
  return {
    code: 'alarm-left-out',
    severity: 'warning',
    what: `the alarm ${name} of the Terraform root ${alarm ? 'has no data yet' : 'does not exist'} and does not guard this rollout`,
    why,
    fix: 'let it treat missing data as not breaching, so that it can guard every rollout',
  };
}

function unusable(name: string, alarm: AlarmObservation | undefined): Finding {
  if (alarm === undefined)
    return {
      code: 'alarm-missing',
      severity: 'error',
      what: `there is no alarm ${name} in this region and account`,
      why,
      fix: 'make the alarm, or take it out of alarms',
    };
  return {
    code: 'alarm-without-data',
    severity: 'error',
    what: `the alarm ${name} is in state ${alarm.state}${alarm.reason && `: ${alarm.reason}`}`,
    why,
    fix: 'give it data or let it treat missing data as not breaching, or take it out of alarms',
  };
}
