import type { Finding, PreflightInput } from './finding.ts';

/** Guard alarms that AWS would not start with. */
export function guardAlarms({ settings, alarms }: PreflightInput): Finding[] {
  return settings.alarms.flatMap((name): Finding[] => {
    const alarm = alarms.find((candidate) => candidate.name === name);
    const where = settings.alarmsGiven
      ? 'take it out of alarms'
      : 'set alarms to the ones that should guard this rollout';
    if (!settings.alarmsGiven && (alarm === undefined || alarm.state === 'INSUFFICIENT_DATA')) {
      return [
        {
          code: 'alarm-left-out',
          severity: 'warning',
          what: `the alarm ${name} of the Terraform root ${alarm ? 'has no data yet' : 'does not exist'} and does not guard this rollout`,
          why: 'AWS would not start a refresh that it guards',
          fix: 'let it treat missing data as not breaching, so that it can guard every rollout',
        },
      ];
    }
    if (alarm === undefined) {
      return [
        {
          code: 'alarm-missing',
          severity: 'error',
          what: `there is no alarm ${name} in this region and account`,
          why: 'AWS would not start a refresh that it guards',
          fix: `make the alarm, or ${where}`,
        },
      ];
    }
    if (alarm.state === 'OK') return [];
    return [
      {
        code: alarm.state === 'ALARM' ? 'alarm-in-alarm' : 'alarm-without-data',
        severity: 'error',
        what: `the alarm ${name} is in state ${alarm.state}${alarm.reason && `: ${alarm.reason}`}`,
        why: 'AWS does not start a refresh until every guard alarm is OK',
        fix:
          alarm.state === 'ALARM'
            ? `see why it is in ALARM, or ${where}`
            : `give it data or let it treat missing data as not breaching, or ${where}`,
      },
    ];
  });
}
