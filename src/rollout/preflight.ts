import { replacementBatch } from './batches.ts';
import { some } from './words.ts';
import type {
  AlarmObservation,
  GroupObservation,
  HookObservation,
  RefreshObservation,
  RolloutTarget,
  TargetGroupObservation,
  TargetObservation,
} from './observations.ts';
import type { RolloutSettings } from './settings.ts';

/** Something about the group that AWS would accept and then stall on, or never undo. */
export interface Finding {
  code: string;
  /** Errors stop the rollout before it starts; warnings are told and go on. */
  severity: 'error' | 'warning';
  what: string;
  why: string;
  fix: string;
}

export interface PreflightInput {
  group: GroupObservation;
  target: RolloutTarget;
  settings: RolloutSettings;
  targetGroups: TargetGroupObservation[];
  targets: TargetObservation[];
  alarms: AlarmObservation[];
  hooks: HookObservation[];
  /** Past refreshes of the group, newest first. */
  refreshes: RefreshObservation[];
}

/** Everything that is wrong with rolling out now, errors first. Pure. */
export function preflight(input: PreflightInput): Finding[] {
  const findings = [
    ...savedVersion(input),
    ...sameVersion(input),
    ...suspended(input),
    ...setAside(input),
    ...alarmFindings(input),
    ...capacity(input),
    ...healthChecks(input),
    ...hookFindings(input),
  ];
  return [...findings.filter(isError), ...findings.filter((finding) => !isError(finding))];
}

function isError({ severity }: Finding): boolean {
  return severity === 'error';
}

function savedVersion({ group, settings }: PreflightInput): Finding[] {
  if (group.launchConfiguration !== undefined) {
    return [
      {
        code: 'launch-configuration',
        severity: 'warning',
        what: `the group runs the launch configuration ${group.launchConfiguration}`,
        why: 'a rollback goes back to it, and AWS no longer develops launch configurations',
        fix: 'nothing to do when this is the move to a launch template',
      },
    ];
  }
  const version = group.template?.version ?? '';
  if (!version.startsWith('$') && !version.startsWith('resolve:')) return [];
  return [
    {
      code: 'saved-version-moves',
      severity: settings.autoRollback ? 'error' : 'warning',
      what: `the group's saved launch template version is ${version}`,
      why: 'it names no fixed version, so AWS refuses to roll back to it, and every launch of the group may run something else',
      fix: `set the group's launch template version to the number that runs now (in Terraform, or with aws autoscaling update-auto-scaling-group)`,
    },
  ];
}

function sameVersion({ group, target, settings, refreshes }: PreflightInput): Finding[] {
  if (target.previousVersion !== target.version || group.template?.id !== target.templateId) return [];
  const others = group.instances.filter(({ templateVersion }) => templateVersion !== target.version);
  // Every instance has it: they are replaced because they do not serve, and there is nothing else to go back to.
  if (others.length === 0) return [];
  const proven = group.instances.some(
    (instance) =>
      instance.templateVersion === target.version &&
      instance.lifecycleState === 'InService' &&
      instance.healthStatus.toLowerCase() === 'healthy',
  );
  const rolledOut = refreshes.some(
    ({ status, target: to }) => status === 'Successful' && to?.version === String(target.version),
  );
  const harmless = (proven && rolledOut) || !settings.autoRollback;
  return [
    {
      code: 'same-version',
      severity: harmless ? 'warning' : 'error',
      what: `the group's saved version is ${target.version} already, while ${others.length} of ${group.instances.length} instances run another one`,
      why: `a rollback would go to version ${target.version} itself: it could undo nothing`,
      fix: harmless
        ? `nothing: version ${target.version} was rolled out before and this rollout finishes it`
        : `set the group's launch template version back to the one that runs, and let only this action move it; or set auto-rollback to false`,
    },
  ];
}

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

