/** The condition keys of a request. Source: IAM user guide, "AWS global condition context keys", and the reference. */
import { XMLParser } from 'fast-xml-parser';
import type { ApiCall } from '../gateway/index.ts';
import type { Account, AskedFor } from './account.ts';
import type { Caller } from './callers.ts';
import type { Inventory, Tags } from './inventory.ts';
import { leadingKeys } from './items.ts';
import type { Need } from './needs.ts';
import { NEW_ID, type Resource } from './resources.ts';
import { requestTags, tagKeys } from './tags.ts';

export type Context = Record<string, string | string[]>;

interface Sources {
  account: Account;
  inventory: Inventory;
}

const prefixed = (prefix: string, tags: Tags): Context =>
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [`${prefix}/${key}`, value]));

const accountOf = ({ arn }: Caller): string => arn.split(':')[4] ?? '';

function globalKeys(call: ApiCall, caller: Caller): Context {
  const now = new Date();
  return {
    'aws:RequestedRegion': call.region,
    'aws:PrincipalArn': caller.identity?.arn ?? caller.arn,
    'aws:PrincipalAccount': accountOf(caller),
    'aws:PrincipalType': caller.session === undefined ? 'User' : 'AssumedRole',
    'aws:ResourceAccount': call.accountId,
    'aws:userid': caller.userId,
    'aws:SourceIp': '127.0.0.1',
    // Loopback stands for TLS.
    'aws:SecureTransport': 'true',
    'aws:ViaAWSService': 'false',
    'aws:CurrentTime': now.toISOString(),
    'aws:EpochTime': String(Math.floor(now.getTime() / 1000)),
    ...prefixed('aws:PrincipalTag', caller.identity?.tags ?? {}),
  };
}

/** Tags of what exists; a resource that is being made has none. */
async function tagsOf({ arn, id, isNew }: Resource, call: ApiCall, inventory: Inventory): Promise<Tags> {
  if (isNew || arn === '*') return {};
  if (id !== undefined) return id.endsWith(`-${NEW_ID}`) ? {} : inventory.ec2Tags(id, call);
  const group = /:autoScalingGroupName\/(.+)$/.exec(arn)?.[1];
  if (group !== undefined) return inventory.groupTags(group, call);
  return arn.startsWith('arn:aws:s3:::') ? {} : inventory.tagsOf(arn, call.region);
}

/** `aws:ResourceTag/…` has a name of the service's own as well. */
function resourceTagKeys(prefix: string, tags: Tags): Context {
  return { ...prefixed('aws:ResourceTag', tags), ...prefixed(`${prefix}:ResourceTag`, tags) };
}

async function iamKeys({ call }: Need, resource: Resource, { account }: Sources): Promise<Context> {
  const { PermissionsBoundary, PolicyArn, AWSServiceName } = call.parameters;
  // Of a role that is made it is the request's, of one that exists its own.
  const exists = resource.type === 'role' && call.operation !== 'CreateRole';
  const role = exists ? await account.role(resource.arn.split('/').at(-1) ?? '') : undefined;
  const boundary = typeof PermissionsBoundary === 'string' ? PermissionsBoundary : role?.boundaryArn;
  return {
    ...(boundary !== undefined && { 'iam:PermissionsBoundary': boundary }),
    ...(typeof PolicyArn === 'string' && { 'iam:PolicyARN': PolicyArn }),
    ...(typeof AWSServiceName === 'string' && { 'iam:AWSServiceName': AWSServiceName }),
  };
}

async function ec2Keys({ call }: Need, { type, id }: Resource, { inventory }: Sources): Promise<Context> {
  const inVpc = type === 'subnet' || type === 'security-group';
  const given = call.parameters.VpcId;
  const vpc =
    inVpc && id !== undefined ? await inventory.vpcOf(id) : typeof given === 'string' ? given : undefined;
  const arn = `arn:aws:ec2:${call.region}:${call.accountId}:vpc/${vpc}`;
  return {
    'ec2:Region': call.region,
    ...(vpc !== undefined && type !== 'vpc' && { 'ec2:Vpc': arn }),
    ...(type === 'vpc' && id !== undefined && { 'ec2:VpcID': id }),
    ...(type === 'subnet' && id !== undefined && { 'ec2:SubnetID': id }),
  };
}

