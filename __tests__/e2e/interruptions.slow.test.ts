/**
 * Deployments that end in the middle, at every boundary of their phases and within each, and are then run again: the first
 * of an environment, of which nothing is there, and a later one, while a version serves. Instances are simulated.
 */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { cloudDown, cloudUp } from '../../scripts/demo/cloud.ts';
import { runCases } from './fleet/cases.ts';
import { terminations } from './fleet/interruptions.ts';
import { InterruptedDeployment } from './support/interrupted-deployment.ts';
import type { Place, Stop } from './support/interrupted-deployment.ts';
import type { DeploymentMoment, Way } from './support/kills.ts';
import { portOf } from './support/ports.ts';

const port = portOf(import.meta.url);
const fleetPort = portOf(import.meta.url, 1);
jest.setTimeout(300_000);

/** Each moment by what stops the job: there is more than one in what takes long. */
type Table = Partial<Record<DeploymentMoment, Record<string, Stop>>>;

const call = (service: string, operation: string, how: { after?: number; done: boolean }): Stop => ({
  ...{ service, operation },
  ...how,
});
const lost = { done: false };
const done = { done: true };
/** A plan takes the lock and gives it back; what is applied after it does that again, and writes the state in between. */
const ofApply = 1;
const state = 2;

/** Before Terraform has changed anything. */
const before: Table = {
  'while credentials are asked for': { 'AWS is asked': call('sts', 'GetCallerIdentity', lost) },
  'while Terraform is initialised': { 'it begins': { line: /Terraform 1\.\d+/ } },
  'while the image is built': { 'it begins': { line: /Image: build/ } },
  'while the image is pushed': { 'its layers are there': call('ecr', 'PutImage', lost) },
};

/** What makes a backend. */
const backend: Table = {
  'while the state bucket is made': {
    'there is a bare one': call('s3', 'CreateBucket', done),
    'it keeps no versions': call('s3', 'PutBucketVersioning', lost),
    'it lacks its last tag': call('s3', 'PutBucketTagging', { after: 1, done: false }),
  },
  'while the lock table is made': {
    'there is a bare one': call('dynamodb', 'CreateTable', done),
    'it lacks its last tag': call('dynamodb', 'TagResource', lost),
  },
};

/** When an environment is made. */
const making: Table = {
  'while Terraform plans': { 'it has both locks': call('dynamodb', 'PutItem', done) },
  'while Terraform applies': { 'nothing is made': call('ec2', 'CreateLaunchTemplate', lost) },
  'while Terraform gives its lock back': {
    'both are held': call('s3', 'DeleteObject', { after: ofApply, done: false }),
  },
};

/** Where something is there that the state does not know, unless Terraform had the time to write it. */
const made: Table = {
  'while Terraform applies': {
    'the template is made': call('ec2', 'CreateLaunchTemplate', done),
    'the group is made': call('autoscaling', 'CreateAutoScalingGroup', done),
  },
  'while Terraform saves its state': {
    'it is not saved': call('s3', 'PutObject', { after: state, done: false }),
  },
};

/** While a version serves. */
const serving: Table = {
  'while Terraform plans': {
    'it has the lock in the bucket': call('s3', 'PutObject', done),
    'it gives its lock back': call('s3', 'DeleteObject', lost),
  },
  'while Terraform applies': {
    'nothing is changed': call('ec2', 'CreateLaunchTemplateVersion', lost),
    'the template has its version': call('ec2', 'CreateLaunchTemplateVersion', done),
  },
  'while Terraform saves its state': {
    'it is not saved': call('s3', 'PutObject', { after: state, done: false }),
    'it is saved': call('s3', 'PutObject', { after: state, done: true }),
  },
  'while Terraform gives its lock back': {
    'the one in the table is held': call('dynamodb', 'DeleteItem', { after: ofApply, done: false }),
  },
  'between the apply and the rollout': {
    'the rollouts are looked at': call('autoscaling', 'DescribeInstanceRefreshes', lost),
  },
  'when all is done but the report': { 'it is seen': { line: /AWS calls the refresh successful/ } },
};

const rows = (...tables: Table[]): [title: string, stop: Stop][] =>
  tables.flatMap((table) =>
    Object.entries(table).flatMap(([moment, stops]) =>
      Object.entries(stops).map(([when, stop]): [string, Stop] => [`${moment}: ${when}`, stop]),
    ),
  );

const dev: Place = { environment: 'dev', bucket: 'states-of-dev', table: 'locks-of-dev' };
let deployments: InterruptedDeployment;
let places = 0;

beforeAll(async () => {
  const cloud = await cloudUp(port, { options: ['--instances', 'simulated', '--speed', '20'] });
  deployments = await InterruptedDeployment.create('shop', cloud);
  await deployments.deploy(dev);
});

afterAll(async () => {
  await deployments.remove();
  await cloudDown(port);
});

/** An environment of which nothing is there. */
async function newPlace(): Promise<Place> {
  places += 1;
  const environment = `new${String(places).padStart(2, '0')}`;
  await deployments.addEnvironment(environment);
  return { environment, bucket: `states-of-${environment}`, table: `locks-of-${environment}` };
}

const first = (way: Way) => async (_: string, stop: Stop) => {
  const place = await newPlace();
  await deployments.stopAndGoOn(place, way, stop);
  await deployments.expectSettled(place);
};

const later = (way: Way) => async (title: string, stop: Stop) => {
  await deployments.project.commit('content', `${way} ${title}`);
  const { stopped } = await deployments.stopAndGoOn(dev, way, stop);
  // Terraform has said enough by then to know whose the lock is.
  if (way === 'killed' && /applies|saves|gives its lock back: the one/.test(title))
    expect(stopped.log).toMatch(/so the lock was released/);
  await deployments.expectSettled(dev);
};

describe('a job that is killed', () => {
  // Terraform had nothing begun: that the next one gets through is all that there is to see.
  it.each(rows(backend))('in the first deployment %s', async (_, stop) => {
    await deployments.stopAndGoOn(await newPlace(), 'killed', stop);
  });
  it.each(rows(making))('in the first deployment %s', first('killed'));

  it.each(rows(before))('in a later one %s', async (title, stop) => {
    await deployments.project.commit('content', title);
    await deployments.stopAndGoOn(dev, 'killed', stop);
  });
  it.each(rows(serving))('in a later one %s', later('killed'));

  it.each(rows(made))('and has made what no state knows %s: the next says so', async (_, stop) => {
    const place = await newPlace();
    await deployments.expectUnknown(place, 'killed', stop);
  });
});

describe('a job that is killed beside its Terraform, which goes on', () => {
  it.each(rows(made))('in the first deployment %s', first('alone'));
});

describe('a job that is cancelled', () => {
  it.each(rows(making))('in the first deployment %s', first('cancelled'));
  it.each(rows(serving))('in a later one %s', later('cancelled'));
});

describe('a rollout', () =>
  runCases({ port: fleetPort, speed: 100, atOnce: 7 }, { 'that gets SIGTERM alone': terminations }));
