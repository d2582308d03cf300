/** What each service says to a request that its model does not allow, and with which status its errors go. */
import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ApiCall } from '../../../local-cloud/gateway/index.ts';
import { createModels, readModel, shapeOf } from '../../../local-cloud/model/index.ts';
import { models } from '../helpers/service-model.ts';

type Format = 'query' | 'ec2' | 'json' | 'cbor';
type Row = [service: string, format: Format, operation: string, parameters: object, refusal: string];

const made = models === undefined ? undefined : createModels(models);
const suite = made === undefined ? describe.skip : describe;
const base = { region: 'eu-north-1', accountId: '123456789012', requestId: 'r' };

function refusal([service, format, operation, parameters]: Row): string {
  const call: ApiCall = { ...base, service, operation, parameters: { ...parameters } };
  try {
    made?.validate(call, format);
    return '';
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code}: ${message}`;
  }
}

const one = '1 validation error detected: Value';
const fails = 'failed to satisfy constraint: Member must';
const group = { AutoScalingGroupName: 'g' };
const repository = '[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(\\/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*';

const rows: Row[] = [
  [
    'autoscaling',
    'query',
    'SetDesiredCapacity',
    group,
    `ValidationError: ${one} null at 'desiredCapacity' ${fails} not be null`,
  ],
  [
    ...(['autoscaling', 'query', 'DeletePolicy', { PolicyName: '' }] as const),
    `ValidationError: ${one} '' at 'policyName' ${fails} have length greater than or equal to 1`,
  ],
  [
    ...([
      'autoscaling',
      'query',
      'AttachLoadBalancerTargetGroups',
      { ...group, TargetGroupARNs: ['', 'b'] },
    ] as const),
    `ValidationError: ${one} '[, b]' at 'targetGroupARNs' ${fails} satisfy constraint: ` +
      '[Member must have length less than or equal to 511, Member must have length greater than or equal to 1, ' +
      'Member must satisfy regular expression pattern: ' +
      '[\\u0020-\\uD7FF\\uE000-\\uFFFD\\uD800\\uDC00-\\uDBFF\\uDFFF\\r\\n\\t]*]',
  ],
  [
    ...(['autoscaling', 'query', 'DeleteTags', { Tags: [{ Key: 'a' }, { Value: 'b' }] }] as const),
    `ValidationError: ${one} null at 'tags.2.member.key' ${fails} not be null`,
  ],
  [
    ...([
      'autoscaling',
      'query',
      'StartInstanceRefresh',
      { ...group, Preferences: { BakeTime: 'x' } },
    ] as const),
    "MalformedInput: The value of BakeTime can't be read as Integer.",
  ],
  [
    ...([
      'autoscaling',
      'query',
      'DescribeScheduledActions',
      { StartTime: 'yesterday', EndTime: '2026-11-27T10:00:00Z' },
    ] as const),
    'MalformedInput: timestamp must follow ISO8601',
  ],
  [
    ...([
      'elasticloadbalancing',
      'query',
      'CreateTargetGroup',
      { Name: 'a', Protocol: 'FTP', Port: '0' },
    ] as const),
    "ValidationError: 2 validation errors detected: Value 'FTP' at 'protocol' failed to satisfy constraint: Member " +
      'must satisfy enum value set: [HTTP, HTTPS, TCP, TLS, UDP, TCP_UDP, GENEVE, QUIC, TCP_QUIC]; ' +
      `Value '0' at 'port' ${fails} have value greater than or equal to 1`,
  ],
  [
    ...(['iam', 'query', 'GetRole', { RoleName: 'a b' }] as const),
    `ValidationError: ${one} 'a b' at 'roleName' ${fails} satisfy regular expression pattern: [\\w+=,.@-]+`,
  ],
  [
    ...([
      'sts',
      'query',
      'AssumeRoleWithWebIdentity',
      { RoleArn: 'arn:aws:iam::1:role/x', RoleSessionName: 'session', WebIdentityToken: 'e' },
    ] as const),
    // A token is never shown.
    `ValidationError: ${one} at 'webIdentityToken' ${fails} have length greater than or equal to 4`,
  ],
  [
    ...(['rds', 'query', 'DeleteDBInstance', {}] as const),
    'InvalidParameterValue: The parameter DBInstanceIdentifier must be provided and must not be blank.',
  ],
  [
    ...(['sns', 'query', 'DeleteTopic', {}] as const),
    'InvalidParameter: Invalid parameter: TopicArn Reason: no value for required parameter',
  ],
  [
    'ec2',
    'ec2',
    'GetConsoleOutput',
    {},
    'MissingParameter: The request must contain the parameter InstanceId',
  ],
  ['ec2', 'ec2', 'DescribeVpcs', { Vpc: 'x' }, 'UnknownParameter: The parameter Vpc is not recognized'],
  [
    ...(['ecr', 'json', 'CreateRepository', { repositoryName: 'Not/Valid' }] as const),
    "InvalidParameterException: Invalid parameter at 'repositoryName' failed to satisfy constraint: " +
      `'must satisfy regular expression '${repository}''`,
  ],
  [
    'ecr',
    'json',
    'DescribeImages',
    { repositoryName: 7 },
    'SerializationException: NUMBER_VALUE cannot be converted to String',
  ],
  [
    ...(['ssm', 'json', 'PutParameter', { Name: 'a', Value: 'x', Type: 'Secret' }] as const),
    `ValidationException: ${one} 'Secret' at 'type' ${fails} satisfy enum value set: [String, StringList, SecureString]`,
  ],
  [
    ...(['dynamodb', 'json', 'UpdateTable', { TableName: 'a', BillingMode: 'FREE' }] as const),
    `ValidationException: ${one} 'FREE' at 'billingMode' ${fails} satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]`,
  ],
  [
    ...(['logs', 'json', 'CreateLogGroup', { logGroupName: '' }] as const),
    `InvalidParameterException: 2 validation errors detected: Value '' at 'logGroupName' ${fails} have length ` +
      `greater than or equal to 1; Value '' at 'logGroupName' ${fails} satisfy regular expression pattern: ` +
      '[\\.\\-_/#A-Za-z0-9]+',
  ],
];

suite('a request that the model does not allow', () => {
  it.each(rows)('%s %s %s %j', (...row) => {
    expect(refusal(row)).toBe(row[4]);
  });
});

suite('a request that is taken', () => {
  it.each<[string, Format, string, object]>([
    ['autoscaling', 'query', 'DescribeAutoScalingGroups', { AutoScalingGroupNames: '', NextToken: 'é' }],
    ['autoscaling', 'query', 'DescribeAutoScalingGroups', { Unheard: 'of' }],
    ['autoscaling', 'query', 'CreateOrUpdateTags', { Tags: [{ Key: '😀'.repeat(128), Value: '' }] }],
    ['rds', 'query', 'AddTagsToResource', { ResourceName: 'a', Tags: { Tag: [{ Key: 'a' }] } }],
    ['rds', 'query', 'AddTagsToResource', { ResourceName: 'a', Tags: [{ Key: 'a' }] }],
    ['ec2', 'ec2', 'DescribeInstances', { InstanceId: ['i-1'], Filter: [{ Name: 'a', Value: ['b'] }] }],
    // What EC2's model says of values is looser than EC2.
    ['ec2', 'ec2', 'RunInstances', { MinCount: '1', MaxCount: '1', InstanceType: 'x9.new' }],
    ['monitoring', 'cbor', 'PutMetricAlarm', {}],
    ['s3', 'query', 'PutObject', {}],
    ['autoscaling', 'query', 'NotOfTheModel', { a: 'b' }],
    ['ecr', 'json', 'DescribeRepositories', { repositoryNames: null, unheard: 'of' }],
  ])('%s %s %s %j', (...row) => {
    expect(refusal([...row, ''])).toBe('');
  });
});

suite('the status of an error', () => {
  it.each([
    ['autoscaling', 'SetDesiredCapacity', 'ResourceContention', 500],
    ['autoscaling', 'DeleteAutoScalingGroup', 'ResourceInUse', 400],
    ['autoscaling', 'CreateAutoScalingGroup', 'ServiceLinkedRoleFailure', 500],
    ['ecr', 'PutImage', 'ServerException', 500],
    ['ecr', 'PutImage', 'ImageAlreadyExistsException', 400],
    ['iam', 'GetRole', 'NoSuchEntity', 404],
    ['iam', 'CreateRole', 'EntityAlreadyExists', 409],
    ['autoscaling', 'SetDesiredCapacity', 'ValidationError', undefined],
    ['s3', 'GetObject', 'NoSuchKey', undefined],
  ])('%s %s %s', (service, operation, code, status) => {
    expect(made?.statusOf({ service, operation }, code)).toBe(status);
  });
});

/** Codes of our own services that no model names, each with where AWS documents it. */
const COMMON: Record<string, readonly string[]> = {
  // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/CommonErrors.html
  autoscaling: ['ValidationError'],
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/CommonErrors.html
  elbv2: ['ValidationError'],
  // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
  ec2: [
    'InvalidInstanceID.Malformed',
    'InvalidInstanceID.NotFound',
    'InvalidNextToken',
    'InvalidParameterCombination',
    'InvalidParameterValue',
    'MissingParameter',
    'UnsupportedOperation',
  ],
  ecr: [],
};

/** The codes in a folder of the local cloud, whatever they are thrown for. */
function codesIn(room: string): string[] {
  const folder = fileURLToPath(new URL(`../../../local-cloud/${room}`, import.meta.url));
  const sources = readdirSync(folder).filter((name) => name.endsWith('.ts'));
  const text = sources.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
  const codes = [...text.matchAll(/ApiError\(\s*'([\w.]+)'/g)].map(([, code = '']) => code);
  return [...new Set(codes)].sort();
}

suite('every error of our own services', () => {
  it.each([
    ['autoscaling', 'fleet/api'],
    ['elbv2', 'load-balancer'],
    ['ec2', 'instance'],
    ['ecr', 'registry'],
  ])('of %s is one that AWS has', (service, room) => {
    const model = readModel(models ?? '', service);
    const named = Object.values(model.operations)
      .flatMap(({ errors }) => errors ?? [])
      .map(({ shape }) => shapeOf(model, shape).error?.code ?? shape);
    const codes = codesIn(room);
    expect(codes.length).toBeGreaterThan(1);
    expect(codes.filter((code) => !named.includes(code) && COMMON[service]?.includes(code) !== true)).toEqual(
      [],
    );
  });
});
