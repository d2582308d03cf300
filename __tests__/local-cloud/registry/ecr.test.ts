import { describe, expect, it } from '@jest/globals';
import {
  BatchGetImageCommand,
  CreateRepositoryCommand,
  DescribeImagesCommand,
  DescribeImageScanFindingsCommand,
  DescribeRepositoriesCommand,
  GetLifecyclePolicyCommand,
  PutImageCommand,
  PutImageTagMutabilityCommand,
  type ImageTagMutability,
} from '@aws-sdk/client-ecr';
import { CONFIG, LAYER, OCI, digestOf, manifestOf, RegistryClient } from '../helpers/registry-client.ts';

const api = new RegistryClient();

describe("ECR's API over the same images", () => {
  it('describes what docker pushed', async () => {
    await api.pushImage('v1', 'one');
    const { imageDetails } = await api.ecr.send(new DescribeImagesCommand({ repositoryName: 'shop' }));
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
    await api.pushImage('v1', 'one');
    const imageIds = [{ imageTag: 'v1' }];
    const { images } = await api.ecr.send(new BatchGetImageCommand({ repositoryName: 'shop', imageIds }));
    const { imageManifest, imageManifestMediaType, imageId } = images?.[0] ?? {};
    const put = { repositoryName: 'shop', imageManifest, imageManifestMediaType, imageTag: 'prod' };
    await api.ecr.send(new PutImageCommand({ ...put, imageDigest: imageId?.imageDigest }));
    await expect(api.ecr.send(new PutImageCommand(put))).rejects.toMatchObject({
      name: 'ImageAlreadyExistsException',
    });
    const changed = {
      ...put,
      imageTag: 'x',
      imageManifest: ` ${imageManifest}`,
      imageDigest: imageId?.imageDigest,
    };
    await expect(api.ecr.send(new PutImageCommand(changed))).rejects.toMatchObject({
      name: 'ImageDigestDoesNotMatchException',
    });
    const other = { ...put, imageManifest: manifestOf('two') };
    await expect(api.ecr.send(new PutImageCommand(other))).rejects.toMatchObject({
      name: 'ImageTagAlreadyExistsException',
    });
    const { imageDetails } = await api.ecr.send(new DescribeImagesCommand({ repositoryName: 'shop' }));
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
    await api.ecr.send(
      new PutImageTagMutabilityCommand({
        repositoryName: 'shop',
        imageTagMutability,
        imageTagMutabilityExclusionFilters,
      }),
    );
    await api.pushImage(tag, 'one');
    expect((await api.pushImage(tag, 'two')).status).toBe(mayMove ? 201 : 400);
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
    await expect(api.ecr.send(command() as DescribeRepositoriesCommand)).rejects.toMatchObject({ name });
  });

  it('has scanned nothing', async () => {
    await api.pushImage('v1', 'one');
    const command = new DescribeImageScanFindingsCommand({
      repositoryName: 'shop',
      imageId: { imageTag: 'v1' },
    });
    await expect(api.ecr.send(command)).rejects.toMatchObject({ name: 'ScanNotFoundException' });
  });
});

describe('faults, as a client sees them', () => {
  const describeAll = () => api.ecr.send(new DescribeRepositoriesCommand({}));

  it('throttles as often as asked for', async () => {
    api.cloud.faults.add({
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
    api.cloud.faults.add({ service: 'ecr', operation: 'CreateRepository', lost: true });
    const create = new CreateRepositoryCommand({ repositoryName: 'lost' });
    await expect(api.ecr.send(create)).rejects.toThrow('socket hang up');
    await expect(api.ecr.send(create)).rejects.toMatchObject({ name: 'RepositoryAlreadyExistsException' });
  });

  it.each([
    ['account', { registryId: '210987654321' }, 'eu-north-1'],
    ['region', {}, 'eu-west-1'],
  ])('has nothing in the registry of another %s', async (_, parameters, region) => {
    const other = api.client(region);
    const asked = other.send(new DescribeRepositoriesCommand({ repositoryNames: ['shop'], ...parameters }));
    await expect(asked).rejects.toMatchObject({ name: 'RepositoryNotFoundException' });
    other.destroy();
  });

  it("refuses docker's push as ECR would without a right, and loses its answer", async () => {
    await api.pushBlob(CONFIG);
    await api.pushBlob(LAYER);
    const put = () =>
      api.registry('shop/manifests/v1', {
        method: 'PUT',
        headers: { 'content-type': OCI },
        body: manifestOf('one'),
      });
    api.cloud.faults.add({ service: 'ecr', operation: 'PutImage', error: 'AccessDeniedException' });
    const denied = await put();
    expect([denied.status, await denied.json()]).toEqual([
      403,
      { errors: [{ code: 'DENIED', message: 'Injected by a test.' }] },
    ]);
    expect((await api.registry('shop/manifests/v1')).status).toBe(404);
    api.cloud.faults.add({ service: 'ecr', operation: 'PutImage', lost: true });
    await expect(put()).rejects.toThrow('fetch failed');
    expect((await api.registry('shop/manifests/v1')).status).toBe(200);
  });

  it('remembers every call with its outcome and who made it', async () => {
    api.cloud.calls.clear();
    await describeAll();
    await api.ecr.send(new CreateRepositoryCommand({ repositoryName: 'shop' })).catch(() => undefined);
    expect(api.cloud.calls.list()).toMatchObject([
      { service: 'ecr', operation: 'DescribeRepositories', status: 200, identity: 'local' },
      { operation: 'CreateRepository', status: 400, errorCode: 'RepositoryAlreadyExistsException' },
    ]);
  });

  it('refuses what is not signed, and what a service does not have', async () => {
    const unsigned = await fetch(api.cloud.endpoint, {
      method: 'POST',
      body: 'Action=DescribeAutoScalingGroups',
    });
    expect(unsigned.status).toBe(403);
    expect(await unsigned.text()).toContain('<Code>MissingAuthenticationToken</Code>');
    const authorization = 'AWS4-HMAC-SHA256 Credential=a/20261122/eu-north-1/ecr/aws4_request, Signature=0';
    const headers = { authorization, 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.Nonsense' };
    const unknown = await fetch(api.cloud.endpoint, { method: 'POST', headers, body: '{}' });
    expect(unknown.status).toBe(400);
    expect(await unknown.json()).toMatchObject({ __type: 'UnknownOperationException' });
  });
});
