import type { Attributes, Change, ResourceChange } from './plan-document.ts';
import { isMarked, isSame, isSensitive } from './plan-document.ts';

/** What a change of an Auto Scaling group would do. */
export interface GroupFinding {
  severity: 'refused' | 'warning';
  why: string;
  /** Instances are started or ended by the apply itself. */
  instances: boolean;
  /** What to write into the root instead. */
  remedy?: string;
}

const leaveVersion =
  'write lifecycle { ignore_changes = [launch_template[0].version, desired_capacity] } into the group (mixed_instances_policy[0].launch_template[0].launch_template_specification[0].version for a mixed instances policy), so that the rollout alone moves it';
const keepTemplate =
  'keep the launch template as it is named: another image or machine is another version of it, and needs no new one';
const leaveRefresh = 'leave the instance_refresh block out: the rollout is the instance refresh';
const templates = ['launch_template', 'mixed_instances_policy', 'launch_configuration'];

/**
 * What the apply of a change would do to a group by itself, unwatched: move it to another version, start a refresh,
 * end instances or take them out of service. Pure.
 *
 * @param deployed whether it is the group that the action rolls out; another one may be moved as its root likes
 */
export function groupFindings({ change }: ResourceChange, deployed: boolean): GroupFinding[] {
  const { before, after } = change;
  if (after === null) return [];
  if (before === null) return deployed ? onCreation(after) : [];
  return [
    ...(deployed ? moves(change) : []),
    ...refresh(change, deployed),
    ...capacity(change),
    ...service(change),
  ];
}

function onCreation(after: Attributes): GroupFinding[] {
  return [
    ...(hasRefresh(after)
      ? [
          refused(
            'its instance_refresh block would let Terraform start a refresh of its own in the next deployment, which nobody watches and which stops the one of the rollout',
            leaveRefresh,
          ),
        ]
      : []),
    ...(versionsIn(after).some((version) => /^\$(Latest|Default)$/.test(version))
      ? [
          warning(
            'it launches $Latest or $Default: AWS can not roll back to those, and the next plan moves it back to them',
            'give the group a numbered version: aws_launch_template.….latest_version',
          ),
        ]
      : []),
  ];
}

/** To another template, or another version of it. */
function moves(change: Change): GroupFinding[] {
  const { before, after, after_unknown: unknown = {} } = change;
  const same =
    isSame(specifications(before), specifications(after)) &&
    !templates.some((name) => marksTemplate(unknown[name])) &&
    isSame(before?.launch_configuration, after?.launch_configuration);
  if (same) return [];
  // What is taken over ran something else before; there is no version of it to keep.
  if (change.importing !== undefined && change.importing !== null)
    return [
      warning(
        'it is taken over and launches from another template now: what it ran before can not be gone back to',
      ),
    ];
  return [
    refused(
      'Terraform itself moves it to another template version: nobody watches that, and there is no version left that a failed rollout could go back to',
      isOtherTemplate(change) ? keepTemplate : leaveVersion,
    ),
  ];
}

/** Whether it is the template itself that changes, and not its version alone. */
function isOtherTemplate({ before, after, after_unknown: unknown }: Change): boolean {
  const [was, is] = [before, after].map((values) => templateObjects(values).map(templateOf));
  return (
    templates.some((name) => /"(launch_template_)?id":true/.test(JSON.stringify(unknown?.[name] ?? ''))) ||
    !isSame(was, is)
  );
}

/** Terraform's provider starts a refresh when what the group launches changes, or what the block calls a trigger. */
function refresh(change: Change, deployed: boolean): GroupFinding[] {
  const { after, after_unknown: unknown } = change;
  if (!hasRefresh(after) && !isMarked(unknown?.instance_refresh)) return [];
  const triggers = triggersOf(after).flatMap((name) => (name === 'tags' ? ['tag'] : [name]));
  const started = [...new Set([...templates, ...triggers])].filter((name) => changes(change, name));
  if (started.length > 0) {
    const why = `Terraform starts an instance refresh of its own (instance_refresh; it changes ${started.join(', ')}), and neither watches it nor rolls it back`;
    return [deployed ? refused(why, leaveRefresh, true) : warning(why, undefined, true)];
  }
  return deployed
    ? [
        warning(
          'its instance_refresh block starts a refresh of its own as soon as a plan changes what it launches',
          leaveRefresh,
        ),
      ]
    : [];
}

