import {
  AutoScalingClient,
  DeleteLifecycleHookCommand,
  DescribeAutoScalingGroupsCommand,
  PutLifecycleHookCommand,
} from '@aws-sdk/client-auto-scaling';
import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { cloudDown, cloudUp } from '../../scripts/demo/cloud.ts';
import type { CloudDescription } from '../../scripts/demo/cloud.ts';
import type { StepResult } from '../../scripts/runner/runner.ts';
import { clientConfiguration } from './support/client.ts';
import { Control } from './support/control.ts';
import { portOf } from './support/ports.ts';
import { Project, type DeployOptions } from './support/project.ts';
import { startStandIn } from './support/stand-in.ts';
import type { StandIn } from './support/stand-in.ts';

/**
 * The command redeploy with a Terraform root of the user's own, twenty times as fast as in reality. No Docker: what is
 * deployed are images by digest in somebody else's registry, which nobody asks for.
 */
const port = portOf(import.meta.url);
const group = 'redeploy-dev';
jest.setTimeout(300_000);

let cloud: CloudDescription;
let control: Control;
let project: Project;
let autoScaling: AutoScalingClient;
let images = 0;

beforeAll(async () => {
  cloud = await cloudUp(port, { options: ['--instances', 'simulated', '--speed', '20'] });
  control = new Control(cloud);
  project = await Project.create('redeploy', cloud);
  autoScaling = new AutoScalingClient(clientConfiguration(cloud));
  const first = await deployNext();
  if (first.conclusion !== 'success') throw new Error(first.log);
});

afterEach(() => control.forgetFaults());

afterAll(async () => {
  autoScaling.destroy();
  await cloudDown(port);
  await project.remove();
});

/** Deploys an image that was not deployed before, so that there is a new template version each time. */
function deployNext(inputs: Record<string, string> = {}, options: DeployOptions = {}): Promise<StepResult> {
  images += 1;
  const digest = String(images).padStart(64, '0');
  return project.deploy({
    ...options,
    inputs: { command: 'redeploy', image: `registry.example.com/shop@sha256:${digest}`, ...inputs },
  });
}

async function look(): Promise<AutoScalingGroup> {
  const { AutoScalingGroups } = await autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] }),
  );
  const [found] = AutoScalingGroups ?? [];
  if (found === undefined) throw new Error('the group is gone');
  return found;
}

/** Instances by template version. */
async function versions(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { LaunchTemplate, LifecycleState } of (await look()).Instances ?? []) {
    const version = LaunchTemplate?.Version ?? '';
    if (!LifecycleState?.startsWith('Terminat')) counts[version] = (counts[version] ?? 0) + 1;
  }
  return counts;
}

/** The versions of the instances in service, one for each. */
async function serving(): Promise<number[]> {
  const there = (await look()).Instances ?? [];
  return there
    .filter(({ LifecycleState }) => LifecycleState === 'InService')
    .map(({ LaunchTemplate }) => Number(LaunchTemplate?.Version));
}

function expectEnded(result: StepResult, conclusion: StepResult['conclusion']): void {
  if (result.conclusion !== conclusion) throw new Error(`${result.conclusion}:\n${result.log}`);
  expect(result.exitCode).toBe(conclusion === 'success' ? 0 : 1);
  expect(result.leftovers).toEqual([]);
  expect(result.temporaryFiles).toEqual([]);
}

describe('a redeployment', () => {
  it('moves the group to the version that Terraform made', async () => {
    const result = await deployNext();
    expectEnded(result, 'success');
    const { status, 'template-version': version = '' } = result.outputs;
    expect(status).toBe('deployed');
    expect(await versions()).toEqual({ [version]: 2 });
    expect((await look()).LaunchTemplate?.Version).toBe(version);
  });

  it('that goes badly is undone, and leaves the version that Terraform made behind', async () => {
    const before = await versions();
    const saved = (await look()).LaunchTemplate?.Version;
    // Every deployment made a template version, the failed ones too.
    const noCapacity = "The image id 'ami-4edb0327' does not exist. Launching EC2 instance failed.";
    await control.fault({ fleet: { noCapacity, templateVersion: images + 1 } });
    const result = await deployNext();
    expectEnded(result, 'failure');
    expect(result.outputs).toMatchObject({ status: 'rolled-back', 'failure-reason': 'launch-failed' });
    expect(result.log).toMatch(
      /Error: new instances can't be launched: the machine image \(AMI\) of the launch template does not exist/,
    );
    expect(result.log).toMatch(/rolled back: both instances run version \d+ again/);
    expect(await versions()).toEqual(before);
    expect((await look()).LaunchTemplate?.Version).toBe(saved);
  });

  it('is stopped in part where the last checkpoint says so, and told', async () => {
    const result = await deployNext({ checkpoints: '50', 'checkpoint-delay': '0' });
    expectEnded(result, 'success');
    expect(result.outputs.status).toBe('partly-replaced');
    expect(result.log).toMatch(/runs on 1 of 2 instances/);
    expect(Object.values(await versions())).toEqual([1, 1]);
  });
});

describe('a smoke test', () => {
  let standIn: StandIn;
  const bad = new Set<number>();
  const smokeTest = {
    'smoke-test-path': '/health',
    'smoke-test-status': '200',
    'smoke-test-body': 'version',
    'smoke-test-attempts': '2',
    'min-healthy-percentage': '100',
    'max-healthy-percentage': '100',
    'instance-warmup': '0',
  };

  beforeAll(async () => {
    standIn = await startStandIn(serving, (version) => (bad.has(version) ? 500 : 200));
    await project.editRoot('environments/dev.tfvars', '"http://127.0.0.1"', `"${standIn.address}"`);
  });

  afterAll(() => standIn.close());

  it('passes while both versions answer, and at the end', async () => {
    // Holds the first batch until it was asked.
    const hook = { AutoScalingGroupName: group, LifecycleHookName: 'farewell' };
    await autoScaling.send(
      new PutLifecycleHookCommand({
        ...hook,
        LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
        HeartbeatTimeout: 4000,
        DefaultResult: 'CONTINUE',
      }),
    );
    const release = () => autoScaling.send(new DeleteLifecycleHookCommand(hook));
    const result = await deployNext(smokeTest, { on: [/while 1 of \d serving instances is new/, release] });
    expectEnded(result, 'success');
    expect(result.log).toMatch(
      /smoke test: \/health answers 200 .*, \d+ times, while 1 of \d serving instances is new: 99 % sure/,
    );
    expect(result.log).toMatch(/smoke test: \/health answers 200 through the load balancer\n/);
  });

  it('ends a rollout at the first batch, and the old version serves on', async () => {
    const before = await versions();
    bad.add(images + 1);
    // The first batch is held for a minute of the action's.
    const result = await deployNext({ ...smokeTest, checkpoints: '50, 100', 'checkpoint-delay': '1200' });
    expectEnded(result, 'failure');
    expect(result.outputs).toMatchObject({ status: 'rolled-back', 'failure-reason': 'smoke-test' });
    expect(result.log).toMatch(
      /Error: the smoke test failed while 1 of \d serving instances was new: \/health/,
    );
    expect(result.log).toMatch(/answer: +HTTP 500: version \d+/);
    expect(await versions()).toEqual(before);
  });
});
