import { CreateRepositoryCommand, DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { cloudDown, cloudUp } from '../../scripts/demo/cloud.ts';
import type { CloudDescription } from '../../scripts/demo/cloud.ts';
import { clientConfiguration } from './support/client.ts';
import { expectFailure, expectSuccess } from './support/outcome.ts';
import { portOf } from './support/ports.ts';
import { Project } from './support/project.ts';

/** What an image is called, and when it is built again: small images, simulated instances. */
const port = portOf(import.meta.url);
jest.setTimeout(240_000);

let cloud: CloudDescription;
let ecr: ECRClient;
let project: Project;

beforeAll(async () => {
  cloud = await cloudUp(port, { options: ['--instances', 'simulated', '--speed', '50'] });
  ecr = new ECRClient(clientConfiguration(cloud));
  project = await Project.create('named', cloud);
});

afterAll(async () => {
  ecr.destroy();
  await cloudDown(port);
  await project.remove();
});

async function digestOf(repositoryName: string, imageTag: string): Promise<string | undefined> {
  const { imageDetails } = await ecr.send(
    new DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag }] }),
  );
  return imageDetails?.[0]?.imageDigest;
}

const exists = /is in the registry already/;

it('an image is what its name says: commit, arguments, generated files, repository', async () => {
  const before = project.head();
  await project.commit('content', 'second');
  const head = project.head();

  const second = await project.deploy({ job: { sha: before } });
  expectSuccess(second);
  expect(second.log).toContain(`commit ${head} is checked out, and the job is for ${before}`);
  expect(second.log).not.toMatch(exists);
  expect(second.outputs['image-digest']).toBe(await digestOf('named', head));

  const inputs = { 'build-args': 'API=https://a.example' };
  const other = await project.deploy({ inputs });
  expectSuccess(other);
  expect(/pushing \S+:([0-9a-f]{40})-[0-9a-f]{8}/.exec(other.log)?.[1]).toBe(head);
  expect(other.outputs['image-digest']).not.toBe(second.outputs['image-digest']);
  const again = await project.deploy({ inputs });
  expect(again.log).toMatch(exists);
  expect(again.outputs).toMatchObject({
    status: 'unchanged',
    'image-digest': other.outputs['image-digest'],
  });

  const missing = await project.deploy({ inputs: { repository: 'team/named' } });
  expectFailure(missing, 'input-invalid', /has no repository team\/named/, /create-repository/);
  await ecr.send(new CreateRepositoryCommand({ repositoryName: 'team/named' }));
  await project.write('generated', 'by a step before');
  const moved = await project.deploy({ inputs: { repository: 'team/named' } });
  expectSuccess(moved);
  expect(moved.log).toMatch(/1 file in the context is not commit .* \(generated\)/);
  expect(moved.outputs.image).toMatch(/\/team\/named@sha256:/);
});
