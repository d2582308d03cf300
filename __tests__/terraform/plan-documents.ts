/** Plan documents as `terraform show -json` gives them, in as much as the review reads them. */
import type { Attributes, Change, PlanDocument, ResourceChange } from '../../src/terraform/plan-document.ts';
import type { TerraformEvent } from '../../src/terraform/events.ts';

export const noOp = ['no-op'];
export const update = ['update'];
export const destroy = ['delete'];
export const oldFirst = ['delete', 'create'];
export const newFirst = ['create', 'delete'];

/** One resource of a plan; `type.main` unless another address is given. */
export function resource(
  type: string,
  change: Partial<Change>,
  more: Partial<Omit<ResourceChange, 'change'>> = {},
): ResourceChange {
  const actions = change.actions ?? update;
  return {
    ...{ address: `${type}.main`, mode: 'managed', type },
    ...more,
    change: {
      before: {},
      after: actions.includes('delete') && actions.length === 1 ? null : {},
      ...change,
      actions,
    },
  };
}

/** A document with these resources, whose deployed group is called shop-prod. */
export function documentOf(...changes: ResourceChange[]): PlanDocument {
  return {
    resource_changes: changes,
    planned_values: { outputs: { autoscaling_group_name: { value: 'shop-prod' } } },
  };
}

/** The deployed group as it is, with what the provider gives every group. */
export const group: Attributes = {
  name: 'shop-prod',
  min_size: 2,
  max_size: 6,
  desired_capacity: 4,
  instance_refresh: [],
  launch_configuration: '',
  launch_template: [{ id: 'lt-1', name: 'shop', version: '3' }],
  mixed_instances_policy: [],
  target_group_arns: ['arn:1', 'arn:2'],
  load_balancers: [],
  traffic_source: [],
  vpc_zone_identifier: ['subnet-1', 'subnet-2'],
  availability_zones: ['a', 'b'],
  max_instance_lifetime: 0,
  tag: [],
};

/** A change in place of the deployed group. */
export function groupChange(after: Attributes, more: Partial<Change> = {}): ResourceChange {
  return resource('aws_autoscaling_group', { before: group, after: { ...group, ...after }, ...more });
}

/** What the stream of `terraform plan -json` says of a document. */
export function eventsOf({ resource_changes: changes = [] }: PlanDocument): TerraformEvent[] {
  const planned = changes.flatMap(({ address, type, mode, change: { actions } }) => {
    const action = actions.length === 2 ? 'replace' : (actions[0] ?? '');
    if (mode !== 'managed' || action === 'no-op') return [];
    const said = action === 'forget' ? 'remove' : action;
    return [
      {
        ...{ type: 'planned_change', '@message': '' },
        change: { resource: { addr: address, resource_type: type }, action: said },
      },
    ];
  });
  const counted = (...actions: string[]) =>
    planned.filter(({ change }) => actions.includes(change.action)).length;
  const numbers = {
    ...{ add: counted('create', 'replace'), change: counted('update') },
    ...{ remove: counted('delete', 'replace'), operation: 'plan' },
  };
  return [...planned, { ...summary, changes: numbers }];
}

/** What a stream that was not cut ends with. */
export const summary: TerraformEvent = {
  ...{ type: 'change_summary', '@message': '' },
  changes: { add: 0, change: 0, remove: 0, operation: 'plan' },
};
