/**
 * A very small AWS on loopback for the tests of the phases: enough of S3 (path style), DynamoDB, ECR and SSM to see what
 * is sent on the wire, to answer with AWS's own errors, and to hold a Terraform state with its locks.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeError {
  status: number;
  code: string;
  message?: string;
  headers?: Record<string, string>;
}

export interface FakeBucket {
  region: string;
  /** What was put under ?versioning, ?policy…, as it was sent. */
  settings: Record<string, string>;
  objects: Map<string, Buffer>;
}

type Item = Record<string, unknown>;

export interface FakeTable {
  TableName: string;
  TableArn: string;
  TableStatus: string;
  KeySchema: { AttributeName: string; KeyType: string }[];
  AttributeDefinitions: { AttributeName: string; AttributeType: string }[];
  DeletionProtectionEnabled?: boolean;
  BillingMode?: string;
  tags: { Key: string; Value: string }[];
  recovery: boolean;
  items: Map<string, Item>;
}

export interface FakeImage {
  imageDigest: string;
  imageTags: string[];
  /** Seconds since 1970, as ECR's JSON has it. */
  imagePushedAt: number;
  labels?: Record<string, string>;
}

export interface FakeAws {
  endpoint: string;
  buckets: Map<string, FakeBucket>;
  tables: Map<string, FakeTable>;
  repositories: Map<string, { uri: string; images: FakeImage[] }>;
  /** Names in Parameter Store. */
  parameters: string[];
  /** "PUT /bucket?policy", "DynamoDB.CreateTable": in the order in which they came. */
  calls: string[];
  /** Headers of each call, by its place in `calls`. */
  headers: IncomingMessage['headers'][];
  /** The next calls of that name answer with these errors, one each. */
  failNext(call: string, ...errors: FakeError[]): void;
  close(): Promise<void>;
}

const absent: Record<string, string> = {
  encryption: 'ServerSideEncryptionConfigurationNotFoundError',
  publicAccessBlock: 'NoSuchPublicAccessBlockConfiguration',
  policy: 'NoSuchBucketPolicy',
  lifecycle: 'NoSuchLifecycleConfiguration',
  tagging: 'NoSuchTagSet',
};

class AwsError extends Error {
  readonly error: FakeError;
  constructor(error: FakeError) {
    super(error.code);
    this.error = error;
  }
}

const fail = (status: number, code: string, message = code): never => {
  throw new AwsError({ status, code, message });
};

/** Takes the chunk headers and trailers of `aws-chunked` out of a body. */
function decodeChunks(request: IncomingMessage, body: Buffer): Buffer {
  if (request.headers['x-amz-decoded-content-length'] === undefined) return body;
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    const end = body.indexOf('\r\n', at);
    const size = parseInt(body.subarray(at, end).toString(), 16);
    if (!(size > 0)) break;
    pieces.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return Buffer.concat(pieces);
}

interface Reply {
  status: number;
  body?: Buffer | string;
  headers?: Record<string, string>;
}

export async function startFakeAws(): Promise<FakeAws> {
  const faults = new Map<string, FakeError[]>();
  const state: Omit<FakeAws, 'endpoint'> = {
    buckets: new Map(),
    tables: new Map(),
    repositories: new Map(),
    parameters: [],
    calls: [],
    headers: [],
    failNext: (call, ...errors) => void faults.set(call, [...(faults.get(call) ?? []), ...errors]),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const record = (name: string, request: IncomingMessage) => {
    state.calls.push(name);
    state.headers.push(request.headers);
    const error = faults.get(name)?.shift();
    if (error) throw new AwsError(error);
  };
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const target = request.headers['x-amz-target'];
      const body = decodeChunks(request, Buffer.concat(pieces));
      if (typeof target === 'string') answerJson(target, body, { state, record, request, response });
      else if (body.toString().includes('Action=GetCallerIdentity')) response.end(callerIdentity);
      else answerS3(body, { state, record, request, response });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, { endpoint: `http://127.0.0.1:${port}` });
}

