import type { Finding, PreflightInput } from './finding.ts';

/** What instance refreshes, or this action, can't do with a group of several kinds of instances. */
export function instancePolicy({ group, launched, target }: PreflightInput): Finding[] {
  const { LaunchTemplate: template } = group.mixedInstancesPolicy ?? {};
  const overrides = template?.Overrides ?? [];
  const findings: Finding[] = [];
  if (overrides.some((each) => each.InstanceRequirements) || launched.next?.byRequirements) {
    findings.push({
      code: 'instance-requirements',
      severity: 'error',
      what: 'the group chooses its instances by attributes (InstanceRequirements)',
      why: 'AWS supports neither a desired configuration nor a rollback for such a group: the refresh would fail',
      fix: 'name instance types in the launch template or in the overrides of the mixed instances policy',
    });
  }
  if (overrides.some((each) => Number(each.WeightedCapacity ?? 1) !== 1)) {
    findings.push({
      code: 'weighted-capacity',
      severity: 'error',
      what: 'the mixed instances policy gives instance types different weights',
      why: 'the desired capacity then counts units, and this action counts instances: it could not tell when all are there, and AWS may replace all of them at once',
      fix: 'leave the weights out',
    });
  }
  const others = overrides.flatMap(({ LaunchTemplateSpecification: own }) =>
    own && own.LaunchTemplateId !== target.templateId
      ? [own.LaunchTemplateName ?? own.LaunchTemplateId ?? '']
      : [],
  );
  if (others.length > 0) {
    findings.push({
      code: 'own-templates',
      severity: 'error',
      what: `overrides of the mixed instances policy launch from templates of their own: ${[...new Set(others)].join(', ')}`,
      why: 'this rollout moves one template: their instances would keep what they run while AWS reports success',
      fix: 'let all overrides use the launch template of the group',
    });
  }
  if (group.hasWarmPool) {
    findings.push({
      code: 'warm-pool',
      severity: 'warning',
      what: 'the group has a warm pool',
      why: 'AWS replaces its instances after those in service, which the forecast leaves out, and their version is not compared at the end',
      fix: 'nothing, if the rollout may take that much longer; raise timeout when it does',
    });
  }
  return findings;
}