const xml = new XMLParser({ isArray: (name) => name === 'Change', parseTagValue: false });

/** Service Authorization Reference, "Condition keys for Amazon Route 53". */
function route53Keys({ call }: Need): Context {
  if (call.operation !== 'ChangeResourceRecordSets') return {};
  interface Change {
    Action?: string;
    ResourceRecordSet?: { Name?: string; Type?: string };
  }
  const parsed = xml.parse(call.rest?.body ?? '') as {
    ChangeResourceRecordSetsRequest?: { ChangeBatch?: { Changes?: { Change?: Change[] } } };
  };
  const changes = parsed.ChangeResourceRecordSetsRequest?.ChangeBatch?.Changes?.Change ?? [];
  const key = (name: string): string => `route53:ChangeResourceRecordSets${name}`;
  const name = (record?: Change['ResourceRecordSet']): string =>
    (record?.Name ?? '').toLowerCase().replace(/\.$/, '');
  return {
    [key('RecordTypes')]: changes.map(({ ResourceRecordSet }) => ResourceRecordSet?.Type ?? ''),
    [key('Actions')]: changes.map(({ Action }) => Action ?? ''),
    [key('NormalizedRecordNames')]: changes.map(({ ResourceRecordSet }) => name(ResourceRecordSet)),
  };
}

async function dynamodbKeys({ call }: Need, { arn }: Resource, { inventory }: Sources): Promise<Context> {
  const table = /:table\/([^/]+)$/.exec(arn)?.[1];
  const key = table === undefined ? undefined : await inventory.partitionKey(table, call.region);
  const keys = table === undefined || key === undefined ? [] : leadingKeys(call.parameters, table, key);
  return keys.length > 0 ? { 'dynamodb:LeadingKeys': keys } : {};
}

function otherKeys({ call }: Need): Context {
  const { parameters, service, rest } = call;
  const text = (key: string, value: unknown): Context => (typeof value === 'string' ? { [key]: value } : {});
  switch (service) {
    case 's3':
      return {
        ...text('s3:prefix', rest?.query.get('prefix') ?? undefined),
        ...text('s3:delimiter', rest?.query.get('delimiter') ?? undefined),
        ...text('s3:VersionId', rest?.query.get('versionId') ?? undefined),
      };
    case 'sns':
      return { ...text('sns:Protocol', parameters.Protocol), ...text('sns:Endpoint', parameters.Endpoint) };
    case 'rds':
      return prefixed('rds:req-tag', requestTags(call));
    case 'ssm':
      return typeof parameters.Recursive === 'boolean'
        ? { 'ssm:Recursive': String(parameters.Recursive) }
        : {};
    default:
      return {};
  }
}

/**
 * The condition keys for one resource of a need.
 * @param askedFor what else is left out: looking it up takes time
 */
export async function contextOf(
  need: Need,
  resource: Resource,
  { caller, sources, askedFor }: { caller: Caller; sources: Sources; askedFor: AskedFor },
): Promise<Context> {
  const { call, action, context = {} } = need;
  const prefix = action.split(':')[0] ?? '';
  const type = prefix === 'ec2' ? resource.type : undefined;
  const tags = askedFor.tags ? await tagsOf(resource, call, sources.inventory) : {};
  const keys = tagKeys(call, type);
  return {
    ...globalKeys(call, caller),
    ...prefixed('aws:RequestTag', requestTags(call, type)),
    ...(keys.length > 0 && { 'aws:TagKeys': keys }),
    ...resourceTagKeys(prefix, tags),
    ...(prefix === 'iam' ? await iamKeys(need, resource, sources) : {}),
    ...(prefix === 'ec2' ? await ec2Keys(need, resource, sources) : {}),
    ...(prefix === 'dynamodb' && askedFor.items ? await dynamodbKeys(need, resource, sources) : {}),
    ...(prefix === 'route53' ? route53Keys(need) : {}),
    ...otherKeys(need),
    ...context,
  };
}
