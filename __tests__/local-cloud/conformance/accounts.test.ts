/**
 * Local clouds that stand for two accounts, and for a second region of the first: what AWS's own clients, and a client
 * of a registry, get of one of them from another.
 */
import {
  BatchGetImageCommand,
  CreateRepositoryCommand,
  DeleteRepositoryPolicyCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  ListImagesCommand,
  SetRepositoryPolicyCommand,
} from '@aws-sdk/client-ecr';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { allow, assumeRole, type Client, document, makeRole } from '../helpers/roles.ts';
import { CONFIG, digestOf, LAYER, manifestOf, OCI } from '../helpers/registry-client.ts';
import { python, startTestCloud, type TestCloud } from '../helpers/test-cloud.ts';

const suite = python === undefined ? describe.skip : describe;

const [builder, runner] = ['123456789012', '210987654321'];
const arn = `arn:aws:ecr:eu-north-1:${builder}:repository/shop`;
const digest = digestOf(manifestOf('one'));
const pull = [
  'ecr:BatchGetImage',
  'ecr:DescribeImages',
  'ecr:DescribeRepositories',
  'ecr:GetDownloadUrlForLayer',
];

/** The builder's cloud, that of the second account in another region, and the builder's own in that region. */
let clouds: Record<'builder' | 'runner' | 'second', TestCloud>;
let registry: string;

async function statusOf({ endpoint }: TestCloud): Promise<{ addresses: { registry: string } }> {
  return (await (await fetch(`${endpoint}/_local/status`)).json()) as { addresses: { registry: string } };
}

/** Credentials of a new role of a cloud that may do what these statements say. */
async function asRole({ client }: TestCloud, name: string, ...statements: object[]): Promise<Client> {
  const role = await makeRole(client, name, { statements });
  return { ...client, credentials: await assumeRole(client, role) };
}

/** Asks ECR of the builder's region, wherever the client is at home. */
const ecr = (client: Client): ECRClient => new ECRClient({ ...client, region: 'eu-north-1', maxAttempts: 1 });

const describeImages = (client: Client, repositoryName = 'shop') =>
  ecr(client).send(
    new DescribeImagesCommand({ registryId: builder, repositoryName, imageIds: [{ imageDigest: digest }] }),
  );

/** A request of docker's at the builder's registry, with the password that ECR gives to a client in a region. */
async function atRegistry(client: Client, path: string, region = 'eu-north-1', init: RequestInit = {}) {
  const { authorizationData } = await new ECRClient({ ...client, region }).send(
    new GetAuthorizationTokenCommand({}),
  );
  const headers = { ...init.headers, authorization: `Basic ${authorizationData?.[0]?.authorizationToken}` };
  return fetch(`${registry}/v2/${path}`, { ...init, headers });
}

async function push(client: Client): Promise<void> {
  for (const blob of [CONFIG, LAYER]) {
    const path = `shop/blobs/uploads/?digest=${digestOf(blob)}`;
    expect((await atRegistry(client, path, 'eu-north-1', { method: 'POST', body: blob })).status).toBe(201);
  }
  const init = { method: 'PUT', headers: { 'content-type': OCI }, body: manifestOf('one') };
  expect((await atRegistry(client, 'shop/manifests/v1', 'eu-north-1', init)).status).toBe(201);
}

const setPolicy = (...statements: object[]) =>
  ecr(clouds.builder.client).send(
    new SetRepositoryPolicyCommand({ repositoryName: 'shop', policyText: document(...statements) }),
  );

