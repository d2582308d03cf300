import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { cloudDown, cloudUp } from '../../scripts/demo/cloud.ts';
import type { CloudDescription } from '../../scripts/demo/cloud.ts';
import { Aws } from './support/aws.ts';
import { Control } from './support/control.ts';
import { ways } from './support/kills.ts';
import { expectFailure, expectNothingLeft, expectOutcome, expectSuccess } from './support/outcome.ts';
import { portOf } from './support/ports.ts';
import { Project } from './support/project.ts';

/** Docker builds and the real Terraform applies; instances are simulated, ten times as fast as real ones. */
const port = portOf(import.meta.url);
jest.setTimeout(300_000);

let cloud: CloudDescription;
let control: Control;
let aws: Aws;
const projects: Project[] = [];

beforeAll(async () => {
  cloud = await cloudUp(port, { options: ['--instances', 'simulated', '--speed', '10'] });
  control = new Control(cloud);
  aws = new Aws(cloud);
});

afterEach(() => control.forgetFaults());

afterAll(async () => {
  aws.close();
  await cloudDown(port);
  for (const project of projects) await project.remove();
});

async function newProject(application: string): Promise<Project> {
  const project = await Project.create(application, cloud);
  projects.push(project);
  return project;
}

describe('what can be known beforehand', () => {
  it.each<[string, Record<string, string>, RegExp]>([
    ['a missing Dockerfile', { dockerfile: 'Dockerfile.prod' }, /Dockerfile\.prod/],
    ['a misspelt command', { command: 'depoly' }, /depoly.*deploy/],
    ['a number out of range', { 'min-healthy-percentage': '9O' }, /min-healthy-percentage is "9O"/],
    [
      'percentages too far apart',
      { 'min-healthy-percentage': '50', 'max-healthy-percentage': '200' },
      /max-healthy-percentage/,
    ],
    ['a checkpoint list that does not rise', { checkpoints: '50, 20, 100' }, /checkpoints/],
    ['an empty application', { application: '' }, /application/],
    ['a name that AWS would refuse', { application: 'Shop_1' }, /application/],
  ])('is refused before anything is touched: %s', async (_, inputs, message) => {
    const project = await newProject('refused');
    await control.forgetCalls();
    const result = await project.deploy({ inputs });
    expectFailure(result, 'input-invalid', message, /Nothing was touched/);
    expect(await control.calls()).toEqual([]);
  });

  it('is refused without credentials', async () => {
    const project = await newProject('nobody');
    const environment = {
      AWS_ACCESS_KEY_ID: '',
      AWS_SECRET_ACCESS_KEY: '',
      AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
      AWS_CONFIG_FILE: '/nowhere',
    };
    expectFailure(await project.deploy({ environment }), 'credentials', /credentials/, /next: /);
  });
});

describe('a deployment', () => {
  let project: Project;

  it('makes everything, and a second one finds nothing to do', async () => {
    project = await newProject('plain');
    const first = await project.deploy();
    expectSuccess(first);
    expect(first.outputs).toMatchObject({
      status: 'deployed',
      'template-version': '1',
      'failure-reason': '',
    });
    expect(await aws.versions('plain-dev')).toEqual(['1', '1']);
    const second = await project.deploy();
    expectSuccess(second);
    expect(second.log).toMatch(/Nothing to deploy: the image exists, the plan is empty/);
    expect(second.outputs.status).toBe('unchanged');
    expect(await aws.heldLocks()).toEqual([]);
  });

  it('that is cancelled during the rollout brings the old version back, and the next one works', async () => {
    await project.commit('content', 'second');
    const cancelled = await project.deploy({
      cancelOn: /started instance refresh/,
      cancelTimes: ways.cancelled,
    });
    expectOutcome(cancelled, 'cancelled');
    expect(cancelled.outputs.status).toBe('cancelled');
    expectNothingLeft(cancelled);
    expect(await aws.heldLocks()).toEqual([]);
    expectSuccess(await project.deploy());
    expect(await aws.versions('plain-dev')).toEqual(['2', '2']);
  });
});

