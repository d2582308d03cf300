import type { Attributes, Change, PlanDocument, ResourceChange } from './plan-document.ts';
import { isSame } from './plan-document.ts';

/**
 * What somebody removed outside Terraform, or changed there so that the plan changes it back: addresses, and the
 * attributes in question. Pure.
 *
 * Terraform calls it drift as well when a provider merely reads back what was never set (null as an empty list, say), or
 * when the next plan changes something else of the same resource: neither is anybody's doing. Nor is what the rollout
 * and the group's own scaling move.
 */
export function driftIn({
  resource_drift: drift = [],
  resource_changes: changes = [],
}: PlanDocument): string[] {
  const planned = new Map(changes.map(({ address, change }) => [address, change]));
  return drift.flatMap((resource) => {
    const { address, change } = resource;
    if (change.actions.includes('delete')) return [`${address} (removed)`];
    const undone = differing(planned.get(address));
    const attributes = differing(change).filter((name) => undone.includes(name) && !isOurs(resource, name));
    return attributes.length === 0 ? [] : [`${address} (changed: ${attributes.join(', ')})`];
  });
}

/** Attributes whose value changes to one that is known. */
function differing(change: Change | undefined): string[] {
  const { before, after, after_unknown: unknown } = change ?? {};
  if (!before || !after) return [];
  return Object.keys(after).filter((name) => unknown?.[name] !== true && !isSame(before[name], after[name]));
}

/** What the rollout moves (the group's template version) and what scaling moves (how many instances are wanted). */
function isOurs({ type, change: { before, after } }: ResourceChange, name: string): boolean {
  if (type !== 'aws_autoscaling_group') return false;
  if (name === 'desired_capacity') return true;
  if (name !== 'launch_template' && name !== 'mixed_instances_policy') return false;
  return isSame(withoutVersion(before?.[name]), withoutVersion(after?.[name]));
}

function withoutVersion(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutVersion);
  return Object.fromEntries(
    Object.entries(value as Attributes)
      .filter(([name]) => name !== 'version')
      .map(([name, each]) => [name, withoutVersion(each)]),
  );
}
