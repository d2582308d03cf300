type Attributes = Record<string, unknown>;

/** https://developer.hashicorp.com/terraform/internals/json-format#change-representation */
interface ResourceChange {
  address: string;
  change: {
    actions: string[];
    before: Attributes | null;
    after: Attributes | null;
    after_unknown?: Attributes;
  };
}

/**
 * What somebody removed outside Terraform, or changed there so that the plan changes it back, from
 * `terraform show -json` of a saved plan: addresses, and the attributes in question. Pure.
 *
 * Terraform calls it drift as well when a provider merely reads back what was never set (null as an empty list, say), or
 * when the next plan changes something else of the same resource: neither is anybody's doing.
 */
export function driftIn(text: string): string[] {
  const { resource_drift: drift = [], resource_changes: changes = [] } = JSON.parse(text) as {
    resource_drift?: ResourceChange[];
    resource_changes?: ResourceChange[];
  };
  const planned = new Map(changes.map(({ address, change }) => [address, change]));
  return drift.flatMap(({ address, change }) => {
    if (change.actions.includes('delete')) return [`${address} (removed)`];
    const undone = differing(planned.get(address));
    const attributes = differing(change).filter((name) => undone.includes(name));
    return attributes.length === 0 ? [] : [`${address} (changed: ${attributes.join(', ')})`];
  });
}

/** Attributes whose value changes to one that is known. */
function differing(change: ResourceChange['change'] | undefined): string[] {
  const { before, after, after_unknown: unknown } = change ?? {};
  if (!before || !after) return [];
  return Object.keys(after).filter(
    (name) => unknown?.[name] !== true && text(before[name]) !== text(after[name]),
  );
}

/** A value as text in which what is empty and what is not there look the same. */
function text(value: unknown): string | undefined {
  return JSON.stringify(withoutEmpty(value));
}

function withoutEmpty(value: unknown): unknown {
  if (value === null || value === '') return undefined;
  if (typeof value !== 'object') return value;
  const kept = Object.entries(value)
    .map(([name, each]) => [name, withoutEmpty(each)] as const)
    .filter(([, each]) => each !== undefined);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}