function suspended({ group }: PreflightInput): Finding[] {
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

function setAside({ group, settings, target }: PreflightInput): Finding[] {
  const old = group.instances.filter(({ templateVersion }) => templateVersion !== target.version);
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
      what: `${guarded.length} of ${group.instances.length} instances are protected from scale-in: ${some(guarded)}`,
      why: why(settings.protectedInstances),
      fix: `aws autoscaling set-instance-protection --no-protected-from-scale-in --auto-scaling-group-name ${group.name} --instance-ids …`,
    });
  }
  if (standby.length > 0 && settings.standbyInstances !== 'Terminate') {
    findings.push({
      code: 'standby-instances',
      severity: 'error',
      what: `${standby.length} of ${group.instances.length} instances are in Standby: ${some(standby)}`,
      why: why(settings.standbyInstances),
      fix: 'terminate them or put them back into service (exit-standby)',
    });
  }
  return findings;
}

function alarmFindings({ settings, alarms }: PreflightInput): Finding[] {
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

function capacity({ group, settings }: PreflightInput): Finding[] {
  const { desired, maxSize } = group;
  if (desired === 0) {
    return [
      {
        code: 'no-instances',
        severity: 'warning',
        what: 'the desired capacity of the group is 0',
        why: 'no instance will show whether the version works; it is only saved for the next launch',
        fix: 'raise the desired capacity when the service should run',
      },
    ];
  }
  const first = replacementBatch({ desired, ...settings.percentages, remaining: desired });
  const findings: Finding[] = [];
  if (first.terminateFirst >= desired) {
    findings.push({
      code: 'takes-all-down',
      severity: settings.percentagesGiven ? 'warning' : 'error',
      what: `${desired === 1 ? 'the only instance' : `all ${desired} instances`} would be terminated before a new one serves`,
      why: 'the service would be down until the new version has booted',
      fix: 'set min-healthy-percentage to 100 and max-healthy-percentage to 200 (or at least 100): launch first, then terminate',
    });
  }
  if (first.surge > 0 && maxSize < desired + first.surge) {
    findings.push({
      code: 'no-room',
      severity: 'warning',
      what: `the maximum size of the group is ${maxSize}, and launching first needs ${desired + first.surge}`,
      why: 'AWS does not say whether a refresh may pass the maximum size; where it may not, this rollout stands still',
      fix: `raise the maximum size of the group to ${desired + first.surge}`,
    });
  }
  return findings;
}

function healthChecks({ group, targetGroups, targets, target }: PreflightInput): Finding[] {
  if (group.targetGroupArns.length === 0) return [];
  const findings: Finding[] = [];
  const detection = Math.max(
    0,
    ...targetGroups.map((each) => each.intervalSeconds * each.unhealthyThreshold),
  );
  if (!group.healthCheckTypes.includes('ELB')) {
    findings.push({
      code: 'health-check-blind',
      severity: 'error',
      what: `the health check type of the group is ${group.healthCheckTypes.join(', ')}, although it has target groups`,
      why: 'AWS would replace every good instance although the load balancer finds the new ones unhealthy, and call it a success',
      fix: 'set the health check type of the group to ELB',
    });
  } else if (group.healthCheckGracePeriod < detection) {
    findings.push({
      code: 'grace-too-short',
      severity: 'warning',
      what: `the grace period is ${group.healthCheckGracePeriod} s, and the load balancer needs ${detection} s to judge a target`,
      why: 'an instance that boots slowly may be replaced before it had a chance',
      fix: `set the health check grace period to the boot time plus ${detection} s`,
    });
  }
  const serving = targets.filter(({ state }) => state === 'healthy').length;
  if (group.desired > 0 && serving === 0 && group.instances.length > 0) {
    findings.push({
      code: 'not-healthy-before',
      severity: 'warning',
      what: 'no target of the group is healthy now, before anything was changed',
      why: `a rollback would return to version ${target.previousVersion ?? 'before'}, which does not serve either`,
      fix: 'nothing when this rollout is the cure',
    });
  }
  return findings;
}

function hookFindings({ hooks }: PreflightInput): Finding[] {
  return hooks
    .filter(({ transition }) => transition.endsWith('EC2_INSTANCE_LAUNCHING'))
    .map((hook) => ({
      code: 'launch-hook',
      severity: 'warning' as const,
      what: `the launch hook ${hook.name} holds each new instance until somebody completes it (heartbeat ${hook.heartbeatTimeout} s, then ${hook.defaultResult})`,
      why: 'when nobody does, every instance costs the whole heartbeat',
      fix: 'see that what completes the hook is running, or delete the hook',
    }));
}
