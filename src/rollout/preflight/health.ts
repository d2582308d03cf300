import type { Finding, PreflightInput } from './finding.ts';

/** Whether the load balancer will ever hear of the instances. */
export function attachment({ group, unattached }: PreflightInput): Finding[] {
  if (unattached.length === 0) return [];
  return [
    {
      code: 'not-attached',
      severity: 'error',
      what: `the Terraform root names ${unattached.length === 1 ? 'a target group' : `${unattached.length} target groups`} that the group is not attached to: ${unattached.join(', ')}`,
      why: 'the load balancer would never send a request to the new instances, nor check their health, and AWS would call it a success',
      fix: `attach it (target_group_arns of the aws_autoscaling_group ${group.name}), or take it out of the output target_group_arns`,
    },
  ];
}

/** Whether AWS will see what the load balancer sees, and give instances the time to be seen well. */
export function healthChecks({ group, targetGroups, targets, target }: PreflightInput): Finding[] {
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
