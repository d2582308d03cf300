import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { cloudDown, cloudUp } from '../../scripts/demo/cloud.ts';
import type { CloudDescription } from '../../scripts/demo/cloud.ts';
import type { StepResult } from '../../scripts/runner/runner.ts';
import { Aws } from './support/aws.ts';
import { expectFailure, expectNothingLeft, expectSuccess } from './support/outcome.ts';
import { portOf } from './support/ports.ts';
import { Project } from './support/project.ts';

/** Two runs of one environment at the same moment, and one image in several environments. Instances are simulated. */
const port = portOf(import.meta.url);
jest.setTimeout(300_000);

let cloud: CloudDescription;
let aws: Aws;
/** The same repository, checked out by two jobs. */
let jobs: [Project, Project];
/** What dev runs. */
let running: { image: string; digest: string; commit: string };

beforeAll(async () => {
  cloud = await cloudUp(port, { options: ['--instances', 'simulated', '--speed', '20'] });
  aws = new Aws(cloud);
  const project = await Project.create('shop', cloud);
  jobs = [project, await project.checkOut()];
});

afterAll(async () => {
  aws.close();
  await cloudDown(port);
  for (const job of jobs) await job.remove();
});

/** Each job deploys a commit of its own, in the same moment. */
async function deployBoth(content: string): Promise<StepResult[]> {
  for (const [index, job] of jobs.entries()) await job.commit('content', `${content} of job ${index}`);
  return Promise.all(jobs.map((job) => job.deploy()));
}

/**
 * Both ended well, or one did and the other says that it was overtaken; what Terraform applied last is what runs.
 * @returns what runs, and the commit that it was made of
 */
async function expectTruth(results: StepResult[], newest: number): Promise<typeof running> {
  for (const result of results) {
    expectNothingLeft(result);
    if (result.conclusion === 'success') expect(result.outputs.status).toBe('deployed');
    else expectFailure(result, 'superseded', `version ${newest} stays`);
  }
  const versions = results.map(({ outputs }) => Number(outputs['template-version']));
  expect(versions.toSorted()).toEqual([newest - 1, newest]);
  expect(await aws.versions('shop-dev')).toEqual([String(newest), String(newest)]);
  expect(await aws.heldLocks()).toEqual([]);
  const last = versions.indexOf(newest);
  expect(results[last]?.conclusion).toBe('success');
  const { image = '', 'image-digest': digest = '' } = results[last]?.outputs ?? {};
  return { image, digest, commit: jobs[last]?.head() ?? '' };
}

describe('two runs of one environment at the same moment', () => {
  it('make the backend, the registry and the first version together', async () => {
    await expectTruth(await deployBoth('first'), 2);
  });

  it('follow each other, and the version that Terraform made last is what runs', async () => {
    running = await expectTruth(await deployBoth('second'), 4);
  });
});

describe('an image', () => {
  const redeploy = (environment: string, image: string) =>
    jobs[0].deploy({ inputs: { command: 'redeploy', environment, image } });

  it('goes from one environment to others by its digest or by its commit, without a build', async () => {
    const { image, digest, commit } = running;
    const promoted = await Promise.all([redeploy('staging', digest), redeploy('prod', commit)]);
    for (const result of promoted) {
      expectSuccess(result);
      expect(result.outputs).toMatchObject({ status: 'deployed', image, 'image-digest': digest });
      expect(result.debugLog).not.toMatch(/docker (build|push)/);
    }
    for (const group of ['shop-staging', 'shop-prod']) expect(await aws.versions(group)).toEqual(['1', '1']);
  });

  it.each([
    [
      // AWS does not tell a closed repository from one that is not there.
      'another account',
      '210987654321.dkr.ecr.eu-north-1.amazonaws.com/shop:v1',
      'repository shop of account 210987654321 is closed to this job',
    ],
    [
      'another region',
      '123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:v1',
      'there is no image 123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:v1: there is no repository shop in eu-west-1',
    ],
  ])('that is not in the registry of %s is refused by that name', async (_, image, told) => {
    const result = await redeploy('prod', image);
    expectFailure(result, 'image-missing', told, /Nothing was touched/);
  });
});
