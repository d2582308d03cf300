import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { cloudDown, cloudUp } from '../../scripts/demo/cloud.ts';
import type { CloudDescription } from '../../scripts/demo/cloud.ts';
import { startGithub } from '../../scripts/runner/github.ts';
import { describeWith } from '../support/tools.ts';
import { ci, runWorkflow, withWorkflows } from './support/act.ts';
import { Aws } from './support/aws.ts';
import { Control } from './support/control.ts';
import { portOf } from './support/ports.ts';
import { Project } from './support/project.ts';

/** .github/workflows as a user copies them, run by act with the built action against a cloud of simulated instances. */
const port = portOf(import.meta.url);
jest.setTimeout(300_000);

describeWith(['act', 'jq'], 'the workflows', () => {
  let cloud: CloudDescription;
  let control: Control;
  let aws: Aws;
  let project: Project;

  beforeAll(async () => {
    cloud = await cloudUp(port, { options: ['--instances', 'simulated', '--speed', '60'] });
    control = new Control(cloud);
    aws = new Aws(cloud);
    project = await Project.create('sample', cloud);
    project.remote('https://github.com/octo-org/shop.git');
    await withWorkflows(project, [
      ...['deploy.yml', 'redeploy.yml', 'plan.yml', 'status.yml'],
      ...['rollback.yml', 'promote.yml', 'abort.yml'],
    ]);
  });

  afterAll(async () => {
    aws.close();
    await cloudDown(port);
    await project.remove();
  });

  it('deploy nothing that ci has not passed', async () => {
    await project.commit('.github/workflows/ci.yml', ci('false'));
    await control.forgetCalls();
    const run = await runWorkflow(project, cloud, { event: 'push', workflow: 'deploy.yml' });
    expect(run.exitCode).not.toBe(0);
    // The step of ci has run, and it alone: a workflow that never started would fail as well.
    expect(run.jobs).toEqual([['test', 'failure']]);
    expect(await control.calls()).toEqual([]);
  });

  it('bring the image that dev was given to the next environment', async () => {
    await project.commit('.github/workflows/ci.yml', ci('true'));
    const start = { event: 'push', workflow: 'deploy.yml', job: 'staging' };
    const run = await runWorkflow(project, cloud, start);
    expect(run.jobs).toEqual([
      ['test', 'success'],
      ['dev', 'success'],
      ['staging', 'success'],
    ]);
    const image = run.outputs.dev?.['image-digest'];
    expect(image).toMatch(/^sha256:[0-9a-f]{64}$/);
    for (const environment of ['dev', 'staging']) {
      expect(run.outputs[environment]).toMatchObject({ status: 'deployed', 'image-digest': image });
      expect(await aws.versions(`sample-${environment}`)).toEqual(['1', '1']);
    }
  });

  it('by hand redeploy what is asked for, where it is asked for', async () => {
    const inputs = { environment: 'staging', image: 'latest' };
    const run = await runWorkflow(project, cloud, {
      event: 'workflow_dispatch',
      workflow: 'redeploy.yml',
      inputs,
    });
    expect(run.jobs).toEqual([['redeploy', 'success']]);
    expect(run.outputs.redeploy).toMatchObject({ status: 'unchanged' });
  });

  it('write the plan to a pull request, and to none of a fork', async () => {
    const github = await startGithub('token-of-the-job');
    try {
      const from = async (repository: string) => {
        const { jobs } = await runWorkflow(project, cloud, {
          event: 'pull_request',
          workflow: 'plan.yml',
          matrix: 'environment:dev',
          payload: { number: 7, pull_request: { number: 7, head: { repo: { full_name: repository } } } },
          variables: { AWS_ACCOUNT_ID: '123456789012' },
          github: { apiUrl: github.apiUrl, token: 'token-of-the-job' },
        });
        return jobs;
      };
      expect(await from('somebody/shop')).toEqual([]);
      expect(github.calls).toEqual([]);
      expect(await from('octo-org/shop')).toEqual([['plan', 'success']]);
      expect(github.comments.get(7)?.map(({ body }) => body)).toEqual([
        expect.stringMatching(/plan sample dev[^]*the infrastructure would not change/),
      ]);
    } finally {
      await github.close();
    }
  });

  it('say by schedule whether what runs is what was deployed', async () => {
    const run = await runWorkflow(project, cloud, {
      ...{ event: 'schedule', workflow: 'status.yml', matrix: 'environment:staging' },
      variables: { AWS_ACCOUNT_ID: '123456789012' },
    });
    expect(run.jobs).toEqual([['status', 'success']]);
    expect(run.outputs.status).toMatchObject({ status: 'planned' });
  });

  it('by hand take the version before back', async () => {
    await project.commit('content', 'second');
    const push = { event: 'push', workflow: 'deploy.yml', job: 'dev' };
    expect((await runWorkflow(project, cloud, push)).outputs.dev).toMatchObject({ status: 'deployed' });
    expect(await aws.versions('sample-dev')).toEqual(['2', '2']);
    const start = { event: 'workflow_dispatch', workflow: 'rollback.yml', inputs: { environment: 'dev' } };
    const run = await runWorkflow(project, cloud, start);
    expect(run.jobs).toEqual([['rollback', 'success']]);
    expect(await aws.versions('sample-dev')).toEqual(['1', '1']);
  });

  it.each([
    [
      'promote',
      'failure',
      { 'failure-reason': 'preflight' },
      /there is nothing to go on with: one version runs/,
    ],
    ['abort', 'success', { status: 'unchanged' }, /Nothing to take back: no rollout of sample in staging/],
  ])('find nothing that waits, and %s says so', async (command, conclusion, outputs, words) => {
    const start = {
      event: 'workflow_dispatch',
      workflow: `${command}.yml`,
      inputs: { environment: 'staging' },
    };
    const run = await runWorkflow(project, cloud, start);
    expect(run.jobs).toEqual([[command, conclusion]]);
    expect(run.outputs[command]).toMatchObject(outputs);
    expect(run.log).toMatch(words);
  });
});
