import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  BatchGetImageCommand,
  CreateRepositoryCommand,
  DescribeImagesCommand,
  DescribeImageScanFindingsCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  GetLifecyclePolicyCommand,
  PutImageCommand,
  PutImageTagMutabilityCommand,
  type ImageTagMutability,
} from '@aws-sdk/client-ecr';
import { createHash } from 'node:crypto';
import { startTestGateway, type TestGateway } from '../helpers/registry.ts';

const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const CONFIG = '{"config":true}';
const LAYER = 'a layer';
const OCI = 'application/vnd.oci.image.manifest.v1+json';

function manifestOf(note: string, layer = LAYER): string {
  const descriptor = (text: string) => ({ mediaType: 'x', digest: digestOf(text), size: text.length });
  const annotations = { note };
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI,
    config: descriptor(CONFIG),
    layers: [descriptor(layer)],
    annotations,
  });
}

let cloud: TestGateway;
let ecr: ECRClient;
let authorization: string;

beforeAll(async () => {
  cloud = await startTestGateway();
  const credentials = { accessKeyId: 'local', secretAccessKey: 'x' };
  ecr = new ECRClient({ endpoint: cloud.endpoint, region: 'eu-north-1', credentials, maxAttempts: 1 });
});

afterAll(async () => {
  ecr.destroy();
  await cloud.close();
});

beforeEach(async () => {
  cloud.repositories.clear();
  cloud.faults.clear();
  await ecr.send(new CreateRepositoryCommand({ repositoryName: 'shop', imageTagMutability: 'IMMUTABLE' }));
  const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
  authorization = `Basic ${authorizationData?.[0]?.authorizationToken ?? ''}`;
});

