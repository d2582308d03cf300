import type { Finding, PreflightInput } from './finding.ts';

/** Whether the saved version is one that a rollback can go back to. */
export function savedVersion({ group, settings }: PreflightInput): Finding[] {
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

/** Whether there is another version to go back to at all. */
export function sameVersion({ group, target, settings, refreshes }: PreflightInput): Finding[] {
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
  // What a rollout brought that was left half-way: this one takes it back.
  if (proven && others.every(({ templateVersion = 0 }) => templateVersion > target.version)) return [];
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
