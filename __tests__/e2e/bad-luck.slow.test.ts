import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloudDown, cloudUp } from '../../scripts/demo/cloud.ts';
import type { CloudDescription } from '../../scripts/demo/cloud.ts';
import type { StepResult } from '../../scripts/runner/runner.ts';
import { Aws } from './support/aws.ts';
import { Control } from './support/control.ts';
import { expectCancelled, expectFailure, expectSuccess } from './support/outcome.ts';
import { portOf } from './support/ports.ts';
import { Project } from './support/project.ts';

/**
 * What machines, networks, registries and other people do to a deployment. One application all through, so that each
 * case begins on what the one before has left. Instances are simulated.
 */
const port = portOf(import.meta.url);
jest.setTimeout(300_000);

let cloud: CloudDescription;
let control: Control;
let aws: Aws;
let bare: string;
let project: Project;
/** Waits for a mirror that does not answer while the other cases go on. */
let withoutTerraform: Promise<StepResult>;
const projects: Project[] = [];

beforeAll(async () => {
  cloud = await cloudUp(port, { options: ['--instances', 'simulated', '--speed', '20'] });
  control = new Control(cloud);
  aws = new Aws(cloud);
  bare = await pathWithoutTerraform();
  withoutTerraform = (await newProject('no-terraform')).deploy({
    inputs: { 'terraform-mirror': 'http://127.0.0.1:9' },
    environment: { PATH: bare },
  });
  project = await newProject('shop');
});

afterEach(() => control.forgetFaults());

afterAll(async () => {
  aws.close();
  await cloudDown(port);
  for (const project of projects) await project.remove();
  await rm(bare, { recursive: true, force: true });
});

async function newProject(application: string): Promise<Project> {
  const project = await Project.create(application, cloud);
  projects.push(project);
  return project;
}

/** A folder with what a build needs, and no Terraform. */
async function pathWithoutTerraform(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'path-'));
  for (const tool of ['docker', 'git']) {
    const found = execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim();
    await symlink(found, join(folder, tool));
  }
  return folder;
}

/** The next apply takes longer to write its state: two locks are written to the bucket before it. */
const slowState = (delayMilliseconds: number) =>
  control.fault({ service: 's3', operation: 'PutObject', delayMilliseconds, after: 2 });

const denied = (action: string) =>
  `User: arn:aws:sts::123456789012:assumed-role/shop-deploy/run is not authorized to perform: ${action}`;

describe('the machine', () => {
  it('without a Docker daemon', async () => {
    const environment = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };
    const result = await project.deploy({ environment });
    expectFailure(result, 'docker-unavailable', /the Docker daemon does not answer/, /next: start it/);
    expect(result.log).toMatch(/left: Nothing was pushed or deployed/);
  });
});

describe('the registry', () => {
  it('that refuses the push is quoted, and nothing is deployed', async () => {
    const message = denied('ecr:InitiateLayerUpload');
    const error = { error: 'AccessDeniedException', message, times: 50 };
    await control.fault({ service: 'ecr', operation: 'InitiateLayerUpload', ...error });
    const result = await project.deploy();
    expectFailure(result, 'image-push', /denied: User: .* ecr:InitiateLayerUpload/, /allow the role to push/);
    expect(await aws.versions('shop-dev')).toEqual([]);
    expect(await aws.heldLocks()).toEqual([]);
  });

  it('that loses its answer to the push has the image all the same', async () => {
    await control.fault({ service: 'ecr', operation: 'PutImage', lost: true });
    expectSuccess(await project.deploy());
    expect(await aws.versions('shop-dev')).toEqual(['1', '1']);
  });

  it('that got another commit’s image under this commit’s tag is not believed', async () => {
    const before = project.head();
    await project.commit('content', 'second');
    await control.fault({ service: 'ecr', operation: 'DescribeRepositories', delayMilliseconds: 2_000 });
    const tag = () => aws.tagImage('shop', before, project.head());
    const result = await project.deploy({ on: [/Image: registry and push/, tag] });
    expectFailure(result, 'image-push', /exists with other content/, `made from commit ${before}`);
    expect(result.log).toMatch(/left: Nothing was deployed; the image in the registry is as it was/);
    expect(await aws.versions('shop-dev')).toEqual(['1', '1']);
    await project.commit('content', 'third');
  });
});

describe('credentials', () => {
  it('that have expired are told before anything is touched', async () => {
    const expired = { error: 'ExpiredToken', status: 403 };
    await control.fault({ service: 'sts', operation: 'GetCallerIdentity', ...expired });
    const result = await project.deploy();
    expectFailure(result, 'credentials', /the AWS credentials have expired/, /Nothing was touched/);
  });

  it('that expire while Terraform works are named', async () => {
    const expired = { error: 'ExpiredToken', status: 403, times: 5 };
    await control.fault({ service: 'ec2', operation: 'DescribeLaunchTemplates', ...expired });
    const result = await project.deploy();
    expectFailure(
      result,
      'credentials',
      /the Terraform plan failed: .*ExpiredToken/s,
      /next: give role-to-assume/,
    );
    expect(await aws.heldLocks()).toEqual([]);
  });
});