const callerIdentity = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::123456789012:user/test</Arn><UserId>AIDATEST</UserId><Account>123456789012</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>`;

interface Exchange {
  state: Omit<FakeAws, 'endpoint'>;
  record: (name: string, request: IncomingMessage) => void;
  request: IncomingMessage;
  response: ServerResponse;
}

function answerS3(body: Buffer, { state, record, request, response }: Exchange): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const [, bucket = '', ...rest] = decodeURIComponent(url.pathname).split('/');
  const setting = [...url.searchParams.keys()].find((key) => key !== 'x-id' && key !== 'list-type') ?? '';
  const method = request.method ?? 'GET';
  const key = rest.join('/');
  try {
    record(
      `${method} /${bucket}${key === '' ? '' : '/…'}${key === '' && setting !== '' ? `?${setting}` : ''}`,
      request,
    );
    const reply =
      key === ''
        ? bucketReply(state, { method, bucket, setting, body, url })
        : objectReply(state, {
            method,
            bucket,
            key,
            body,
            onlyNew: request.headers['if-none-match'] === '*',
          });
    response.writeHead(reply.status, reply.headers).end(method === 'HEAD' ? undefined : reply.body);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const { status, code, message, headers } = error.error;
    response
      .writeHead(status, { 'content-type': 'application/xml', ...headers })
      .end(
        method === 'HEAD'
          ? undefined
          : `<Error><Code>${code}</Code><Message>${message ?? code}</Message></Error>`,
      );
  }
}

function bucketReply(
  { buckets }: Omit<FakeAws, 'endpoint'>,
  {
    method,
    bucket,
    setting,
    body,
    url,
  }: { method: string; bucket: string; setting: string; body: Buffer; url: URL },
): Reply {
  if (method === 'PUT' && setting === '') {
    if (buckets.has(bucket)) fail(409, 'BucketAlreadyOwnedByYou');
    const region = /<LocationConstraint>(.*)<\/LocationConstraint>/.exec(body.toString())?.[1] ?? 'us-east-1';
    const [tags] = /<Tags>.*<\/Tags>/s.exec(body.toString()) ?? [];
    const tagging = tags?.replaceAll('Tags>', 'TagSet>');
    const settings: Record<string, string> =
      tagging === undefined ? {} : { tagging: `<Tagging>${tagging}</Tagging>` };
    buckets.set(bucket, { region, settings, objects: new Map() });
    return { status: 200 };
  }
  const found = buckets.get(bucket) ?? fail(404, 'NoSuchBucket');
  if (method === 'HEAD') return { status: 200, headers: { 'x-amz-bucket-region': found.region } };
  if (method === 'PUT') {
    found.settings[setting] = body.toString();
    return { status: 200 };
  }
  if (url.searchParams.has('versions')) {
    const versions = [...found.objects.keys()].map(
      (name) => `<Version><Key>${name}</Key><VersionId>null</VersionId></Version>`,
    );
    const kept = found.settings.versions ?? versions.join('');
    return { status: 200, body: `<ListVersionsResult>${kept}</ListVersionsResult>` };
  }
  if (setting === 'prefix' || url.searchParams.has('list-type')) {
    const keys = [...found.objects.keys()].map((name) => `<Contents><Key>${name}</Key></Contents>`);
    return {
      status: 200,
      body: `<ListBucketResult><IsTruncated>false</IsTruncated>${keys.join('')}</ListBucketResult>`,
    };
  }
  const text = found.settings[setting];
  if (text === undefined && setting in absent) fail(404, absent[setting] ?? '');
  return { status: 200, body: text ?? '<VersioningConfiguration/>' };
}

function objectReply(
  { buckets }: Omit<FakeAws, 'endpoint'>,
  {
    method,
    bucket,
    key,
    body,
    onlyNew,
  }: { method: string; bucket: string; key: string; body: Buffer; onlyNew: boolean },
): Reply {
  const { objects } = buckets.get(bucket) ?? fail(404, 'NoSuchBucket');
  if (method === 'PUT') {
    if (onlyNew && objects.has(key))
      fail(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');
    objects.set(key, body);
    return { status: 200, headers: { etag: '"1"' } };
  }
  if (method === 'DELETE') {
    objects.delete(key);
    return { status: 204 };
  }
  const found = objects.get(key) ?? fail(404, method === 'HEAD' ? 'NotFound' : 'NoSuchKey');
  return { status: 200, body: found, headers: { etag: '"1"', 'content-length': String(found.length) } };
}

function answerJson(target: string, body: Buffer, { state, record, request, response }: Exchange): void {
  const operation = target.split('.').at(-1) ?? '';
  const service = target.startsWith('DynamoDB') ? 'DynamoDB' : target.startsWith('AmazonSSM') ? 'SSM' : 'ECR';
  try {
    record(`${service}.${operation}`, request);
    const input = JSON.parse(body.toString()) as Item;
    const result = { DynamoDB: dynamo, SSM: ssm, ECR: ecr }[service](state, operation, input);
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(result));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const { status, code, message } = error.error;
    response
      .writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
      .end(JSON.stringify({ __type: code, message: message ?? code }));
  }
}

/** Of the conditions, `contains(Info, :id)`. */
function isMet({ ConditionExpression, ExpressionAttributeValues }: Item, item: Item | undefined): boolean {
  if (ConditionExpression !== 'contains(Info, :id)') return true;
  const { S: id = '' } = (ExpressionAttributeValues as Record<string, { S?: string }>)[':id'] ?? {};
  return ((item?.Info as { S?: string } | undefined)?.S ?? '').includes(id);
}

function dynamo({ tables }: Omit<FakeAws, 'endpoint'>, operation: string, input: Item): unknown {
  const arn = typeof input.ResourceArn === 'string' ? input.ResourceArn : '';
  const name = typeof input.TableName === 'string' ? input.TableName : (arn.split('/')[1] ?? '');
  if (operation === 'CreateTable') {
    if (tables.has(name)) fail(400, 'ResourceInUseException', `Table already exists: ${name}`);
    const table: FakeTable = {
      ...(input as unknown as FakeTable),
      TableArn: `arn:aws:dynamodb:eu-north-1:123456789012:table/${name}`,
      TableStatus: 'ACTIVE',
      tags: input.Tags as FakeTable['tags'],
      recovery: false,
      items: new Map(),
    };
    tables.set(name, table);
    return { TableDescription: { ...table, TableStatus: 'CREATING' } };
  }
  const table = tables.get(name) ?? fail(400, 'ResourceNotFoundException', 'Requested resource not found');
  const idOf = (item: unknown) => (item as { LockID: { S: string } }).LockID.S;
  switch (operation) {
    case 'DescribeTable':
      return { Table: table };
    case 'DescribeContinuousBackups':
      return {
        ContinuousBackupsDescription: {
          ContinuousBackupsStatus: 'ENABLED',
          PointInTimeRecoveryDescription: {
            PointInTimeRecoveryStatus: table.recovery ? 'ENABLED' : 'DISABLED',
          },
        },
      };
    case 'UpdateContinuousBackups':
      table.recovery = true;
      return {};
    case 'ListTagsOfResource':
      return { Tags: table.tags };
    case 'TagResource': {
      const added = input.Tags as FakeTable['tags'];
      table.tags = [...table.tags.filter(({ Key }) => !added.some((tag) => tag.Key === Key)), ...added];
      return {};
    }
    case 'PutItem':
      if (input.ConditionExpression !== undefined && table.items.has(idOf(input.Item)))
        fail(400, 'ConditionalCheckFailedException', 'The conditional request failed');
      table.items.set(idOf(input.Item), input.Item as Item);
      return {};
    case 'GetItem':
      return { Item: table.items.get(idOf(input.Key)) };
    case 'DeleteItem':
      if (!isMet(input, table.items.get(idOf(input.Key))))
        fail(400, 'ConditionalCheckFailedException', 'The conditional request failed');
      table.items.delete(idOf(input.Key));
      return {};
    default:
      return fail(400, 'UnknownOperationException');
  }
}

function ecr({ repositories }: Omit<FakeAws, 'endpoint'>, operation: string, input: Item): unknown {
  if (operation === 'GetAuthorizationToken') {
    const authorizationToken = Buffer.from('AWS:a-secret-token').toString('base64');
    return { authorizationData: [{ authorizationToken }] };
  }
  const [wanted] = (input.repositoryNames as string[] | undefined) ?? [input.repositoryName as string];
  const repository = repositories.get(wanted ?? '') ?? fail(400, 'RepositoryNotFoundException');
  if (operation === 'DescribeRepositories')
    return { repositories: [{ repositoryName: wanted, repositoryUri: repository.uri }] };
  if (operation === 'GetDownloadUrlForLayer') {
    const configuration = Buffer.from(String(input.layerDigest).replace('labels:', ''), 'base64').toString();
    return { downloadUrl: `data:application/json,${encodeURIComponent(configuration)}` };
  }
  if (operation === 'BatchGetImage') {
    const [{ imageDigest }] = input.imageIds as [{ imageDigest: string }];
    const labels = repository.images.find((image) => image.imageDigest === imageDigest)?.labels ?? {};
    const text = JSON.stringify({ os: 'linux', architecture: 'amd64', config: { Labels: labels } });
    const digest = `labels:${Buffer.from(text).toString('base64')}`;
    return { images: [{ imageManifest: JSON.stringify({ config: { digest } }) }] };
  }
  if (operation !== 'DescribeImages') return fail(400, 'UnknownOperationException');
  const ids = input.imageIds as { imageTag?: string; imageDigest?: string }[] | undefined;
  if (!ids) return { imageDetails: repository.images };
  const [id] = ids;
  const image = repository.images.find(
    ({ imageDigest, imageTags }) => imageDigest === id?.imageDigest || imageTags.includes(id?.imageTag ?? ''),
  );
  return { imageDetails: [image ?? fail(400, 'ImageNotFoundException')] };
}

/** Three names a page. */
function ssm({ parameters }: Omit<FakeAws, 'endpoint'>, operation: string, input: Item): unknown {
  if (operation !== 'DescribeParameters') return fail(400, 'UnknownOperationException');
  const [filter] = input.ParameterFilters as { Key: string; Option: string; Values: [string] }[];
  if (filter?.Key !== 'Path' || filter.Option !== 'Recursive') return fail(400, 'InvalidFilterKey');
  const found = parameters.filter((name) => name.startsWith(`${filter.Values[0]}/`));
  const from = Number(input.NextToken ?? 0);
  return {
    Parameters: found.slice(from, from + 3).map((Name) => ({ Name })),
    ...(found.length > from + 3 && { NextToken: String(from + 3) }),
  };
}
