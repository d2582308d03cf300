import { afterAll, afterEach, beforeAll, expect, it, jest } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloudDown, cloudUp } from '../../scripts/demo/cloud.ts';
import type { CloudDescription } from '../../scripts/demo/cloud.ts';
import type { StepResult } from '../../scripts/runner/runner.ts';
import { deploymentFaults, patternOf, type DeploymentFault, type FaultRow } from '../support/faults.ts';
import { Aws } from './support/aws.ts';
import { Control } from './support/control.ts';
import { DockerLine } from './support/docker-line.ts';
import { expectFailure, expectSuccess } from './support/outcome.ts';
import { portOf } from './support/ports.ts';
import { Project } from './support/project.ts';

/** Every fault of docs/faults.md that a deployment can meet before a rollout is begun, through the built action. */
const port = portOf(import.meta.url);
jest.setTimeout(300_000);

let cloud: CloudDescription;
let control: Control;
let aws: Aws;
let project: Project;
let folder: string;

beforeAll(async () => {
  cloud = await cloudUp(port, { options: ['--instances', 'simulated', '--speed', '50'] });
  control = new Control(cloud);
  aws = new Aws(cloud);
  folder = await mkdtemp(join(tmpdir(), 'faults-'));
  project = await Project.create('shop', cloud);
  expectSuccess(await project.deploy());
});

afterEach(() => control.forgetFaults());

afterAll(async () => {
  aws.close();
  await cloudDown(port);
  await project.remove();
  await rm(folder, { recursive: true });
});

const forGood = { times: 500 };

const calls =
  (service: string, operation: string, fault: Record<string, unknown>) => async (): Promise<StepResult> => {
    await control.fault({ service, operation, ...forGood, ...fault });
    return project.deploy();
  };

const denied = (action: string) => ({
  message: `User: arn:aws:sts::123456789012:assumed-role/shop-deploy/run is not authorized to perform: ${action}`,
  status: 403,
});

/** Docker ends when it is asked for this. */
const without = (until: RegExp) => async (): Promise<StepResult> => {
  const line = await DockerLine.open(join(folder, `${Math.random()}.sock`), until);
  try {
    return await project.deploy({ environment: { DOCKER_HOST: line.address } });
  } finally {
    line.close();
  }
};

const causes: Record<DeploymentFault, () => Promise<StepResult>> = {
  expired: calls('sts', 'GetCallerIdentity', { error: 'ExpiredToken', status: 403 }),
  skewed: calls('sts', 'GetCallerIdentity', {
    ...{ error: 'SignatureDoesNotMatch', status: 403 },
    message: 'Signature expired: 20261128T000000Z is now earlier than 20261128T001000Z',
  }),
  dockerDown: () => project.deploy({ environment: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } }),
  dockerDiesInBuild: without(/POST \/\S*\/build/),
  dockerDiesInPush: without(/POST \/\S*\/push/),
  ecrDown: calls('ecr', 'DescribeRepositories', { error: 'ServiceUnavailable' }),
  deniedPush: calls('ecr', 'InitiateLayerUpload', {
    error: 'AccessDeniedException',
    ...denied('ecr:InitiateLayerUpload'),
  }),
  expiredInPlan: calls('ec2', 'DescribeLaunchTemplates', { error: 'ExpiredToken', status: 403 }),
  deniedApply: calls('ec2', 'CreateLaunchTemplateVersion', {
    error: 'UnauthorizedOperation',
    ...denied('ec2:CreateLaunchTemplateVersion'),
  }),
};

const rows = (Object.keys(deploymentFaults) as DeploymentFault[]).map(
  (key): [string, FaultRow, DeploymentFault] => [deploymentFaults[key].fault, deploymentFaults[key], key],
);

it.each(rows)('%s', async (_, row, key) => {
  await project.commit('content', key);
  expectFailure(await causes[key](), row.reason, patternOf(row));
  expect(row.left === 'undeployed').toBe(await aws.hasImage('shop', project.head()));
  expect(await aws.versions('shop-dev')).toEqual(['1', '1']);
  expect(await aws.heldLocks()).toEqual([]);
});

it('the next deployment gets through', async () => {
  expectSuccess(await project.deploy());
  expect(new Set(await aws.versions('shop-dev'))).toEqual(new Set(['2']));
});