/** What terraform/bootstrap writes for `pull_accounts`. */
const promoted = {
  ...{ Effect: 'Allow', Action: pull, Principal: { AWS: `arn:aws:iam::${runner}:root` } },
  Condition: { ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${runner}:role/shop-*` } },
};

suite('the registry of another account', () => {
  let shop: Client;

  beforeAll(async () => {
    const [first, second, third] = await Promise.all([
      startTestCloud(),
      startTestCloud({ accountId: runner, region: 'eu-west-1' }),
      startTestCloud({ region: 'eu-west-1' }),
    ]);
    clouds = { builder: first, runner: second, second: third };
    registry = (await statusOf(first)).addresses.registry;
    for (const { endpoint } of [second, third]) {
      const body = JSON.stringify({ address: first.endpoint });
      expect((await fetch(`${endpoint}/_local/peers`, { method: 'POST', body })).status).toBe(200);
    }
    await ecr(first.client).send(new CreateRepositoryCommand({ repositoryName: 'shop' }));
    await push(first.client);
    shop = await asRole(second, 'shop-prod-deploy', allow('ecr:*'));
  });
  afterAll(() => Promise.all(Object.values(clouds).map((cloud) => cloud.close())));
  beforeEach(async () => {
    await ecr(clouds.builder.client)
      .send(new DeleteRepositoryPolicyCommand({ repositoryName: 'shop' }))
      .catch(() => undefined);
  });

  it('says of both which account and region they are', async () => {
    const { Account, Arn } = await new STSClient(clouds.runner.client).send(new GetCallerIdentityCommand({}));
    expect([Account, Arn]).toEqual([runner, `arn:aws:iam::${runner}:user/administrator`]);
    const elsewhere = new STSClient({ ...shop, region: 'us-east-1' });
    const role = `arn:aws:sts::${runner}:assumed-role/shop-prod-deploy/test`;
    expect((await elsewhere.send(new GetCallerIdentityCommand({}))).Arn).toBe(role);
    const peers = await (await fetch(`${clouds.builder.endpoint}/_local/peers`)).json();
    expect(peers).toMatchObject([
      { accountId: runner, region: 'eu-west-1' },
      { accountId: builder, region: 'eu-west-1' },
    ]);
  });

  it('is answered for once its policy and the role allow it, under the names that AWS gives', async () => {
    await setPolicy(promoted);
    const { imageDetails } = await describeImages(shop);
    expect(imageDetails).toMatchObject([
      { registryId: builder, imageTags: ['v1'], imagePushedAt: expect.any(Date) },
    ]);
    const look = new DescribeRepositoriesCommand({ registryId: builder, repositoryNames: ['shop'] });
    expect((await ecr(shop).send(look)).repositories).toMatchObject([
      { repositoryArn: arn, repositoryUri: `${builder}.dkr.ecr.eu-north-1.amazonaws.com/shop` },
    ]);
    const { images } = await ecr(shop).send(
      new BatchGetImageCommand({
        ...{ registryId: builder, repositoryName: 'shop', imageIds: [{ imageDigest: digest }] },
      }),
    );
    expect(images?.[0]?.imageManifest).toBe(manifestOf('one'));
  });

  it.each([
    ['it has no policy', [], 'resource-based policy'],
    [
      'it names another account',
      [{ ...promoted, Principal: { AWS: 'arn:aws:iam::333333333333:root' } }],
      'resource-based policy',
    ],
    ['it allows another action', [{ ...promoted, Action: 'ecr:ListImages' }], 'resource-based policy'],
  ])('refuses when %s', async (_, statements, by) => {
    if (statements.length > 0) await setPolicy(...statements);
    const user = `User: arn:aws:sts::${runner}:assumed-role/shop-prod-deploy/test`;
    await expect(describeImages(shop)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `${user} is not authorized to perform: ecr:DescribeImages on resource: ${arn} because no ${by} allows the ecr:DescribeImages action`,
    });
    const pulled = await atRegistry(shop, `shop/manifests/${digest}`);
    expect(pulled.status).toBe(403);
    expect(await pulled.text()).toContain(`because no ${by} allows the ecr:BatchGetImage action`);
  });

  it('refuses a role that its policy lets in and that has no permission itself, and an explicit denial', async () => {
    await setPolicy(promoted);
    const poor = await asRole(clouds.runner, 'shop-poor', allow('s3:*'));
    await expect(describeImages(poor)).rejects.toThrow(/because no identity-based policy allows/);
    await setPolicy(promoted, { ...promoted, Effect: 'Deny', Action: 'ecr:DescribeImages' });
    await expect(describeImages(shop)).rejects.toThrow(/with an explicit deny in a resource-based policy/);
  });

  it('asks its policy about the administrator of another account as well, and about roles by their names', async () => {
    await expect(describeImages(clouds.runner.client)).rejects.toThrow(/because no resource-based policy/);
    await setPolicy(promoted);
    await expect(describeImages(clouds.runner.client)).rejects.toThrow(/because no resource-based policy/);
    const till = await asRole(clouds.runner, 'till-prod-deploy', allow('ecr:*'));
    await expect(describeImages(till)).rejects.toThrow(/because no resource-based policy/);
    await setPolicy({ ...promoted, Condition: undefined });
    await expect(describeImages(clouds.runner.client)).resolves.toBeDefined();
  });

  it('does not tell whether there is a repository of another name', async () => {
    await expect(describeImages(shop, 'till')).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it("lets docker pull with the password of the role's own account, and not push", async () => {
    await setPolicy(promoted);
    const manifest = await atRegistry(shop, `shop/manifests/${digest}`);
    expect([manifest.status, await manifest.text()]).toEqual([200, manifestOf('one')]);
    const layer = await atRegistry(shop, `shop/blobs/${digestOf(LAYER)}`);
    expect([layer.status, await layer.text()]).toEqual([200, LAYER]);
    const pushed = await atRegistry(shop, 'shop/blobs/uploads/', 'eu-north-1', { method: 'POST' });
    expect(pushed.status).toBe(403);
  });

  it('takes no password of another region, nor of a cloud that is no peer', async () => {
    await setPolicy(promoted);
    expect((await atRegistry(shop, 'shop/tags/list', 'eu-west-1')).status).toBe(401);
    // These two were told of the builder's alone.
    const { registry: other } = (await statusOf(clouds.runner)).addresses;
    const { authorizationData } = await new ECRClient(clouds.second.client).send(
      new GetAuthorizationTokenCommand({}),
    );
    const headers = { authorization: `Basic ${authorizationData?.[0]?.authorizationToken}` };
    expect((await fetch(`${other}/v2/`, { headers })).status).toBe(401);
  });

  it('has nothing that nobody was told about', async () => {
    const look = new ListImagesCommand({ registryId: '333333333333', repositoryName: 'shop' });
    await expect(ecr(clouds.builder.client).send(look)).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    const elsewhere = new ECRClient({ ...clouds.builder.client, region: 'us-east-1' });
    const listed = elsewhere.send(new ListImagesCommand({ repositoryName: 'shop' }));
    await expect(listed).rejects.toMatchObject({ name: 'RepositoryNotFoundException' });
  });

  it('lets a role of the same account in another region do what its own policies say', async () => {
    const own = await asRole(
      clouds.second,
      'shop-prod-deploy-euw1',
      allow(pull, arn),
      allow('ecr:GetAuthorizationToken'),
    );
    const asked = new DescribeImagesCommand({ repositoryName: 'shop', imageIds: [{ imageTag: 'v1' }] });
    expect((await ecr(own).send(asked)).imageDetails).toMatchObject([{ imageDigest: digest }]);
    expect((await atRegistry(own, `shop/manifests/${digest}`)).status).toBe(200);
    const nobody = await asRole(clouds.second, 'shop-nobody');
    await expect(ecr(nobody).send(asked)).rejects.toThrow(/because no identity-based policy allows/);
    await setPolicy({
      ...allow(pull),
      Principal: { AWS: `arn:aws:iam::${builder}:role/shop-nobody` },
      Resource: undefined,
    });
    expect((await ecr(nobody).send(asked)).imageDetails).toHaveLength(1);
  });
});
