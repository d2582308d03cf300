import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { cloudDown, cloudUp } from '../../scripts/demo/cloud.ts';
import type { CloudDescription } from '../../scripts/demo/cloud.ts';
import { startGithub } from '../../scripts/runner/github.ts';
import type { StepResult } from '../../scripts/runner/runner.ts';
import { Control } from './support/control.ts';
import { Project } from './support/project.ts';

/** The commands beside deploy, through the built action and a Terraform root of the user's own. */
const port = '4932';
jest.setTimeout(180_000);

let cloud: CloudDescription;
let control: Control;
let project: Project;

beforeAll(async () => {
  cloud = await cloudUp(port, { options: ['--instances', 'simulated', '--speed', '20'] });
  control = new Control(cloud);
  project = await Project.create('commands', cloud);
  await project.deploy();
  await project.commit('content', 'second');
  expectConclusion(await project.deploy(), 'success');
});

afterAll(async () => {
  await cloudDown(port);
  await project.remove();
});

function expectConclusion(result: StepResult, conclusion: StepResult['conclusion']): void {
  if (result.conclusion !== conclusion)
    throw new Error(`not ${conclusion} but ${result.conclusion}:\n${result.log}`);
  expect(result.leftovers).toEqual([]);
  expect(result.temporaryFiles).toEqual([]);
}

const command = (name: string, inputs: Record<string, string> = {}) =>
  project.deploy({ inputs: { command: name, ...inputs } });

/** Calls that are no reads. */
async function changes(): Promise<string[]> {
  const calls = await control.calls();
  return calls
    .map(({ operation }) => operation)
    .filter((name) => !/^(Describe|Get|List|Head|Assume)/.test(name));
}

describe('the commands', () => {
  it('status and plan say what is and what would be, and change nothing', async () => {
    await control.forgetCalls();
    const status = await command('status');
    expectConclusion(status, 'success');
    expect(status.outputs.status).toBe('reported');
    expect(JSON.parse(status.outputs.running ?? '')).toMatchObject({
      versions: [{ version: 2 }],
      rollbackTarget: { version: 1 },
    });
    const github = await startGithub('ghs_token');
    const plan = await project.deploy({
      inputs: { command: 'plan', 'github-token': 'ghs_token' },
      job: { apiUrl: github.apiUrl, event: { pull_request: { number: 7 } } },
    });
    await github.close();
    expectConclusion(plan, 'success');
    expect(plan.outputs['plan-summary']).toBe('{"add":0,"change":0,"destroy":0}');
    expect(plan.log).toMatch(/template version 2 → 3/);
    expect(github.comments.get(7)?.map(({ body }) => body)).toEqual([
      `<!-- asg-deploy plan commands dev -->\n${plan.summary}`,
    ]);
    expect(`${plan.log}${plan.debugLog}${plan.summary}`).not.toContain('ghs_token');
    expect(await changes()).toEqual([]);
  });

  it('rollback goes back, with neither build nor Terraform', async () => {
    const result = await command('rollback');
    expectConclusion(result, 'success');
    expect(result.outputs).toMatchObject({ status: 'deployed', 'template-version': '1' });
    expect(result.debugLog).not.toMatch(/terraform (init|plan|apply)|docker build/);
    const again = await command('rollback');
    expectConclusion(again, 'failure');
    expect(again.outputs['failure-reason']).toBe('preflight');
    expectConclusion(await command('rollback', { 'template-version': '2' }), 'success');
  });

  it('destroy wants to be told twice, and then leaves nothing of the environment', async () => {
    await control.forgetCalls();
    const once = await command('destroy');
    expectConclusion(once, 'failure');
    expect(await control.calls()).toEqual([]);
    const twice = await command('destroy', { 'confirm-destroy': 'commands-dev' });
    expectConclusion(twice, 'success');
    expect(twice.outputs.status).toBe('destroyed');
    expect(twice.summary).toMatch(/state bucket .*registry/s);
    const status = await command('status');
    expect(status.outputs['failure-reason']).toBe('group-missing');
  });
});
