/** Filters of EC2's Describe calls, as far as they concern instances. */
import { ApiError } from '../gateway/index.ts';
import { matchesPattern } from '../load-balancer/index.ts';
import type { InstanceRecord } from './records.ts';

export interface Filter {
  name: string;
  values: string[];
}

/** EC2's codes of instance states. */
export const STATE_CODES: Record<InstanceRecord['state'], number> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopped: 80,
};

/** Reads `Filter.N.Name` and `Filter.N.Value.M`. Throws an ApiError when one is incomplete. */
export function readFilters(parameter: unknown): Filter[] {
  if (!Array.isArray(parameter)) return [];
  return parameter.map((entry: unknown) => {
    const { Name, Value } = entry as { Name?: string; Value?: string[] };
    if (Name === undefined || !Array.isArray(Value))
      throw new ApiError('MissingParameter', 'The request must contain the parameter Filter.Value');
    return { name: Name, values: Value };
  });
}

function valuesOf({ request, state }: InstanceRecord, name: string): string[] {
  const { template, tags = {} } = request;
  if (name.startsWith('tag:')) {
    const value = tags[name.slice('tag:'.length)];
    return value === undefined ? [] : [value];
  }
  switch (name) {
    case 'instance-id':
      return [request.instanceId];
    case 'instance-state-name':
      return [state];
    case 'instance-state-code':
      return [String(STATE_CODES[state])];
    case 'instance-type':
      return [template.instanceType];
    case 'image-id':
      return [template.imageId];
    case 'availability-zone':
      return [request.availabilityZone];
    case 'subnet-id':
      return [request.subnetId];
    case 'private-ip-address':
      return [request.privateIpAddress];
    case 'tag-key':
      return Object.keys(tags);
    default:
      throw new ApiError('InvalidParameterValue', `The filter '${name}' is invalid`);
  }
}

/** Whether an instance passes every filter; a filter's values may hold `*` and `?`. */
export function passes(record: InstanceRecord, filters: readonly Filter[]): boolean {
  return filters.every(({ name, values }) =>
    valuesOf(record, name).some((given) => values.some((wanted) => matchesPattern(wanted, given, false))),
  );
}
