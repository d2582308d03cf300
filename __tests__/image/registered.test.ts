import {
  CreateRepositoryCommand,
  ECRClient,
  PutImageCommand,
  PutLifecyclePolicyCommand,
} from '@aws-sdk/client-ecr';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { commitTag, readImage, readImages, readOutlook, repositoryOf } from '../../src/image/registered.ts';
import { startTestGateway, type TestGateway } from '../local-cloud/helpers/registry.ts';
import type { FakeAws } from '../support/fake-aws.ts';
import { startFakeAws } from '../support/fake-aws.ts';
import type { FakeRun } from '../support/fake-run.ts';
import { fakeRun } from '../support/fake-run.ts';

/** What is asked of ECR about images that template versions name, on the wire. */
const index = 'application/vnd.oci.image.index.v1+json';
let cloud: TestGateway;
let ecr: ECRClient;

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
  await ecr.send(new CreateRepositoryCommand({ repositoryName: 'shop' }));
});

/** Pushes an image and gives its reference by digest. */
async function push(tag: string): Promise<string> {
  const manifest = { schemaVersion: 2, mediaType: index, manifests: [], annotations: { tag } };
  const { image } = await ecr.send(
    new PutImageCommand({
      repositoryName: 'shop',
      imageTag: tag,
      imageManifest: JSON.stringify(manifest),
      imageManifestMediaType: index,
    }),
  );
  return `${new URL(cloud.registry).host}/shop@${image?.imageId?.imageDigest ?? ''}`;
}

async function keepNewest(countNumber: number): Promise<void> {
  const selection = { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber };
  const rules = [{ rulePriority: 1, selection, action: { type: 'expire' } }];
  await ecr.send(
    new PutLifecyclePolicyCommand({
      repositoryName: 'shop',
      lifecyclePolicyText: JSON.stringify({ rules }),
    }),
  );
}

describe('an image of a repository', () => {
  const run = () => fakeRun(cloud.endpoint).run;

  it('is there or not', async () => {
    const there = await push('v1');
    expect(await readImage(run(), there)).toEqual({ state: 'there', tags: ['v1'] });
    const gone = there.replace(/[0-9a-f]{64}$/, '0'.repeat(64));
    expect((await readImage(run(), gone)).state).toBe('missing');
    expect((await readImage(run(), `registry.example/shop@sha256:${'0'.repeat(64)}`)).state).toBe('unknown');
  });

  it('stays where no policy says otherwise, and is not looked up for that', async () => {
    const image = await push('v1');
    cloud.calls.clear();
    expect(await readOutlook(run(), image, new Date())).toBeUndefined();
    expect(cloud.calls.list().map(({ operation }) => operation)).not.toContain('DescribeImages');
  });

  it('is taken by a rule that counts', async () => {
    const oldest = await push('v1');
    await push('v2');
    await keepNewest(1);
    expect((await readOutlook(run(), oldest, new Date()))?.left).toEqual({ pushes: 0 });
    await keepNewest(3);
    expect((await readOutlook(run(), oldest, new Date()))?.left).toEqual({ pushes: 2 });
  });
});

const digest = (character: string) => `sha256:${character.repeat(64)}`;
const repository = '123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop';
let aws: FakeAws;
let fake: FakeRun;
beforeEach(async () => {
  aws = await startFakeAws();
  fake = fakeRun(aws.endpoint);
});
afterEach(() => aws.close());

describe('readImages', () => {
  it('tells what is there, what is gone and what it can not know', async () => {
    const images = [{ imageDigest: digest('a'), imageTags: ['latest', 'v1'], imagePushedAt: 1 }];
    aws.repositories.set('shop', { uri: repository, images });
    const [there, gone, elsewhere] = [
      `${repository}@${digest('a')}`,
      `${repository}@${digest('b')}`,
      `registry.example/shop@${digest('a')}`,
    ];
    const found = await readImages(fake.run, [there, gone, elsewhere, there]);
    expect(Object.fromEntries(found)).toEqual({
      [there]: { state: 'there', tags: ['latest', 'v1'] },
      [gone]: { state: 'missing', tags: [] },
      [elsewhere]: { state: 'unknown', tags: [] },
    });
    expect(await repositoryOf(fake.run)).toBe(repository);
  });

  it('does not stand in the way when the registry does not answer', async () => {
    aws.repositories.set('shop', { uri: repository, images: [] });
    const denied = { status: 400, code: 'AccessDeniedException' };
    aws.failNext('AmazonEC2ContainerRegistry_V20150921.DescribeImages', denied);
    const reference = `${repository}@${digest('a')}`;
    expect((await readImages(fake.run, [reference])).get(reference)?.state).not.toBe('there');
  });
});

it.each([
  [['latest', 'v1', 'c'.repeat(40)], 'c'.repeat(40)],
  [['latest', 'v1'], 'v1'],
  [['latest'], ''],
  [[], ''],
])('commitTag of %j', (tags, tag) => {
  expect(commitTag(tags)).toBe(tag);
});
