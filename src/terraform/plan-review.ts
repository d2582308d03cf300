import type { TerraformEvent } from './events.ts';
import type { Removal } from './carriers.ts';
import { lossOf } from './carriers.ts';
import { isWhole } from './events.ts';
import { groupFindings } from './group-changes.ts';
import { lossyTypes, lossyUpdate } from './lossy-updates.ts';
import type { Change, PlanDocument, ResourceChange } from './plan-document.ts';

/** What an apply would do to one resource that a deployment should not do unasked. */
export interface PlanFinding {
  address: string;
  type: string;
  /** "is destroyed", "is replaced (name), the old one first": the verb after the address. */
  action: string;
  why: string;
  /** What to write into the root instead. */
  remedy?: string;
  /** The bucket that goes, by name: an empty one is no loss. */
  bucket?: string;
}

/** What a plan would do beyond what a deployment is for. */
export interface PlanReview {
  /** What nobody asked for: traffic, data, or the way back. */
  refused: PlanFinding[];
  /** The rest that is worth a look, and what `allow-destroy` allowed. */
  warnings: PlanFinding[];
  /** Addresses of what is done away with and is of a type that is not known here. */
  others: string[];
  /** Addresses of groups whose instances the apply itself starts or ends. */
  groups: string[];
  /** Entries of `allow-destroy` that allowed nothing. */
  unused: string[];
}

interface Finding extends PlanFinding {
  severity: 'refused' | 'warning' | 'unknown';
  instances: boolean;
}

const group = 'aws_autoscaling_group';

/** A review of a plan in which nothing had to be looked at. */
export function nothingFound(allowed: readonly string[]): PlanReview {
  return { refused: [], warnings: [], others: [], groups: [], unused: [...allowed] };
}

/**
 * Whether a plan has to be read at all, from its events: they tell what is done to which resource, and nothing of what
 * is changed in it. A deployment of a new image changes a launch template in place, and is not read. Events that do not tell
 * all of it do not tell that either. Pure.
 */
export function needsReview(events: readonly TerraformEvent[]): boolean {
  if (!isWhole(events)) return true;
  return events.some(({ type, change }) => {
    if (type !== 'planned_change' || change === undefined) return false;
    if (['noop', 'move', 'read'].includes(change.action)) return false;
    if (!['create', 'update', 'import'].includes(change.action)) return true;
    const kind = change.resource.resource_type ?? typeOf(change.resource.addr);
    return kind === group || (change.action !== 'create' && lossyTypes.has(kind));
  });
}

