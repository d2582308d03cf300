/** Every permission that a call needs: its own action, and those that AWS asks for on its way. */
import type { ResponseLaunchTemplateData } from '@aws-sdk/client-ec2';
import type { ApiCall } from '../gateway/index.ts';
import type { Account } from './account.ts';
import { actionOf, prefixOf } from './actions.ts';
import type { Inventory } from './inventory.ts';
import { NEW_EC2_IDS, NEW_ID, textsIn } from './resources.ts';
import { taggingAction } from './tags.ts';

/** An action, and the call that says which resources and tags it is about. */
export interface Need {
  action: string;
  call: ApiCall;
  /** Condition keys of this need alone. */
  context?: Record<string, string>;
}

interface Sources {
  account: Account;
  inventory: Inventory;
}

/** How a call names a launch template. */
export interface TemplateName {
  LaunchTemplateId?: string;
  LaunchTemplateName?: string;
  Version?: string;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Where calls of Auto Scaling have the template that instances are to be launched from. */
export function templatesIn({ parameters }: ApiCall): TemplateName[] {
  const { MixedInstancesPolicy, DesiredConfiguration } = parameters;
  const places = [parameters, MixedInstancesPolicy, DesiredConfiguration].filter(isObject);
  const desired = isObject(DesiredConfiguration)
    ? [DesiredConfiguration.MixedInstancesPolicy].filter(isObject)
    : [];
  return [...places, ...desired].flatMap(({ LaunchTemplate: template }) => {
    if (!isObject(template)) return [];
    const specification = template.LaunchTemplateSpecification ?? template;
    return isObject(specification) ? [specification] : [];
  });
}

/** What a template launches, and where. */
interface Launch {
  data: ResponseLaunchTemplateData;
  /** Ids of subnets. */
  subnets: string[];
}

/** Those that a call names, else those of its group. */
async function subnetsOf(call: ApiCall, inventory: Inventory): Promise<string[]> {
  const named = textsIn(call.parameters.VPCZoneIdentifier);
  const group = textsIn(call.parameters.AutoScalingGroupName)[0];
  const lists = named.length > 0 || group === undefined ? named : [await inventory.groupSubnets(group, call)];
  return lists.flatMap((list) => list.split(','));
}

/** The call of EC2 that Auto Scaling tries with the caller's permissions when a group gets a template. */
function runInstances(call: ApiCall, id: string, { data, subnets }: Launch): ApiCall {
  const { SecurityGroupIds = [], NetworkInterfaces = [], ImageId, TagSpecifications = [] } = data;
  const groups = [...SecurityGroupIds, ...NetworkInterfaces.flatMap(({ Groups }) => Groups ?? [])];
  return {
    ...call,
    ...{ service: 'ec2', operation: 'RunInstances' },
    parameters: {
      ids: [id, ImageId ?? '', ...groups, ...subnets.map((one) => one.trim())],
      TagSpecification: TagSpecifications.map(({ ResourceType, Tags }) => ({ ResourceType, Tag: Tags })),
    },
  };
}

function launchContext(id: string, data: ResponseLaunchTemplateData, call: ApiCall): Record<string, string> {
  const { InstanceType, MetadataOptions, IamInstanceProfile } = data;
  const profile =
    IamInstanceProfile?.Arn ?? `arn:aws:iam::${call.accountId}:instance-profile/${IamInstanceProfile?.Name}`;
  return {
    'ec2:LaunchTemplate': `arn:aws:ec2:${call.region}:${call.accountId}:launch-template/${id}`,
    'ec2:IsLaunchTemplateResource': 'true',
    ...(InstanceType !== undefined && { 'ec2:InstanceType': InstanceType }),
    ...(MetadataOptions?.HttpTokens !== undefined && {
      'ec2:MetadataHttpTokens': MetadataOptions.HttpTokens,
    }),
    ...(IamInstanceProfile !== undefined && { 'ec2:InstanceProfile': profile }),
  };
}

const passRole = (call: ApiCall, roleName: string, to: string): Need => ({
  action: 'iam:PassRole',
  call: { ...call, service: 'iam', operation: 'PassRole', parameters: { RoleName: roleName } },
  context: { 'iam:PassedToService': to },
});

/** User guide of Auto Scaling, "Launch template support": who makes a group must be able to run what it launches. */
async function launchNeeds(call: ApiCall, { account, inventory }: Sources): Promise<Need[]> {
  const needs = templatesIn(call).map(
    async ({ LaunchTemplateId, LaunchTemplateName = '', Version = '$Default' }) => {
      const [id] =
        LaunchTemplateId === undefined
          ? await inventory.idBehind(LaunchTemplateName, 'LaunchTemplateName')
          : [LaunchTemplateId];
      const data = id === undefined ? undefined : await inventory.templateData(id, Version);
      if (id === undefined || data === undefined) return [];
      const run = runInstances(call, id, { data, subnets: await subnetsOf(call, inventory) });
      const profile = data.IamInstanceProfile?.Name ?? data.IamInstanceProfile?.Arn;
      const role = profile === undefined ? undefined : await account.roleOfProfile(profile);
      const context = launchContext(id, data, call);
      const tagging = taggingAction('ec2', run);
      return [
        { action: 'ec2:RunInstances', call: run, context },
        ...(tagging === undefined
          ? []
          : [{ action: tagging, call: made(run), context: { 'ec2:CreateAction': 'RunInstances' } }]),
        ...(role === undefined ? [] : [passRole(call, role, 'ec2.amazonaws.com')]),
      ];
    },
  );
  return (await Promise.all(needs)).flat();
}

/** What a call makes, without what it names: the tags are given to that. */
function made(call: ApiCall): ApiCall {
  const { TagSpecification = [] } = call.parameters;
  const types = (Array.isArray(TagSpecification) ? TagSpecification : []) as { ResourceType?: string }[];
  const ids = types.map(({ ResourceType = '' }) => NEW_EC2_IDS[ResourceType] ?? '');
  return { ...call, parameters: { TagSpecification, ids } };
}

/** The ARN of what a call of Elastic Load Balancing makes. */
function madeByLoadBalancing({ operation, parameters, region, accountId }: ApiCall): string {
  const text = (name: string): string => textsIn(parameters[name])[0] ?? '';
  const arn = (rest: string): string =>
    `arn:aws:elasticloadbalancing:${region}:${accountId}:${rest}/${NEW_ID}`;
  switch (operation) {
    case 'CreateLoadBalancer':
      return arn(`loadbalancer/app/${text('Name')}`);
    case 'CreateListener':
      return `${text('LoadBalancerArn').replace(':loadbalancer/', ':listener/')}/${NEW_ID}`;
    case 'CreateRule':
      return `${text('ListenerArn').replace(':listener/', ':listener-rule/')}/${NEW_ID}`;
    default:
      return arn(`targetgroup/${text('Name')}`);
  }
}

/** The call that would tag what this one makes. */
function taggingCall(prefix: string, call: ApiCall): ApiCall {
  if (prefix === 'ec2') return made(call);
  if (prefix !== 'elasticloadbalancing') return call;
  const parameters = { ResourceArns: [madeByLoadBalancing(call)], Tags: call.parameters.Tags };
  return { ...call, operation: 'AddTags', parameters };
}

function taggingNeeds(prefix: string, call: ApiCall): Need[] {
  const action = taggingAction(prefix, call);
  if (action === undefined) return [];
  const context = { [`${prefix}:CreateAction`]: call.operation };
  return [{ action, call: taggingCall(prefix, call), context }];
}

/** The roles that services act with, and the calls that make them where an account has none yet. */
const SERVICE_LINKED: Record<string, { role: string; owner: string; operation: string }> = {
  autoscaling: {
    ...{ role: 'AWSServiceRoleForAutoScaling', owner: 'autoscaling.amazonaws.com' },
    operation: 'CreateAutoScalingGroup',
  },
  elasticloadbalancing: {
    ...{ role: 'AWSServiceRoleForElasticLoadBalancing', owner: 'elasticloadbalancing.amazonaws.com' },
    operation: 'CreateLoadBalancer',
  },
  rds: {
    ...{ role: 'AWSServiceRoleForRDS', owner: 'rds.amazonaws.com' },
    operation: 'CreateDBInstance',
  },
};

/** IAM user guide, "Service-linked roles": whoever makes the first of a service's resources makes its role. */
async function serviceRoleNeeds(call: ApiCall, { account }: Sources): Promise<Need[]> {
  const linked = Object.hasOwn(SERVICE_LINKED, call.service) ? SERVICE_LINKED[call.service] : undefined;
  if (linked?.operation !== call.operation || (await account.has(linked.role))) return [];
  const parameters = {
    RoleName: `aws-service-role/${linked.owner}/${linked.role}`,
    AWSServiceName: linked.owner,
  };
  const creating = { ...call, service: 'iam', operation: 'CreateServiceLinkedRole', parameters };
  return [{ action: 'iam:CreateServiceLinkedRole', call: creating }];
}

async function impliedNeeds(call: ApiCall, sources: Sources): Promise<Need[]> {
  const { service, operation, parameters } = call;
  if (service === 'autoscaling') return launchNeeds(call, sources);
  if (service === 'iam' && operation === 'AddRoleToInstanceProfile')
    return [passRole(call, String(parameters.RoleName), 'ec2.amazonaws.com')];
  if (service === 'rds') {
    const role = parameters.MonitoringRoleArn;
    const passed =
      typeof role === 'string' && role !== ''
        ? [passRole(call, role.split('/').at(-1) ?? '', 'monitoring.rds.amazonaws.com')]
        : [];
    const snapshot = operation === 'DeleteDBInstance' && parameters.FinalDBSnapshotIdentifier !== undefined;
    return [...passed, ...(snapshot ? [{ action: 'rds:CreateDBSnapshot', call }] : [])];
  }
  if (service === 's3' && operation === 'CopyObject') return [copied(call)];
  return [];
}

function copied(call: ApiCall): Need {
  const source =
    decodeURIComponent(String(call.rest?.headers['x-amz-copy-source'] ?? '')).split('?')[0] ?? '';
  const path = source.startsWith('/') ? source : `/${source}`;
  return { action: 's3:GetObject', call: { ...call, rest: call.rest && { ...call.rest, path } } };
}

/** Everything that must be allowed before a call is done, in the order in which AWS asks. */
export async function needsOf(call: ApiCall, sources: Sources): Promise<Need[]> {
  const action = actionOf(call);
  if (action === undefined) return [];
  return [
    { action, call },
    ...taggingNeeds(prefixOf(call.service), call),
    ...(await impliedNeeds(call, sources)),
    ...(await serviceRoleNeeds(call, sources)),
  ];
}
