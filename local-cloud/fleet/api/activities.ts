/** DescribeScalingActivities. */
import type { ApiCall } from '../../gateway/index.ts';
import type { Activity } from '../engine/index.ts';
import { type FleetContext, groupOf } from './context.ts';
import { Parameters, page, validationError } from './parameters.ts';
import { renderActivity } from './render.ts';

interface Owned {
  activity: Activity;
  owner: { name: string; arn: string; deleted?: boolean };
}

/** Latest first, those in progress before all others. @throws ApiError InvalidNextToken, ValidationError */
export function describeScalingActivities(context: FleetContext, call: ApiCall): object {
  const parameters = new Parameters(call.parameters);
  const name = parameters.text('AutoScalingGroupName');
  const ids = parameters.texts('ActivityIds') ?? [];
  const deleted = parameters.boolean('IncludeDeletedGroups') ?? false;
  const filters = readFilters(parameters, name);
  const all = owned(context, name, deleted)
    .filter(({ activity }) => ids.length === 0 || ids.includes(activity.id))
    .filter(({ activity }) => filters.every((filter) => filter(activity)));
  const open = all.filter(({ activity }) => activity.endTime === undefined).reverse();
  const closed = all.filter(({ activity }) => activity.endTime !== undefined).reverse();
  const found = page([...open, ...closed], parameters, { default: 100, max: 100 });
  return {
    Activities: found.items.map(({ activity, owner }) => renderActivity(activity, owner)),
    NextToken: found.NextToken,
  };
}

function owned(context: FleetContext, name: string | undefined, includeDeleted: boolean): Owned[] {
  const gone = context.state.deletedActivities
    .filter((entry) => includeDeleted && (name === undefined || entry.group === name))
    .map(({ activity, group, arn }) => ({ activity, owner: { name: group, arn, deleted: true } }));
  if (name !== undefined && !context.state.groups.has(name) && gone.length > 0) return gone;
  const groups = name === undefined ? [...context.state.groups.values()] : [groupOf(context, name)];
  return [
    ...gone,
    ...groups.flatMap((group) => group.activities.map((activity) => ({ activity, owner: group }))),
  ].sort((a, b) => a.activity.startTime - b.activity.startTime);
}

function readFilters(parameters: Parameters, group: string | undefined): ((activity: Activity) => boolean)[] {
  return (parameters.list('Filters') ?? []).map((filter) => {
    const name = filter.text('Name') ?? '';
    const values = filter.texts('Values') ?? [];
    if (name === 'StartTimeLowerBound') {
      const bound = readTime(values[0]);
      return (activity: Activity): boolean => activity.startTime >= bound;
    }
    if (name === 'StartTimeUpperBound') {
      const bound = readTime(values[0]);
      return (activity: Activity): boolean => activity.startTime <= bound;
    }
    if (name === 'Status') {
      if (group === undefined) throw validationError('The Status filter needs an Auto Scaling group name.');
      return (activity: Activity): boolean => values.includes(activity.statusCode);
    }
    throw validationError(`Filter type ${name} is not correct.`);
  });
}

function readTime(text: string | undefined): number {
  const time = Date.parse(text ?? '');
  if (Number.isNaN(time)) throw validationError(`Filter value ${text ?? ''} is not an ISO 8601 time.`);
  return time;
}