/** The type in the address of a resource. */
export function typeOf(address: string): string {
  // eslint-disable-next-line security/detect-unsafe-regex -- each part ends with a dot, which none of them holds
  return /^(?:module\.[\w-]+(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?\.)*([\w-]+)\./.exec(address)?.[1] ?? '';
}

/**
 * Reads a plan before it is applied: what it would destroy or replace that carries traffic, data or the way back, how it
 * would move or shrink the group by itself, and what its changes in place take away. No value of the document is in what
 * it returns, but for addresses, names of attributes and the sizes of a group that are not sensitive. Pure.
 *
 * @param allowed addresses of resources and types that may be done away with all the same
 */
export function reviewPlan(document: PlanDocument, allowed: readonly string[]): PlanReview {
  const managed = (document.resource_changes ?? []).filter(({ mode }) => mode === 'managed');
  const deployed = deployedGroups(document);
  const found = managed.flatMap((resource) => [...removals(resource), ...updates(resource, deployed)]);
  const review = nothingFound(allowed.filter((entry) => !found.some((finding) => allows(entry, finding))));
  for (const { severity, instances, ...finding } of found) {
    const { address } = finding;
    if (instances && !review.groups.includes(address)) review.groups.push(address);
    const entry = allowed.find((one) => allows(one, finding));
    if (severity === 'unknown') {
      if (entry === undefined) review.others.push(address);
    } else if (severity === 'refused' && entry === undefined) review.refused.push(finding);
    else
      review.warnings.push(entry === undefined ? finding : { ...finding, why: `${finding.why} (allowed)` });
  }
  return review;
}

/** Names of the group that the action rolls out, or of both with blue/green; none where they are not known yet. */
function deployedGroups({ planned_values: planned }: PlanDocument): unknown[] {
  const { autoscaling_group_name: name, blue_green: both } = planned?.outputs ?? {};
  const { groups } = (both?.value ?? {}) as { groups?: unknown };
  const listed = Array.isArray(groups) ? (groups as { autoscaling_group_name?: unknown }[]) : [];
  return [name?.value, ...listed.map((each) => each.autoscaling_group_name)].filter(
    (each) => typeof each === 'string',
  );
}

/** An address without the key of its last instance stands for all of them, as in Terraform's -target. */
function allows(entry: string, { address, type }: PlanFinding): boolean {
  return entry === address || entry === type || entry === address.replace(/\[(\d+|"(?:[^"\\]|\\.)*")\]$/, '');
}

/** What goes, and what Terraform forgets. */
function removals(resource: ResourceChange): Finding[] {
  const { address, type, change, deposed } = resource;
  const { actions, before } = change;
  const removal = removalOf(actions);
  const loss = lossOf(resource, removal ?? 'destroyed');
  const named = { address, type, instances: false };
  const strange = actions.filter((action) => !knownActions.has(action));
  if (strange.length > 0)
    return [
      {
        ...named,
        severity: 'warning',
        action: `is to "${strange.join(', ')}"`,
        why: 'this action does not know what Terraform does then',
      },
    ];
  if (removal === undefined) {
    if (!actions.includes('forget') || loss?.severity !== 'refused') return [];
    const why =
      'it stays on AWS and runs on; Terraform no longer knows it, so that nothing changes or destroys it from now on';
    return [{ ...named, severity: 'warning', action: 'is forgotten', why }];
  }
  if (loss === undefined) return [];
  const what =
    deposed === undefined ? '' : ` (deposed object ${deposed}, left by an interrupted replacement)`;
  const name = type === 'aws_s3_bucket' && typeof before?.bucket === 'string' ? before.bucket : undefined;
  return [
    {
      ...named,
      ...loss,
      action: `is ${verbs[removal](forced(change))}${what}`,
      instances: type === group,
      ...(name !== undefined && { bucket: name }),
      ...(removal === 'destroyed' && address === bundledDatabase && { remedy: keepDatabase }),
    },
  ];
}

/** The database of the bundled service, which goes where a run does not say that there is one. */
const bundledDatabase = 'module.service.aws_db_instance.main[0]';
const keepDatabase =
  'if the database is to stay, say so in terraform-variables, where this run has none: `database = {}`, or what it was made with';

/** https://developer.hashicorp.com/terraform/internals/json-format#change-representation */
const knownActions = new Set(['no-op', 'create', 'read', 'update', 'delete', 'forget']);

const verbs: Record<Removal, (forced: string) => string> = {
  destroyed: () => 'destroyed',
  'old-first': (forced) => `replaced${forced}, the old one first`,
  'new-first': (forced) => `replaced${forced}, the new one first`,
};

function removalOf(actions: readonly string[]): Removal | undefined {
  const [out, made] = [actions.indexOf('delete'), actions.indexOf('create')];
  if (out === -1) return undefined;
  return made === -1 ? 'destroyed' : out < made ? 'old-first' : 'new-first';
}

/** " because of its name, port": the attributes that can't be changed in place. */
function forced({ replace_paths: paths = [] }: Change): string {
  const names = [...new Set(paths.map(([name]) => String(name)))];
  return names.length === 0 ? '' : ` because of its ${names.join(', ')}`;
}

/** What a change in place, or a creation, does by itself. */
function updates(resource: ResourceChange, deployed: readonly unknown[]): Finding[] {
  const { address, type, change } = resource;
  const { actions, before, after } = change;
  if (
    removalOf(actions) !== undefined ||
    after === null ||
    !actions.some((one) => one === 'create' || one === 'update')
  )
    return [];
  const named = { address, type, action: before === null ? 'is created' : 'is changed' };
  if (type === group) {
    const ours = deployed.length === 0 || [before?.name, after.name].some((name) => deployed.includes(name));
    return groupFindings(resource, ours).map((finding) => ({ ...named, ...finding }));
  }
  const loss = lossyUpdate(type, change);
  return loss === undefined ? [] : [{ ...named, ...loss, instances: false }];
}
