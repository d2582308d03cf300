/** The tags that a call gives to what it makes or changes. */
import type { ApiCall } from '../gateway/index.ts';
import type { Tags } from './inventory.ts';

function pairs(value: unknown): Tags {
  if (!Array.isArray(value)) return {};
  return Object.fromEntries(
    value.flatMap((tag: unknown) => {
      const { Key, Value, key, value: text } = tag as Record<string, unknown>;
      const name = Key ?? key;
      const given = Value ?? text;
      return typeof name === 'string' ? [[name, typeof given === 'string' ? given : ''] as const] : [];
    }),
  );
}

const isMap = (value: unknown): value is Record<string, string> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * By the ways in which AWS's services take tags.
 * @param type of EC2, the resource type whose tags are asked for: a call may give several their own
 */
export function requestTags({ parameters, service, operation }: ApiCall, type?: string): Tags {
  if (service === 'ec2' && operation !== 'CreateTags' && operation !== 'DeleteTags') {
    const specifications = (parameters.TagSpecification ?? []) as { ResourceType?: string; Tag?: unknown }[];
    const of = Array.isArray(specifications) ? specifications : [];
    return Object.assign(
      {},
      ...of
        .filter(({ ResourceType }) => type === undefined || ResourceType === type)
        .map(({ Tag }) => pairs(Tag)),
    ) as Tags;
  }
  const given = parameters.Tags ?? parameters.Tag ?? parameters.tags ?? parameters.TagList;
  return isMap(given) ? given : pairs(given);
}

/** The keys of tags that a call gives or takes away. */
export function tagKeys(call: ApiCall, type?: string): string[] {
  const removed = call.parameters.TagKeys ?? call.parameters.tagKeys;
  const list = Array.isArray(removed) ? removed.map(String) : [];
  return [...new Set([...Object.keys(requestTags(call, type)), ...list])];
}

/** The permission to tag what is being made, which services ask for beside that of making it. */
const TAGGING: Record<string, string | Record<string, string>> = {
  acm: { RequestCertificate: 'AddTagsToCertificate' },
  autoscaling: { CreateAutoScalingGroup: 'CreateOrUpdateTags' },
  cloudwatch: { PutMetricAlarm: 'TagResource' },
  dynamodb: { CreateTable: 'TagResource' },
  ec2: 'CreateTags',
  ecr: { CreateRepository: 'TagResource' },
  elasticloadbalancing: 'AddTags',
  iam: {
    CreateInstanceProfile: 'TagInstanceProfile',
    CreateOpenIDConnectProvider: 'TagOpenIDConnectProvider',
    CreatePolicy: 'TagPolicy',
    CreateRole: 'TagRole',
    CreateUser: 'TagUser',
  },
  logs: { CreateLogGroup: 'TagResource' },
  rds: 'AddTagsToResource',
  sns: { CreateTopic: 'TagResource' },
  ssm: { PutParameter: 'AddTagsToResource' },
};

/** The action that a call with tags needs besides its own; undefined where there is none. */
export function taggingAction(prefix: string, call: ApiCall): string | undefined {
  const { operation } = call;
  if (/Tags?(ToResource|ToCertificate)?$|^(Tag|Untag)/.test(operation) || tagKeys(call).length === 0)
    return undefined;
  const known = TAGGING[prefix];
  const name = typeof known === 'string' ? known : known?.[operation];
  return name === undefined ? undefined : `${prefix}:${name}`;
}
