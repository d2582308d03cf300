/** Deployments onto simulated instances, as deploy.test.ts, that the gate has no time for. */
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { cloudDown, cloudUp } from '../../scripts/demo/cloud.ts';
import type { CloudDescription } from '../../scripts/demo/cloud.ts';
import { Aws } from './support/aws.ts';
import { Control } from './support/control.ts';
import { expectFailure, expectSuccess } from './support/outcome.ts';
import { portOf } from './support/ports.ts';
import { Project } from './support/project.ts';

const port = portOf(import.meta.url);
jest.setTimeout(300_000);

let cloud: CloudDescription;
let control: Control;
let aws: Aws;
let project: Project;

beforeAll(async () => {
  cloud = await cloudUp(port, { options: ['--instances', 'simulated', '--speed', '10'] });
  control = new Control(cloud);
  aws = new Aws(cloud);
  project = await Project.create('plain', cloud);
  expectSuccess(await project.deploy());
});

afterEach(() => control.forgetFaults());

afterAll(async () => {
  aws.close();
  await cloudDown(port);
  await project.remove();
});

describe('a deployment', () => {
  it('gets through throttling and a lost answer, and starts one refresh', async () => {
    await project.commit('content', 'second');
    await control.forgetCalls();
    await control.fault({
      service: 'autoscaling',
      operation: 'DescribeInstanceRefreshes',
      error: 'Throttling',
      times: 2,
    });
    await control.fault({ service: 'autoscaling', operation: 'StartInstanceRefresh', lost: true });
    const result = await project.deploy();
    expectSuccess(result);
    expect(await aws.versions('plain-dev')).toEqual(['2', '2']);
    const started = (await control.calls()).filter(
      ({ operation, errorCode }) => operation === 'StartInstanceRefresh' && errorCode === undefined,
    );
    expect(started.length).toBeLessThanOrEqual(2);
    expect(result.outputs['instance-refresh-id']).not.toBe('');
  });

  it('whose instances can’t run the image is refused before one is replaced, until it is built for them', async () => {
    await project.editRoot('variables.tf', '"t3.micro"', '"t4g.micro"');
    expectFailure(
      await project.deploy(),
      'preflight',
      /the image is for linux\/amd64, and the instances \(t4g\.micro\) need linux\/arm64/,
    );
    expect(await aws.versions('plain-dev')).toEqual(['2', '2']);
    // Docker's legacy builder takes a step from its cache whatever the platform: nobody else builds this content.
    await project.commit('content', 'for arm64');
    expectSuccess(await project.deploy({ inputs: { platform: 'linux/arm64' } }));
    expect(await aws.versions('plain-dev')).toEqual(['4', '4']);
  });
});
