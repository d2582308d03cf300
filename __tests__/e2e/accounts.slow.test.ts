/**
 * An image that one account builds and another one runs, in another region, as docs/environments.md says: two local
 * clouds that know each other, each set up by its administrator, each deployed to by its own role.
 */
import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloudDown, cloudUp } from '../../scripts/demo/cloud.ts';
import type { CloudDescription } from '../../scripts/demo/cloud.ts';
import type { StepResult } from '../../scripts/runner/runner.ts';
import { Administrator } from './support/administrator.ts';
import { Control } from './support/control.ts';
import { Environments } from './support/environments.ts';
import { existingNetwork } from './support/existing-network.ts';
import { deployRole, GithubJobs } from './support/github-jobs.ts';
import { createHostedZone } from './support/hosted-zone.ts';
import { Images } from './support/images.ts';
import { docker } from './support/machines.ts';
import { portOf } from './support/ports.ts';

const [devPort, prodPort] = [portOf(import.meta.url), portOf(import.meta.url, 1)];
const [builder, runner] = ['123456789012', '210987654321'];
jest.setTimeout(600_000);

const repository = 'octo-org/shop';
const job = (environment: string) => ({ repository, environment });
/** What AWS calls the builder's repository, and where its registry is for this machine's docker. */
const name = `${builder}.dkr.ecr.eu-north-1.amazonaws.com/shop`;
const arn = `arn:aws:ecr:eu-north-1:${builder}:repository/shop`;
const registry = `127.0.0.1:${Number(devPort) + 1000}`;

/** One account with its one environment, and who works there. */
interface Account {
  cloud: CloudDescription;
  administrator: Administrator;
  jobs: GithubJobs;
  shop: Environments;
  /** As its administrator gives it to bootstrap. */
  github: Record<string, unknown>;
  variables: Record<string, unknown>;
}

async function open(port: string, environment: string, options: string[] = []): Promise<Account> {
  const cloud = await cloudUp(port, { options: ['--instances', 'simulated', '--speed', '60', ...options] });
  const jobs = await GithubJobs.start(cloud);
  const { vpcId, subnetIds } = await existingNetwork(cloud);
  const existing = { vpc_id: vpcId, public_subnet_ids: subnetIds, private_subnet_ids: subnetIds };
  const administrator = new Administrator(cloud);
  await administrator.makeBackend();
  return {
    ...{ cloud, administrator, jobs },
    shop: await Environments.create('shop', cloud, { jobs, job }),
    github: { repository, environments: [environment], networks: { [environment]: vpcId } },
    variables: {
      ...{ database: null, network: { existing }, capacity: { min: 2, max: 4 } },
      service: { warmup_seconds: 30 },
    },
  };
}

/** Pulls a digest of the builder's registry with the password that ECR of that region gives to prod's deploy role. */
class Puller {
  #folder = '';