function capacity(change: Change): GroupFinding[] {
  const { before, after, after_unknown: unknown = {} } = change;
  const running = sizeOf(before, 'desired_capacity');
  const unsaid = ['max_size', 'desired_capacity'].filter((name) => unknown[name] === true);
  if (unsaid.length > 0)
    return [
      warning(
        `${unsaid.join(' and ')} will be known only when it is applied: it may end instances`,
        undefined,
        true,
      ),
    ];
  if (running === undefined || running === 0) return [];
  const most = sizeOf(after, 'max_size') ?? running;
  const wanted = Math.min(most, sizeOf(after, 'desired_capacity') ?? running);
  if (wanted >= running) return [];
  const hidden = ['max_size', 'desired_capacity'].some((name) => isSensitive(change, name));
  const ended = hidden ? 'instances' : `${running - wanted} of ${running} instances`;
  const name = most < running ? 'max_size' : 'desired_capacity';
  const goes = hidden
    ? `its ${name} goes below what runs`
    : `its ${name} goes to ${wanted} while ${running} run`;
  const why = `${goes}: AWS terminates ${ended} at apply, before the rollout`;
  const remedy =
    name === 'max_size'
      ? 'keep max_size at what runs or above, and let the group shrink first'
      : 'write desired_capacity into ignore_changes: scaling sizes the group';
  return [most < running || wanted === 0 ? refused(why, remedy, true) : warning(why, remedy, true)];
}

/** Out of the load balancer, out of a subnet, or out of the time that an instance may live. */
function service(change: Change): GroupFinding[] {
  const { before, after } = change;
  const left = ['target_group_arns', 'load_balancers', 'traffic_source'].filter((name) =>
    loses(change, name),
  );
  const moved = ['vpc_zone_identifier', 'availability_zones'].filter((name) => loses(change, name));
  const [was = 0, is = 0] = [before, after].map((values) => sizeOf(values, 'max_instance_lifetime'));
  return [
    ...(left.length > 0
      ? [
          refused(
            `its instances are taken out of service: ${left.join(', ')} loses an entry`,
            'keep the group behind its target groups',
          ),
        ]
      : []),
    ...(moved.length > 0
      ? [
          warning(
            'its instances in the subnets that it leaves are replaced by AWS, outside the rollout',
            undefined,
            true,
          ),
        ]
      : []),
    ...(is > 0 && (was === 0 || is < was)
      ? [
          warning(
            'instances older than its new max_instance_lifetime are replaced by AWS, outside the rollout',
            undefined,
            true,
          ),
        ]
      : []),
  ];
}

function refused(why: string, remedy?: string, instances = false): GroupFinding {
  return { severity: 'refused', why, instances, ...(remedy !== undefined && { remedy }) };
}

function warning(why: string, remedy?: string, instances = false): GroupFinding {
  return { ...refused(why, remedy, instances), severity: 'warning' };
}

function hasRefresh(after: Attributes | null): boolean {
  return Array.isArray(after?.instance_refresh) && after.instance_refresh.length > 0;
}

function triggersOf(after: Attributes | null): string[] {
  return objectsIn(after?.instance_refresh).flatMap(({ triggers }) =>
    Array.isArray(triggers) ? triggers.filter((each): each is string => typeof each === 'string') : [],
  );
}

function changes({ before, after, after_unknown: unknown }: Change, name: string): boolean {
  return isMarked(unknown?.[name]) || !isSame(before?.[name], after?.[name]);
}

/** Whether an entry is gone, as far as the plan knows. */
function loses({ before, after, after_unknown: unknown }: Change, name: string): boolean {
  if (isMarked(unknown?.[name])) return false;
  const kept = new Set(listOf(after?.[name]).map((entry) => JSON.stringify(entry)));
  return listOf(before?.[name]).some((entry) => !kept.has(JSON.stringify(entry)));
}

/** Template and version of everything that the group may launch, in whichever way it says so. */
function specifications(values: Attributes | null): string[] {
  return templateObjects(values).map((one) => `${templateOf(one)} ${text(one.version)}`);
}

function templateOf(one: Attributes): string {
  return text(one.launch_template_id) || text(one.id);
}

function versionsIn(values: Attributes | null): string[] {
  return templateObjects(values).map(({ version }) => text(version));
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function templateObjects(values: Attributes | null): Attributes[] {
  const mixed = objectsIn(values?.mixed_instances_policy).flatMap(({ launch_template: template }) =>
    objectsIn(template),
  );
  return [
    ...objectsIn(values?.launch_template),
    ...mixed.flatMap((one) => objectsIn(one.launch_template_specification)),
    ...mixed.flatMap(({ override }) =>
      objectsIn(override).flatMap((one) => objectsIn(one.launch_template_specification)),
    ),
  ];
}

/** Whether an id or a version of a template is among what is known only when it is applied. */
function marksTemplate(marks: unknown): boolean {
  if (typeof marks !== 'object' || marks === null) return marks === true;
  return Object.entries(marks).some(([name, mark]) =>
    typeof mark === 'object'
      ? marksTemplate(mark)
      : mark === true && /^(\d+|id|version|launch_template_id)$/.test(name),
  );
}

function objectsIn(value: unknown): Attributes[] {
  return listOf(value).filter((each): each is Attributes => typeof each === 'object' && each !== null);
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function sizeOf(values: Attributes | null, name: string): number | undefined {
  const value = values?.[name];
  return typeof value === 'number' ? value : undefined;
}