describe('the state', () => {
  it('bucket of somebody else is refused', async () => {
    const refused = { error: 'AccessDenied', status: 403, times: 5 };
    await control.fault({ service: 's3', operation: 'HeadBucket', ...refused });
    const result = await project.deploy({ inputs: { 'state-bucket': 'somebody-elses' } });
    expectFailure(
      result,
      'backend',
      /belongs to another account, or the role may not read it/,
      /Nothing was touched/,
    );
  });

  it('bucket of one’s own is used as it is, and a lock in it is respected', async () => {
    const bucket = 'a-plain-bucket';
    await aws.makeBucket(bucket);
    const key = 'shop/staging/terraform.tfstate.tflock';
    const lock = {
      ID: '11111111-2222-3333-4444-555555555555',
      Operation: 'OperationTypeApply',
      Who: 'kim@laptop',
    };
    await aws.writeObject(bucket, key, JSON.stringify({ ...lock, Created: '2026-01-02T03:04:05Z' }));
    const inputs = {
      environment: 'staging',
      'state-bucket': bucket,
      'lock-table': 'none',
      'lock-timeout': '0',
    };
    const result = await project.deploy({ inputs });
    expectFailure(result, 'state-locked', /locked by kim@laptop/, /force-unlock 11111111-2222/);
    expect(result.log).toMatch(/left: Nothing was touched, and the lock was left alone/);
    expect(result.log).toMatch(
      /Warning: the state bucket a-plain-bucket keeps no versions.*put-bucket-versioning/,
    );
    expect(await aws.heldLocks(bucket)).toEqual([key]);
  });

  it('that a killed run locked is released by its post step, and the next one goes on', async () => {
    const killed = await project.deploy({
      on: [/▸ Infrastructure/, () => slowState(5_000)],
      cancelOn: /launch_template\.service: changed/,
      cancelTimes: { interruptMilliseconds: 1, terminateMilliseconds: 1 },
    });
    expect(killed.signals).toEqual(['SIGINT', 'SIGTERM', 'SIGKILL']);
    expect(killed.temporaryFiles).toEqual([]);
    expect(killed.log).toMatch(
      /Warning: The step was killed while Terraform held the lock of s3:\S+ \(OperationTypeApply, .*the lock was released/,
    );
    expect(await aws.heldLocks()).toEqual([]);
    expectSuccess(await project.deploy({ inputs: { 'lock-timeout': '0' } }));
  });
});

describe('a cancel', () => {
  const bucket = 'a-bucket-of-ones-own';
  const table = 'locks-of-ones-own';
  const inputs = { environment: 'prod', 'state-bucket': bucket, 'lock-table': table };

  it.each([
    ['while the state bucket is made', /Backend: state bucket/],
    ['while Terraform is initialised', /Terraform 1\.\d+/],
    ['while Terraform plans', /Infrastructure: terraform plan/],
  ])('%s leaves neither lock nor process', async (_, cancelOn) => {
    expectCancelled(await project.deploy({ inputs, cancelOn }), ['SIGINT']);
  });

  it('while Terraform applies gives it the time to write its state, and no second signal', async () => {
    const result = await project.deploy({
      inputs,
      on: [/▸ Infrastructure/, () => slowState(2_500)],
      cancelOn: /launch_template\.service: created/,
      cancelTimes: { interruptMilliseconds: 1_000, terminateMilliseconds: 9_000 },
    });
    expectCancelled(result, ['SIGINT', 'SIGTERM']);
    expect(result.log).toMatch(/Terraform was interrupted while it applied, and ended by itself/);
    expect(await aws.heldLocks(bucket, table)).toEqual([]);
  });

  it('in whatever phase leaves what the next run goes on from', async () => {
    const result = await project.deploy({ inputs });
    expectSuccess(result);
    expect(result.annotations).toEqual([]);
    expect(await aws.versions('shop-prod')).toEqual(['1', '1']);
  });
});

it('a machine without Terraform, and without a way to get it', async () => {
  const result = await withoutTerraform;
  expectFailure(result, 'terraform-unavailable', /neither terraform nor tofu is on the PATH/);
  expect(result.log).toMatch(
    /http:\/\/127\.0\.0\.1:9\/\S+SHA256SUMS can't be downloaded: connect ECONNREFUSED/,
  );
  expect(result.log).toMatch(/left: Nothing was touched\.\s+next: put terraform 1\.11\.4 on the PATH/);
});
