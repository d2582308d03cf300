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

/** The health check type with which Auto Scaling asks what else sends requests. */
const typeFor: Record<string, { name: string; type: string }> = {
  elb: { name: 'classic load balancer', type: 'ELB' },
  'vpc-lattice': { name: 'VPC Lattice target group', type: 'VPC_LATTICE' },
};

/** What "healthy" will mean where no target group says it. */
export function healthWithoutTargets({ group }: PreflightInput): Finding[] {
  const others = group.otherTraffic.map(({ type, id }) => ({
    id,
    ...(typeFor[type] ?? { name: `traffic source of type ${type}`, type: 'ELB' }),
  }));
  const blind = others.find(({ type }) => !group.healthCheckTypes.includes(type));
  if (blind !== undefined) {
    return [
      {
        code: 'health-check-blind',
        severity: 'error',
        what: `the health check type of the group is ${group.healthCheckTypes.join(', ')}, although it has the ${blind.name} ${blind.id}`,
        why: 'AWS would replace every good instance although nothing gets through to the new ones, and call it a success',
        fix: `add ${blind.type} to the health check type of the group`,
      },
    ];
  }
  if (others.length === 0 && group.targetGroupArns.length > 0) return [];
  return [
    {
      code: 'health-not-seen',
      severity: 'warning',
      what:
        others.length === 0
          ? 'the group has no target group'
          : `the group gets requests by ${others.map(({ name, id }) => `the ${name} ${id}`).join(', ')}, which this action does not ask`,
      why:
        others.length === 0
          ? 'healthy means only that EC2 finds the machine well: nobody sees whether the application answers'
          : 'only Auto Scaling asks it: an instance counts as healthy here as long as that says so',
      fix:
        others.length === 0
          ? 'attach a target group, or give smoke-test-path where the service can be asked'
          : 'nothing, or give smoke-test-path, so that the service itself is asked',
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
