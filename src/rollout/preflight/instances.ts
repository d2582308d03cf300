import { truncatedList } from '../../core/index.ts';
import { isRetained, isTerminating } from '../model/index.ts';
import type { Finding, PreflightInput } from './finding.ts';

const processes: Record<string, { severity: Finding['severity']; why: string }> = {
  Launch: {
    severity: 'error',
    why: 'no new instance would be launched and the refresh would stand still for an hour',
  },
  Terminate: {
    severity: 'error',
    why: 'no old instance would be terminated and the refresh would stand still for an hour',
  },
  InstanceRefresh: { severity: 'error', why: 'the refresh would be accepted and never begin' },
  AddToLoadBalancer: {
    severity: 'error',
    why: 'new instances would never be registered with the load balancer, not even after it is resumed',
  },
  HealthCheck: {
    severity: 'warning',
    why: 'Auto Scaling would not notice bad instances; this action watches the targets itself',
  },
  ReplaceUnhealthy: { severity: 'warning', why: 'bad instances would be marked and not replaced' },
};

export function suspendedProcesses({ group }: PreflightInput): Finding[] {
  return group.suspendedProcesses.flatMap(({ name, reason }): Finding[] => {
    const known = processes[name];
    if (!known || (name === 'AddToLoadBalancer' && group.targetGroupArns.length === 0)) return [];
    return [
      {
        code: 'suspended-process',
        severity: known.severity,
        what: `the process ${name} of the group is suspended${reason && ` (${reason})`}`,
        why: known.why,
        fix: `aws autoscaling resume-processes --auto-scaling-group-name ${group.name} --scaling-processes ${name}`,
      },
    ];
  });
}

/** Old instances that the refresh would pass over, or wait for. */
export function setAside({ group, settings, target }: PreflightInput): Finding[] {
  const staying = group.instances.filter((instance) => !isTerminating(instance));
  const old = staying.filter(({ templateVersion }) => templateVersion !== target.version);
  const guarded = old.filter((instance) => instance.protectedFromScaleIn).map(({ id }) => id);
  const standby = old.filter(({ lifecycleState }) => lifecycleState.endsWith('Standby')).map(({ id }) => id);
  const findings: Finding[] = [];
  const why = (choice: string): string =>
    choice === 'Wait'
      ? 'the refresh would wait an hour for it to change and then fail'
      : 'they would keep the old version while AWS reports success';
  if (guarded.length > 0 && settings.protectedInstances !== 'Refresh') {
    findings.push({
      code: 'protected-instances',
      severity: 'error',
      what: `${guarded.length} of ${staying.length} instances are protected from scale-in: ${truncatedList(guarded)}`,
      why: why(settings.protectedInstances),
      fix: `aws autoscaling set-instance-protection --no-protected-from-scale-in --auto-scaling-group-name ${group.name} --instance-ids …`,
    });
  }
  if (standby.length > 0 && settings.standbyInstances !== 'Terminate') {
    findings.push({
      code: 'standby-instances',
      severity: 'error',
      what: `${standby.length} of ${staying.length} instances are in Standby: ${truncatedList(standby)}`,
      why: why(settings.standbyInstances),
      fix: 'terminate them or put them back into service (exit-standby)',
    });
  }
  return findings;
}

/** Instances that the group's instance lifecycle policy has kept: no refresh touches them, and no target group has them. */
export function retained({ group }: PreflightInput): Finding[] {
  const kept = group.instances.filter(isRetained).map(({ id }) => id);
  if (kept.length === 0) return [];
  return [
    {
      code: 'retained-instances',
      severity: 'warning',
      what: `${kept.length === 1 ? '1 instance is' : `${kept.length} instances are`} kept by the group's instance lifecycle policy, for a termination hook was abandoned: ${truncatedList(kept)}`,
      why: 'they run their old version beside the group, and cost, until somebody ends them; a rollout with the same hook may leave more',
      fix: `aws autoscaling terminate-instance-in-auto-scaling-group --no-should-decrement-desired-capacity --instance-id ${kept[0] ?? '…'}`,
    },
  ];
}