const registry = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${cloud.registry}/v2/${path}`, { ...init, headers: { authorization, ...init.headers } });

async function pushBlob(text: string, repository = 'shop'): Promise<void> {
  const started = await registry(`${repository}/blobs/uploads/`, { method: 'POST' });
  const location = started.headers.get('location') ?? '';
  const chunk = await registry(location.slice('/v2/'.length), { method: 'PATCH', body: text.slice(0, 3) });
  expect(chunk.status).toBe(202);
  expect(chunk.headers.get('range')).toBe('0-2');
  const finish = `${location.slice('/v2/'.length)}?digest=${digestOf(text)}`;
  expect((await registry(finish, { method: 'PUT', body: text.slice(3) })).status).toBe(201);
}

async function pushImage(tag: string, note: string): Promise<Response> {
  await pushBlob(CONFIG);
  await pushBlob(LAYER);
  const headers = { 'content-type': OCI };
  return registry(`shop/manifests/${tag}`, { method: 'PUT', headers, body: manifestOf(note) });
}

describe('the OCI door', () => {
  it('wants a login, and says which', async () => {
    const answer = await fetch(`${cloud.registry}/v2/`);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
    const wrong = { headers: { authorization: `Basic ${Buffer.from('AWS:wrong').toString('base64')}` } };
    expect((await fetch(`${cloud.registry}/v2/`, wrong)).status).toBe(401);
    expect((await registry('')).status).toBe(200);
  });

  it('takes a push in chunks and gives it back by tag and by digest', async () => {
    const pushed = await pushImage('v1', 'one');
    expect(pushed.status).toBe(201);
    expect(pushed.headers.get('docker-content-digest')).toBe(digestOf(manifestOf('one')));
    for (const reference of ['v1', digestOf(manifestOf('one'))]) {
      const answer = await registry(`shop/manifests/${reference}`);
      expect(await answer.text()).toBe(manifestOf('one'));
      expect(answer.headers.get('content-type')).toBe(OCI);
    }
    expect(await (await registry(`shop/blobs/${digestOf(LAYER)}`)).text()).toBe(LAYER);
    expect(await (await registry('shop/tags/list')).json()).toEqual({ name: 'shop', tags: ['v1'] });
  });

  it('refuses content that is not what its digest says, and keeps nothing of it', async () => {
    const path = `shop/blobs/uploads/?digest=${digestOf('something else')}`;
    const answer = await registry(path, { method: 'POST', body: 'this' });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ code: 'DIGEST_INVALID' }] });
    expect((await registry(`shop/blobs/${digestOf('this')}`, { method: 'HEAD' })).status).toBe(404);
  });

  it('refuses a chunk that does not follow', async () => {
    const started = await registry('shop/blobs/uploads/', { method: 'POST' });
    const path = (started.headers.get('location') ?? '').slice('/v2/'.length);
    const headers = { 'content-range': '5-9' };
    expect((await registry(path, { method: 'PATCH', body: 'abcde', headers })).status).toBe(416);
  });

  it('mounts a layer from another repository, and shows none that is only elsewhere', async () => {
    await ecr.send(new CreateRepositoryCommand({ repositoryName: 'other' }));
    await pushBlob(LAYER);
    expect((await registry(`other/blobs/${digestOf(LAYER)}`, { method: 'HEAD' })).status).toBe(404);
    const mount = `other/blobs/uploads/?mount=${digestOf(LAYER)}&from=shop`;
    expect((await registry(mount, { method: 'POST' })).status).toBe(201);
    expect((await registry(`other/blobs/${digestOf(LAYER)}`, { method: 'HEAD' })).status).toBe(200);
  });

  it("refuses, in ECR's words, an unknown repository, missing layers and a tag that may not move", async () => {
    const unknown = await registry('nope/blobs/uploads/', { method: 'POST' });
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({
      errors: [
        {
          code: 'NAME_UNKNOWN',
          message: expect.stringContaining("repository with name 'nope' does not exist"),
        },
      ],
    });
    const headers = { 'content-type': OCI };
    const hollow = await registry('shop/manifests/v0', {
      method: 'PUT',
      headers,
      body: manifestOf('x', 'absent'),
    });
    expect(await hollow.json()).toMatchObject({ errors: [{ code: 'MANIFEST_BLOB_UNKNOWN' }] });
    await pushImage('v1', 'one');
    expect((await pushImage('v1', 'one')).status).toBe(201);
    const moved = await pushImage('v1', 'two');
    expect(moved.status).toBe(400);
    expect(await moved.json()).toMatchObject({
      errors: [
        {
          code: 'TAG_INVALID',
          message: expect.stringContaining('cannot be overwritten because the repository is immutable'),
        },
      ],
    });
  });
});

describe("ECR's API over the same images", () => {
  it('describes what docker pushed', async () => {
    await pushImage('v1', 'one');
    const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName: 'shop' }));
    expect(imageDetails).toMatchObject([
      {
        imageDigest: digestOf(manifestOf('one')),
        imageTags: ['v1'],
        imageSizeInBytes: CONFIG.length + LAYER.length,
      },
    ]);
    expect(imageDetails?.[0]?.imagePushedAt).toBeInstanceOf(Date);
  });

  it('tags an image anew by its exact manifest, and guards its digest', async () => {
    await pushImage('v1', 'one');
    const imageIds = [{ imageTag: 'v1' }];
    const { images } = await ecr.send(new BatchGetImageCommand({ repositoryName: 'shop', imageIds }));
    const { imageManifest, imageManifestMediaType, imageId } = images?.[0] ?? {};
    const put = { repositoryName: 'shop', imageManifest, imageManifestMediaType, imageTag: 'prod' };
    await ecr.send(new PutImageCommand({ ...put, imageDigest: imageId?.imageDigest }));
    await expect(ecr.send(new PutImageCommand(put))).rejects.toMatchObject({
      name: 'ImageAlreadyExistsException',
    });
    const changed = {
      ...put,
      imageTag: 'x',
      imageManifest: ` ${imageManifest}`,
      imageDigest: imageId?.imageDigest,
    };
    await expect(ecr.send(new PutImageCommand(changed))).rejects.toMatchObject({
      name: 'ImageDigestDoesNotMatchException',
    });
    const other = { ...put, imageManifest: manifestOf('two') };
    await expect(ecr.send(new PutImageCommand(other))).rejects.toMatchObject({
      name: 'ImageTagAlreadyExistsException',
    });
    const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName: 'shop' }));
    expect(imageDetails?.[0]?.imageTags?.sort()).toEqual(['prod', 'v1']);
  });

  it.each<[ImageTagMutability, string | undefined, string, boolean]>([
    ['MUTABLE', undefined, 'v1', true],
    ['IMMUTABLE', undefined, 'v1', false],
    ['IMMUTABLE_WITH_EXCLUSION', 'latest*', 'latest-1', true],
    ['IMMUTABLE_WITH_EXCLUSION', 'latest*', 'v1', false],
    ['MUTABLE_WITH_EXCLUSION', 'sha-*', 'sha-1', false],
    ['MUTABLE_WITH_EXCLUSION', 'sha-*', 'v1', true],
  ])('%s with the filter %s: may %s move? %s', async (imageTagMutability, filter, tag, mayMove) => {
    const imageTagMutabilityExclusionFilters =
      filter === undefined ? undefined : [{ filterType: 'WILDCARD' as const, filter }];
    await ecr.send(
      new PutImageTagMutabilityCommand({
        repositoryName: 'shop',
        imageTagMutability,
        imageTagMutabilityExclusionFilters,
      }),
    );
    await pushImage(tag, 'one');
    expect((await pushImage(tag, 'two')).status).toBe(mayMove ? 201 : 400);
  });

  it.each([
    ['RepositoryNotFoundException', () => new DescribeRepositoriesCommand({ repositoryNames: ['nope'] })],
    ['RepositoryAlreadyExistsException', () => new CreateRepositoryCommand({ repositoryName: 'shop' })],
    ['InvalidParameterException', () => new CreateRepositoryCommand({ repositoryName: 'Not/Valid' })],
    [
      'ImageNotFoundException',
      () => new DescribeImagesCommand({ repositoryName: 'shop', imageIds: [{ imageTag: 'x' }] }),
    ],
    ['LifecyclePolicyNotFoundException', () => new GetLifecyclePolicyCommand({ repositoryName: 'shop' })],
  ])('answers %s as ECR does', async (name, command) => {
    await expect(ecr.send(command() as DescribeRepositoriesCommand)).rejects.toMatchObject({ name });
  });

  it('has scanned nothing', async () => {
    await pushImage('v1', 'one');
    const command = new DescribeImageScanFindingsCommand({
      repositoryName: 'shop',
      imageId: { imageTag: 'v1' },
    });
    await expect(ecr.send(command)).rejects.toMatchObject({ name: 'ScanNotFoundException' });
  });
});

describe('faults, as a client sees them', () => {
  const describeAll = () => ecr.send(new DescribeRepositoriesCommand({}));

  it('throttles as often as asked for', async () => {
    cloud.faults.add({
      service: 'ecr',
      operation: 'DescribeRepositories',
      error: 'ThrottlingException',
      times: 1,
    });
    await expect(describeAll()).rejects.toMatchObject({
      name: 'ThrottlingException',
      message: 'Rate exceeded',
    });
    await expect(describeAll()).resolves.toMatchObject({ repositories: [{ repositoryName: 'shop' }] });
  });

  it('loses an answer after doing what was asked', async () => {
    cloud.faults.add({ service: 'ecr', operation: 'CreateRepository', lost: true });
    const create = new CreateRepositoryCommand({ repositoryName: 'lost' });
    await expect(ecr.send(create)).rejects.toThrow('socket hang up');
    await expect(ecr.send(create)).rejects.toMatchObject({ name: 'RepositoryAlreadyExistsException' });
  });

  it.each([
    ['account', { registryId: '210987654321' }, 'eu-north-1'],
    ['region', {}, 'eu-west-1'],
  ])('has nothing in the registry of another %s', async (_, parameters, region) => {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'x' };
    const other = new ECRClient({ endpoint: cloud.endpoint, region, credentials, maxAttempts: 1 });
    const asked = other.send(new DescribeRepositoriesCommand({ repositoryNames: ['shop'], ...parameters }));
    await expect(asked).rejects.toMatchObject({ name: 'RepositoryNotFoundException' });
    other.destroy();
  });

  it("refuses docker's push as ECR would without a right, and loses its answer", async () => {
    await pushBlob(CONFIG);
    await pushBlob(LAYER);
    const put = () =>
      registry('shop/manifests/v1', {
        method: 'PUT',
        headers: { 'content-type': OCI },
        body: manifestOf('one'),
      });
    cloud.faults.add({ service: 'ecr', operation: 'PutImage', error: 'AccessDeniedException' });
    const denied = await put();
    expect([denied.status, await denied.json()]).toEqual([
      403,
      { errors: [{ code: 'DENIED', message: 'Injected by a test.' }] },
    ]);
    expect((await registry('shop/manifests/v1')).status).toBe(404);
    cloud.faults.add({ service: 'ecr', operation: 'PutImage', lost: true });
    await expect(put()).rejects.toThrow('fetch failed');
    expect((await registry('shop/manifests/v1')).status).toBe(200);
  });

  it('remembers every call with its outcome and who made it', async () => {
    cloud.calls.clear();
    await describeAll();
    await ecr.send(new CreateRepositoryCommand({ repositoryName: 'shop' })).catch(() => undefined);
    expect(cloud.calls.list()).toMatchObject([
      { service: 'ecr', operation: 'DescribeRepositories', status: 200, identity: 'local' },
      { operation: 'CreateRepository', status: 400, errorCode: 'RepositoryAlreadyExistsException' },
    ]);
  });

  it('refuses what is not signed, and what a service does not have', async () => {
    const unsigned = await fetch(cloud.endpoint, {
      method: 'POST',
      body: 'Action=DescribeAutoScalingGroups',
    });
    expect(unsigned.status).toBe(403);
    expect(await unsigned.text()).toContain('<Code>MissingAuthenticationToken</Code>');
    const authorization = 'AWS4-HMAC-SHA256 Credential=a/20261122/eu-north-1/ecr/aws4_request, Signature=0';
    const headers = { authorization, 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.Nonsense' };
    const unknown = await fetch(cloud.endpoint, { method: 'POST', headers, body: '{}' });
    expect(unknown.status).toBe(400);
    expect(await unknown.json()).toMatchObject({ __type: 'UnknownOperationException' });
  });
});