  async logIn(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'puller-'));
    const credentials = await prod.jobs.credentialsOf(deployRole('shop', 'prod', runner), job('prod'));
    const ecr = new ECRClient({ endpoint: prod.cloud.endpoint, region: 'eu-north-1', credentials });
    const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
    ecr.destroy();
    const token = Buffer.from(authorizationData?.[0]?.authorizationToken ?? '', 'base64').toString();
    const login = ['login', '--username', 'AWS', '--password-stdin', registry];
    expect(await this.#docker(login, token.replace(/^AWS:/, ''))).toContain('Login Succeeded');
  }

  /** What docker says. */
  pull(reference: string): Promise<string> {
    return this.#docker(['pull', `${registry}/shop${reference}`]);
  }

  #docker(parameters: string[], input = ''): Promise<string> {
    return new Promise((resolve) => {
      const all = ['--config', this.#folder, ...parameters];
      const child = execFile('docker', all, (_, stdout, stderr) => resolve(stdout + stderr));
      child.stdin?.end(input);
    });
  }

  async close(digest: string): Promise<void> {
    await this.#docker(['image', 'rm', '--force', `${registry}/shop@${digest}`]);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

let dev: Account;
let prod: Account;
const puller = new Puller();
/** What happened, in the order of time; each test waits for its part. */
let story: Record<'built' | 'refused' | 'promoted' | 'changed' | 'back', Promise<StepResult>>;
let images: Images | undefined;
/** The digest of another image, which a developer pushed to the builder's registry. */
let second: Promise<string>;
let refusedPull: Promise<string>;

/** Started now; what goes wrong is told by the test that waits for it. */
function inTheBackground<T>(work: () => Promise<T>): Promise<T> {
  const result = work();
  result.catch(() => undefined);
  return result;
}

beforeAll(async () => {
  dev = await open(devPort, 'dev');
  const place = ['--account-id', runner, '--region', 'eu-west-1', '--peer', dev.cloud.endpoint];
  prod = await open(prodPort, 'prod', place);
  const zone = await createHostedZone(prod.cloud, 'example.com');
  const https = { domain_name: 'shop.example.com', zone_id: zone };
  Object.assign(prod.variables, { load_balancer: { deletion_protection: true, https } });
  Object.assign(prod.github, { zones: { prod: zone } });
  await Promise.all([
    dev.administrator.bootstrap('shop', dev.github),
    prod.administrator.bootstrap('shop', prod.github, { image_repositories: [name] }),
  ]);
  story = tell();
});
afterAll(async () => {
  await puller.close(await dev.shop.pushed());
  await images?.close();
  await Promise.all([cloudDown(devPort), cloudDown(prodPort)]);
  for (const { jobs, shop } of [dev, prod]) await Promise.all([jobs.close(), shop.remove()]);
});

const promote = (digest: string): Promise<StepResult> =>
  prod.shop.run('prod', {
    command: 'redeploy',
    variables: prod.variables,
    inputs: { repository: name, image: `${name}@${digest}` },
  });

function tell(): typeof story {
  const built = inTheBackground(() => dev.shop.run('dev', { variables: dev.variables }));
  const refused = inTheBackground(async () => promote(await dev.shop.pushed()));
  refusedPull = inTheBackground(async () => {
    await puller.logIn();
    await dev.shop.pushed();
    return puller.pull(`:${dev.shop.head()}`);
  });
  const promoted = inTheBackground(async () => {
    await Promise.all([refused, refusedPull]);
    await dev.administrator.bootstrap('shop', dev.github, { pull_accounts: [runner] });
    return promote(await dev.shop.pushed());
  });
  second = inTheBackground(async () => {
    await promoted;
    images = await Images.of('shop', dev.cloud);
    const dockerfile = 'FROM scratch\nCOPY content /content\n';
    const pushed = await images.push('second', { Dockerfile: dockerfile, content: 'second' });
    return pushed.split('@')[1] ?? '';
  });
  const changed = inTheBackground(async () => {
    return promote(await second);
  });
  const back = inTheBackground(async () => {
    await changed;
    return prod.shop.run('prod', { command: 'rollback', variables: prod.variables });
  });
  return { built, refused, promoted, changed, back };
}

async function deployed(step: Promise<StepResult>): Promise<StepResult> {
  const result = await step;
  if (result.outputs.status !== 'deployed') throw new Error(`${result.outputs.status}:\n${result.log}`);
  return result;
}

const refusedCalls = async ({ cloud }: Account): Promise<string[]> =>
  (await new Control(cloud).calls())
    .filter(({ errorCode = '' }) => /^(AccessDenied|UnauthorizedOperation)/.test(errorCode))
    .map(({ service, operation }) => `${service}:${operation}`);

it('is refused as long as the builder has not named the account, and the message says what to run', async () => {
  const { outputs, log } = await story.refused;
  expect([outputs.status, outputs['failure-reason']]).toEqual(['failed', 'image-missing']);
  expect(log).toContain(`repository shop of account ${builder} in eu-north-1 is closed to this job`);
  expect(log).toMatch(
    /User: arn:aws:sts::210987654321:assumed-role\/shop-prod-deploy\/asg-deploy-\d+ is not authorized to perform: ecr:DescribeImages on resource: arn:aws:ecr:eu-north-1:123456789012:repository\/shop because no resource-based policy allows the ecr:DescribeImages action/,
  );
  expect(log).toContain(
    `next: in account ${builder}, apply terraform/bootstrap with "${runner}" in pull_accounts, and run this job again`,
  );
  expect(await refusedPull).toMatch(/denied|403 Forbidden/);
});

it('is promoted by its digest once that was done, and every call is allowed', async () => {
  const digest = await dev.shop.pushed();
  const { outputs } = await deployed(story.promoted);
  expect(outputs).toMatchObject({ image: `${name}@${digest}`, 'image-digest': digest });
  expect(outputs.url).toBe('https://shop.example.com');
  expect((await deployed(story.built)).outputs['image-digest']).toBe(digest);
  expect(await refusedCalls(dev)).toEqual([]);
});

it('is all that instances there may pull', async () => {
  await story.promoted;
  const { policy } = await prod.administrator.inState('shop', 'prod', 'aws_iam_role_policy.instance');
  const { Statement } = JSON.parse(String(policy)) as { Statement: { Sid: string; Resource: string }[] };
  expect(Statement.find(({ Sid }) => Sid === 'PullImage')?.Resource).toBe(arn);
});

it("is what docker pulls with the other account's password", async () => {
  await deployed(story.promoted);
  await story.built;
  const digest = await dev.shop.pushed();
  // What this machine has already would not be asked for.
  await docker('image', 'rm', '--force', `${registry}/shop:${dev.shop.head()}`, `${registry}/shop:latest`);
  expect(await puller.pull(`@${digest}`)).toContain(`Downloaded newer image for ${registry}/shop@${digest}`);
  expect(await new Control(prod.cloud).permissions()).toContainEqual({
    identity: deployRole('shop', 'prod', runner),
    ...{ action: 'ecr:GetDownloadUrlForLayer', resource: arn },
  });
});

it('gives way to the next one, and comes back', async () => {
  const { outputs } = await deployed(story.changed);
  expect(outputs).toMatchObject({ image: `${name}@${await second}`, 'template-version': '2' });
  const back = await deployed(story.back);
  expect(back.outputs).toMatchObject({
    image: `${name}@${await dev.shop.pushed()}`,
    'template-version': '1',
  });
  expect(await prod.shop.versions('prod')).toEqual(['1', '1']);
  expect((await refusedCalls(prod)).filter((call) => !call.startsWith('ecr:'))).toEqual([]);
});