describe('the image', () => {
  it('that does not build changes nothing; the next run works', async () => {
    const project = await newProject('build');
    await project.commit(
      'Dockerfile',
      'FROM node:24-bookworm-slim\nRUN echo the-compiler-says-no && exit 7\n',
    );
    const result = await project.deploy();
    expectFailure(result, 'image-build', /the-compiler-says-no/, /exit|code|7/);
    expect(await aws.versions('build-dev')).toEqual([]);
    expect(await aws.heldLocks()).toEqual([]);
    await project.commit('Dockerfile', 'FROM node:24-bookworm-slim\n');
    expectSuccess(await project.deploy());
  });

  it('that the registry refuses leaves the infrastructure alone', async () => {
    const project = await newProject('push');
    await control.fault({
      service: 'ecr',
      operation: 'GetAuthorizationToken',
      error: 'AccessDeniedException',
      times: 20,
    });
    expectFailure(await project.deploy(), 'image-push', /AccessDenied/);
    expect(await aws.versions('push-dev')).toEqual([]);
  });

  it('that is being built when the job is cancelled ends with its build', async () => {
    const project = await newProject('cancel');
    // Far longer than this test may take.
    await project.commit('Dockerfile', 'FROM node:24-bookworm-slim\nRUN echo building && sleep 900\n');
    const result = await project.deploy({
      cancelOn: /RUN echo building .*still, for/,
      cancelTimes: ways.cancelled,
    });
    expectOutcome(result, 'cancelled');
    expect(result.outputs.status).toBe('cancelled');
    expectNothingLeft(result);
    expect(await aws.heldLocks()).toEqual([]);
  });
});

describe('the infrastructure', () => {
  it('whose plan fails is left as it was, and Terraform is quoted', async () => {
    const project = await newProject('plan');
    await project.editRoot('main.tf', '= var.instance_type', '= regex("[0-9]+", "none")');
    expectFailure(await project.deploy(), 'terraform-plan', /main\.tf/, /No infrastructure was touched/);
    expect(await aws.versions('plan-dev')).toEqual([]);
    expect(await aws.heldLocks()).toEqual([]);
  });

  it('whose apply fails says what AWS said; the next run works', async () => {
    const project = await newProject('apply');
    await control.fault({
      service: 'autoscaling',
      operation: 'CreateAutoScalingGroup',
      error: 'LimitExceeded',
      message: 'you have 500 groups already',
      times: 20,
    });
    expectFailure(await project.deploy(), 'terraform-apply', /you have 500 groups already/);
    expect(await aws.heldLocks()).toEqual([]);
    await control.forgetFaults();
    expectSuccess(await project.deploy());
    expect(await aws.versions('apply-dev')).toEqual(['1', '1']);
  });

  it('whose root breaks the contract is refused with all that is wrong, before the apply', async () => {
    const project = await newProject('contract');
    await project.editRoot('outputs.tf', 'output "alarm_names"', 'output "alarms"');
    await project.editRoot('outputs.tf', '= var.url', '= "shop.example"');
    await project.editRoot('outputs.tf', 'split("@", var.image)[0]', 'var.image\n  sensitive   = true');
    expectFailure(
      await project.deploy(),
      'terraform-contract',
      /does not give 3 outputs/,
      /url is "shop\.example", which has no scheme/,
      /repository_url is sensitive/,
      /alarm_names is missing/,
      /The root was planned and not applied/,
    );
    expect(await aws.versions('contract-dev')).toEqual([]);
  });

  it('whose outputs name a group that is gone is not rolled out', async () => {
    const project = await newProject('gone');
    await project.editRoot('outputs.tf', '= aws_autoscaling_group.service.name', '= "someone-elses"');
    expectFailure(await project.deploy(), 'group-missing', /someone-elses/);
  });

  it('whose state is locked waits, then says by whom and since when, and leaves the lock', async () => {
    const project = await newProject('locked');
    const LockID = { S: 'asg-deploy-123456789012-eu-north-1/locked/dev/terraform.tfstate' };
    const info = {
      ID: '11111111-2222-3333-4444-555555555555',
      Operation: 'OperationTypeApply',
      Who: 'kim@laptop',
      Version: '1.11.4',
      Created: '2026-01-02T03:04:05Z',
      Path: LockID.S,
    };
    await aws.dynamo.send(
      new PutItemCommand({
        TableName: 'asg-deploy-locks',
        Item: { LockID, Info: { S: JSON.stringify(info) } },
      }),
    );
    try {
      expectFailure(
        await project.deploy({ inputs: { 'lock-timeout': '2' } }),
        'state-locked',
        /kim@laptop/,
        /11111111-2222/,
      );
      expect(await aws.heldLocks()).toEqual([LockID.S]);
    } finally {
      await aws.dynamo.send(new DeleteItemCommand({ TableName: 'asg-deploy-locks', Key: { LockID } }));
    }
    expectSuccess(await project.deploy());
  });
});
