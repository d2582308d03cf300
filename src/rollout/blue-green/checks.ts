import type { Finding } from '../preflight/index.ts';
import type { ScheduledActionObservation, TargetGroupObservation } from '../model/index.ts';
import type { RolloutSettings } from '../plan/index.ts';
import type { Fleets } from './sides.ts';
import { isUp, type Route } from './state.ts';

export interface ChecksInput {
  route: Extract<Route, { kind: 'move' }>;
  fleets: Fleets;
  targetGroups: readonly TargetGroupObservation[];
  /** Of the side that is left, and of the one that is filled. */
  scheduled: { group: string; actions: readonly ScheduledActionObservation[] }[];
  settings: Pick<RolloutSettings, 'alarms'>;
  /** By the wall clock, and seconds that the rollout may take. */
  now: Date;
  timeout: number;
}

const checks: ((input: ChecksInput) => Finding[])[] = [
  keptInstances,
  suspended,
  sticky,
  noLoadBalancer,
  unattached,
  nothingServes,
  scheduledShrink,
];

/** What stands against shifting requests from one group to the other. Pure. */
export function checkBlueGreen(input: ChecksInput): Finding[] {
  return checks.flatMap((check) => check(input));
}

/** What a client is kept with would go on getting its requests when it has no weight, and refuse them when it is empty. */
function sticky({ fleets: { rule }, targetGroups }: ChecksInput): Finding[] {
  const why =
    'a client would be kept with what it had first, whatever the weights say: the shares would not follow, and an emptied group would get requests';
  return [
    ...(rule.sticky
      ? [
          {
            code: 'sticky-rule',
            severity: 'error' as const,
            what: 'the rule that carries the weights keeps clients with their target group (TargetGroupStickinessConfig)',
            why,
            fix: 'turn the stickiness of the forward action off',
          },
        ]
      : []),
    ...targetGroups
      .filter((group) => group.sticky === true)
      .map((group) => ({
        code: 'sticky-target-group',
        severity: 'error' as const,
        what: `target group ${group.name} keeps clients with their target (stickiness.enabled)`,
        why,
        fix: `aws elbv2 modify-target-group-attributes --target-group-arn ${group.arn} --attributes Key=stickiness.enabled,Value=false; sessions belong into a store that both versions read`,
      })),
  ];
}

function noLoadBalancer({ fleets: { rule }, route: { from, to } }: ChecksInput): Finding[] {
  return [from, to]
    .filter(({ targetGroupArn }) => rule.weights[targetGroupArn] === undefined)
    .map(({ name, targetGroupArn }) => ({
      code: 'not-in-rule',
      severity: 'error' as const,
      what: `the rule that carries the weights does not name the target group of ${name}`,
      why: 'it would never get a request, and its targets would never be checked',
      fix: `declare ${targetGroupArn} in the forward action, with the weight 0`,
    }));
}

function unattached({ route: { from, to } }: ChecksInput): Finding[] {
  return [from, to]
    .filter(({ group, targetGroupArn }) => !group.targetGroupArns.includes(targetGroupArn))
    .map(({ name, targetGroupArn }) => ({
      code: 'not-attached',
      severity: 'error' as const,
      what: `${name} is not attached to its target group`,
      why: `its instances would never be targets of ${targetGroupArn}`,
      fix: 'attach the group to the target group in the Terraform root',
    }));
}

function nothingServes({ route: { from } }: ChecksInput): Finding[] {
  if (!isUp(from) || from.weight === 0 || from.serving > 0) return [];
  return [
    {
      code: 'nothing-serves',
      severity: 'warning',
      what: `no instance of ${from.name} is healthy now`,
      why: 'there is nothing to compare the new version with, and nothing to go back to in seconds',
      fix: 'nothing, when this rollout is the cure',
    },
  ];
}

/** Nothing that the calendar does may shrink what is pinned, or what comes up without load. */
function scheduledShrink({ scheduled, route: { from, to }, now, timeout }: ChecksInput): Finding[] {
  const until = now.getTime() + timeout * 1000;
  const size = Math.max(from.group.desired, to.group.desired);
  return scheduled.flatMap(({ group, actions }) =>
    actions
      .filter(({ startTime, desired, maxSize }) => {
        const soon = startTime !== undefined && startTime.getTime() <= until;
        return soon && Math.min(desired ?? size, maxSize ?? size) < size;
      })
      .map(({ name, startTime, desired, maxSize }) => ({
        code: 'scheduled-scaling',
        severity: 'error' as const,
        what: `the scheduled action ${name} of ${group} would shrink it to ${Math.min(desired ?? size, maxSize ?? size)} instances at ${startTime?.toISOString() ?? ''}, while this rollout needs ${size}`,
        why: 'a fleet that shrinks under its load fails requests, and the comparison would be none',
        fix: 'run this job after it, or move the action',
      })),
  );
}

/** Findings about one group that belong to an instance refresh only. */
const ofRefreshes = new Set(['takes-all-down', 'no-room', 'protected-instances', 'same-version']);

/** The findings of a rolling deployment that hold for both ways. */
export function general(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ code }) => !ofRefreshes.has(code));
}

/** What stands in the way of emptying a side afterwards. */
function keptInstances({ route: { from } }: ChecksInput): Finding[] {
  const { name, group } = from;
  const kept = group.instances.filter(({ protectedFromScaleIn }) => protectedFromScaleIn);
  if (kept.length === 0) return [];
  return [
    {
      code: 'protected-instances',
      severity: 'error',
      what: `${kept.length} of ${group.instances.length} instances of ${name} are protected from scale-in`,
      why: 'they would stay, and be paid for, when the group is emptied',
      fix: `aws autoscaling set-instance-protection --no-protected-from-scale-in --auto-scaling-group-name ${name} --instance-ids …`,
    },
  ];
}

/** What the side that is filled does not do. */
function suspended({ route: { to } }: ChecksInput): Finding[] {
  return to.group.suspendedProcesses
    .filter((process) => ['Launch', 'Terminate', 'AddToLoadBalancer'].includes(process.name))
    .map((process) => ({
      code: 'suspended-process',
      severity: 'error',
      what: `the process ${process.name} of ${to.name} is suspended${process.reason && ` (${process.reason})`}`,
      why: 'its instances would not come up, be targets, or go away again',
      fix: `aws autoscaling resume-processes --auto-scaling-group-name ${to.name} --scaling-processes ${process.name}`,
    }));
}
