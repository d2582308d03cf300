/** IAM policies as far as they answer: may this call be made? */
import type { RecordedCall } from './control.ts';

export interface Statement {
  Sid?: string;
  Effect: string;
  Action: string | string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

export interface Policy {
  Statement: Statement[];
}

export const listOf = (one: string | string[]): string[] => (typeof one === 'string' ? [one] : one);

export const statementsOf = (policies: Policy[]): Statement[] =>
  policies.flatMap(({ Statement }) => Statement);

/** Operations of S3 whose action has another name: Service Authorization Reference, "Actions defined by Amazon S3". */
const s3Actions: Record<string, string> = {
  HeadBucket: 'ListBucket',
  ListObjects: 'ListBucket',
  ListObjectsV2: 'ListBucket',
  HeadObject: 'GetObject',
  ListObjectVersions: 'ListBucketVersions',
  DeleteObjects: 'DeleteObject',
  GetBucketAccelerateConfiguration: 'GetAccelerateConfiguration',
  GetBucketCors: 'GetBucketCORS',
  GetBucketEncryption: 'GetEncryptionConfiguration',
  PutBucketEncryption: 'PutEncryptionConfiguration',
  DeleteBucketEncryption: 'PutEncryptionConfiguration',
  GetBucketLifecycleConfiguration: 'GetLifecycleConfiguration',
  PutBucketLifecycleConfiguration: 'PutLifecycleConfiguration',
  DeleteBucketLifecycleConfiguration: 'PutLifecycleConfiguration',
  GetPublicAccessBlock: 'GetBucketPublicAccessBlock',
  PutPublicAccessBlock: 'PutBucketPublicAccessBlock',
  DeletePublicAccessBlock: 'PutBucketPublicAccessBlock',
  GetBucketReplication: 'GetReplicationConfiguration',
  GetObjectLockConfiguration: 'GetBucketObjectLockConfiguration',
};

/** The IAM action that a call needs; undefined for what needs none. */
export function actionOf({ service, operation }: RecordedCall): string | undefined {
  // AWS STS: "No permissions are required to perform this operation."
  if (service === 'sts' && operation === 'GetCallerIdentity') return undefined;
  if (service === 's3') return `s3:${s3Actions[operation] ?? operation}`;
  return `${service === 'monitoring' ? 'cloudwatch' : service}:${operation}`;
}

const here = (service: string, rest: string): string => `arn:aws:${service}:eu-north-1:123456789012:${rest}`;

/** ARNs by the parameter that names the resource: Service Authorization Reference, "Resource types". */
const arns: Record<string, (name: string, service: string) => string | undefined> = {
  Path: (path) => `arn:aws:s3:::${path.slice(1).replace(/\/$/, '')}`,
  ListenerArn: (arn) => arn,
  TargetGroupArn: (arn) => arn,
  LoadBalancerArn: (arn) => arn,
  TopicArn: (arn) => arn,
  AutoScalingGroupName: (name) => here('autoscaling', `autoScalingGroup:0:autoScalingGroupName/${name}`),
  DBInstanceIdentifier: (name) => here('rds', `db:${name}`),
  DBParameterGroupName: (name) => here('rds', `pg:${name}`),
  DBSubnetGroupName: (name) => here('rds', `subgrp:${name}`),
  InstanceProfileName: (name) => `arn:aws:iam::123456789012:instance-profile/${name}`,
  RoleName: (name) => `arn:aws:iam::123456789012:role/${name}`,
  TableName: (name) => here('dynamodb', `table/${name}`),
  repositoryName: (name) => here('ecr', `repository/${name}`),
  logGroupName: (name) => here('logs', `log-group:${name}:*`),
  AlarmName: (name) => here('cloudwatch', `alarm:${name}`),
  DashboardName: (name) => `arn:aws:cloudwatch::123456789012:dashboard/${name}`,
  ResourceId: (id, service) => (id.startsWith('sg-') ? here(service, `security-group/${id}`) : undefined),
  Name(name, service) {
    if (service === 'sns') return here('sns', name);
    if (service !== 'ssm') return undefined;
    if (name.startsWith('arn:')) return name;
    return name.startsWith('/aws/')
      ? `arn:aws:ssm:eu-north-1::parameter${name}`
      : here('ssm', `parameter${name}`);
  },
};

/** The ARN of what a call is about; undefined where the record does not say. */
export function resourceOf({ service, subject = '' }: RecordedCall): string | undefined {
  const [parameter = '', ...name] = subject.split('=');
  return arns[parameter]?.(name.join('='), service);
}

/** IAM's wildcards: * is any text, ? any character. Actions are compared without regard to case. */
export function matches(pattern: string, text: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  // eslint-disable-next-line security/detect-non-literal-regexp -- a policy of our own, escaped
  return new RegExp(`^${expression}$`, 'i').test(text);
}

function allows(statement: Statement, action: string, resource: string | undefined): boolean {
  // CreateTags is allowed as a part of making something, which is another call than CreateTags.
  const partOfMaking = statement.Condition?.StringEquals?.['ec2:CreateAction'] !== undefined;
  return (
    statement.Effect === 'Allow' &&
    !partOfMaking &&
    listOf(statement.Action).some((one) => matches(one, action)) &&
    (resource === undefined || listOf(statement.Resource).some((one) => matches(one, resource)))
  );
}

/** "action on resource" of the calls that the policies do not allow; conditions are taken to hold. */
export function notAllowed(calls: RecordedCall[], policies: Policy[]): string[] {
  const refused = calls.flatMap((call) => {
    const action = actionOf(call);
    const resource = resourceOf(call);
    if (action === undefined || statementsOf(policies).some((one) => allows(one, action, resource)))
      return [];
    return [`${action} on ${resource ?? 'something'}`];
  });
  return [...new Set(refused)].sort();
}

/** What the policies allow and none of the actions is. */
export function notNeeded(actions: string[], policies: Policy[]): string[] {
  const patterns = statementsOf(policies).flatMap(({ Action }) => listOf(Action));
  return [...new Set(patterns)].filter((one) => !actions.some((action) => matches(one, action))).sort();
}
