/**
 * terraform/ itself with its own variables files: three environments of one application, side by side in one cloud,
 * each deployed by the calls of its own role. Most of it is waiting that the AWS provider does by itself; the commands
 * beside deploy are tried meanwhile.
 */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { cloudDown, cloudUp } from '../../scripts/demo/cloud.ts';
import type { CloudDescription } from '../../scripts/demo/cloud.ts';
import { startGithub } from '../../scripts/runner/github.ts';
import type { StepResult } from '../../scripts/runner/runner.ts';
import { boot } from '../terraform/instance.ts';
import { renderUserData } from '../terraform/render.ts';
import { Administrator } from './support/administrator.ts';
import { Control } from './support/control.ts';
import type { RecordedCall } from './support/control.ts';
import { Environments } from './support/environments.ts';
import { createHostedZone } from './support/hosted-zone.ts';
import { deployRole, GithubJobs } from './support/github-jobs.ts';
import { foreign } from './support/foreign.ts';
import { notGranted, notNeeded } from './support/policy.ts';
import type { Policy } from './support/policy.ts';
import { portOf } from './support/ports.ts';
import { Project } from './support/project.ts';
import { unrecorded, unrecordedOfInstances } from './support/unrecorded.ts';

const port = portOf(import.meta.url);
const boundary = (environment: string) =>
  `arn:aws:iam::123456789012:policy/shop-${environment}-instance-boundary`;
jest.setTimeout(600_000);

const repository = 'octo-org/shop';
const ids = { owner: '9919', repository: '1296269' };
/** What GitHub calls the repository changed while staging was deployed: with ids, and without them. */
const job = (environment: string) => ({
  ...{ repository, environment },
  ...(environment === 'staging' ? {} : { ids }),
});

let cloud: CloudDescription;
let jobs: GithubJobs;
let control: Control;
let administrator: Administrator;
let policies: Map<string, Policy>;
let shop: Environments;
/** What nobody's variables file can know. */
let prodVariables: Record<string, unknown>;
const accessLogs = 'shop-prod-logs-123456789012-eu-north-1';
const greeting = { settings: { GREETING: 'hello' } };

beforeAll(async () => {
  cloud = await cloudUp(port, { options: ['--instances', 'simulated', '--speed', '20'] });
  control = new Control(cloud);
  administrator = new Administrator(cloud);
  jobs = await GithubJobs.start(cloud);
  shop = await Environments.create('shop', cloud, { jobs, job });
  await administrator.makeBackend();
  const zone = await createHostedZone(cloud, 'example.com');
  policies = await administrator.bootstrap('shop', {
    ...{ repository, owner_id: ids.owner, repository_id: ids.repository },
    zones: { prod: zone },
  });
  prodVariables = {
    load_balancer: {
      ...{ deletion_protection: true, access_log_days: 90 },
      https: { domain_name: 'shop.example.com', zone_id: zone },
    },
    observability: {
      ...{ log_days: 90, detailed_monitoring: true, dashboard: true, people_alarms: true },
      notification_email: 'team@example.com',
    },
  };
  made = inTheBackground(makeEnvironments);
});

afterAll(async () => {
  await cloudDown(port);
  await jobs.close();
  await shop.remove();
});

/** Started now; what goes wrong is told by the test that waits for it. */
function inTheBackground<T>(work: () => Promise<T>): Promise<T> {
  const result = work();
  result.catch(() => undefined);
  return result;
}

function expectConclusion(result: StepResult, conclusion: StepResult['conclusion']): void {
  if (result.conclusion !== conclusion)
    throw new Error(`not ${conclusion} but ${result.conclusion}:\n${result.log}`);
  expect(result.leftovers).toEqual([]);
  expect(result.temporaryFiles).toEqual([]);
}

const callsBy = async (identity: string): Promise<RecordedCall[]> =>
  (await control.calls()).filter((call) => call.identity === identity);

interface Made {
  digest: string;
  dev: StepResult;
  staging: StepResult;
  prod: StepResult;
}
let made: Promise<Made>;

/** dev builds; as soon as its image is in the registry, the others take it from there. */
async function makeEnvironments(): Promise<Made> {
  const building = inTheBackground(() => shop.run('dev', { variables: greeting }));
  const digest = await shop.pushed();
  const [dev, staging, prod] = await Promise.all([
    building,
    shop.run('staging', { command: 'redeploy' }),
    shop.run('prod', { command: 'redeploy', variables: prodVariables }),
  ]);
  return { digest, dev, staging, prod };
}

describe('the commands, on the root of terraform/examples', () => {
  let project: Project;
  const command = (name: string, inputs: Record<string, string> = {}, identity = 'local') =>
    project.deploy({ inputs: { command: name, ...inputs }, environment: { AWS_ACCESS_KEY_ID: identity } });

  beforeAll(async () => {
    project = await Project.create('commands', cloud);
    await command('deploy');
    await project.commit('content', 'second');
    expectConclusion(await command('deploy'), 'success');
  });

  afterAll(() => project.remove());

  it('status and plan say what is and what would be, and change nothing', async () => {
    const status = await command('status', {}, 'reader');
    expectConclusion(status, 'success');
    expect(status.outputs.status).toBe('reported');
    expect(JSON.parse(status.outputs.running ?? '')).toMatchObject({
      versions: [{ version: 2 }],
      rollbackTarget: { version: 1 },
    });
    const github = await startGithub('ghs_token');
    const plan = await project.deploy({
      inputs: { command: 'plan', 'github-token': 'ghs_token' },
      environment: { AWS_ACCESS_KEY_ID: 'reader' },
      job: { apiUrl: github.apiUrl, event: { pull_request: { number: 7 } } },
    });
    await github.close();
    expectConclusion(plan, 'success');
    expect(plan.outputs['plan-summary']).toBe('{"add":0,"change":0,"destroy":0}');
    expect(plan.log).toMatch(/template version 2 → 3/);
    const [comment = '', ...others] = github.comments.get(7)?.map(({ body }) => body) ?? [];
    expect(others).toEqual([]);
    expect(comment.startsWith('<!-- asg-deploy plan commands dev -->\n')).toBe(true);
    expect(comment.endsWith(`\n\n${plan.summary}`)).toBe(true);
    expect(`${plan.log}${plan.debugLog}${plan.summary}`).not.toContain('ghs_token');
    const calls = await callsBy('reader');
    expect(calls.length).toBeGreaterThan(10);
    expect(calls.filter(({ operation }) => !/^(Describe|Get|List|Head)/.test(operation))).toEqual([]);
  });

  it('rollback goes back, with neither build nor Terraform', async () => {
    const github = await startGithub('ghs_token', { history: project.history() });
    const rollback = (inputs: Record<string, string> = {}) =>
      project.deploy({
        inputs: { command: 'rollback', 'github-token': 'ghs_token', ...inputs },
        environment: { AWS_ACCESS_KEY_ID: 'local' },
        job: { apiUrl: github.apiUrl },
      });
    const result = await rollback();
    expectConclusion(result, 'success');
    expect(result.outputs).toMatchObject({ status: 'deployed', 'template-version': '1' });
    expect(result.summary).toMatch(/\*\*1 commit taken back\*\*\n\n- \[\w{7}\]\(\S+\) content \(Test\)\n/);
    expect(result.summary).toMatch(/```mermaid\n[^`]*xychart-beta[^]*```mermaid\n[^`]*gantt/);
    expect(result.debugLog).not.toMatch(/terraform (init|plan|apply)|docker build/);
    const again = await command('rollback');
    expectConclusion(again, 'failure');
    expect(again.outputs['failure-reason']).toBe('preflight');
    const forth = await rollback({ 'template-version': '2' });
    expectConclusion(forth, 'success');
    expect(forth.summary).toContain('**1 new commit**');
    await github.close();
    // The commit that runs is the one that is active.
    const [first, second] = github.deployments.all;
    expect(first?.statuses.map(({ state }) => state)).toEqual(['inactive', 'success', 'in_progress']);
    expect(second?.statuses.map(({ state }) => state)).toEqual(['success', 'in_progress']);
    expect(second?.statuses[0]?.environment_url).toBe(result.outputs.url);
    expect(first?.sha).not.toBe(second?.sha);
  });

  it('destroy wants to be told twice, and then leaves nothing of the environment', async () => {
    expectConclusion(await command('destroy', {}, 'hasty'), 'failure');
    expect(await callsBy('hasty')).toEqual([]);
    const twice = await command('destroy', { 'confirm-destroy': 'commands-dev' });
    expectConclusion(twice, 'success');
    expect(twice.outputs.status).toBe('destroyed');
    expect(twice.summary).toMatch(/state bucket .*registry/s);
    const status = await command('status');
    expect(status.outputs['failure-reason']).toBe('group-missing');
  });
});

describe('three environments', () => {
  it('are made from one image, which is built once', async () => {
    const { digest, dev, staging, prod } = await made;
    for (const result of [dev, staging, prod]) {
      expectConclusion(result, 'success');
      expect(result.outputs).toMatchObject({ status: 'deployed', 'image-digest': digest });
    }
    for (const result of [staging, prod]) expect(result.debugLog).not.toContain('docker build');
    expect(await Promise.all(['dev', 'staging', 'prod'].map((one) => shop.versions(one)))).toEqual([
      ['1', '1'],
      ['1', '1'],
      ['1', '1', '1'],
    ]);
    expect(dev.outputs.url).toMatch(/^http:/);
    expect(prod.outputs.url).toBe('https://shop.example.com');
  });

  /** As a role for pull requests is refused: neither by name nor by ARN. */
  async function hideSecrets(environment: string): Promise<void> {
    const name = `/shop/${environment}/database/password`;
    const arn = `arn:aws:ssm:eu-north-1:123456789012:parameter${name}`;
    for (const Name of [name, arn, `/shop/${environment}/DATABASE_URL`])
      await control.fault({
        ...{ service: 'ssm', operation: 'GetParameter', parameters: { Name }, times: 9 },
        ...{ error: 'AccessDeniedException', message: 'is not authorized to perform: ssm:GetParameter' },
      });
  }

  it('have nothing to do a second time, and an operator keeps what he wrote', async () => {
    await shop.writeParameter('/shop/dev/GREETING', 'good morning');
    await hideSecrets('staging');
    const planning = Promise.all([
      shop.run('dev', { variables: greeting }),
      shop.run('staging', { command: 'plan' }),
      shop.run('prod', { command: 'plan', variables: prodVariables }),
    ]);
    const [dev, staging, prod] = await planning.finally(() => control.forgetFaults());
    expectConclusion(dev, 'success');
    expect(dev.outputs.status).toBe('unchanged');
    expect(await shop.readParameter('/shop/dev/GREETING')).toBe('good morning');
    for (const result of [staging, prod]) {
      expectConclusion(result, 'success');
      expect(result.outputs['plan-summary']).toBe('{"add":0,"change":0,"destroy":0}');
    }
    expect(staging.log).toMatch(
      /may not read all that is there \(ssm:GetParameter\): planned from the state/,
    );
    expect(prod.log).not.toContain('planned from the state');
  });
});

describe('the role of dev', () => {
  it.each(foreign)('may not $title', async ({ attempt }) => {
    await made;
    const credentials = await jobs.credentialsOf(deployRole('shop', 'dev'), job('dev'));
    const client = { endpoint: cloud.endpoint, region: 'eu-north-1', credentials, maxAttempts: 1 };
    await expect(attempt(client)).rejects.toThrow(/not authorized to perform/);
  });

  it('is taken by no job of another environment', async () => {
    const taking = jobs.credentialsOf(deployRole('shop', 'dev'), job('prod'));
    await expect(taking).rejects.toThrow('Not authorized to perform sts:AssumeRoleWithWebIdentity');
  });
});

/** What holds the database's data and its secrets: nothing of it goes unasked. */
const database = [
  'aws_cloudwatch_log_group.database',
  'aws_db_instance.main',
  'aws_ssm_parameter.database_url',
  'aws_ssm_parameter.database_password',
].map((name) => `module.service.${name}`);

describe('then, side by side,', () => {
  let dev: Promise<{ changed: StepResult; back: StepResult; destroyed: StepResult }>;
  let staging: Promise<StepResult>;
  let prod: Promise<[StepResult, StepResult]>;

  beforeAll(() => {
    dev = inTheBackground(changeAndDestroy);
    staging = inTheBackground(() =>
      shop.run('staging', {
        command: 'redeploy',
        variables: { database: null },
        inputs: { 'allow-destroy': database.join('\n') },
      }),
    );
    prod = inTheBackground(destroyTwice);
  });

  async function changeAndDestroy(): Promise<Awaited<typeof dev>> {
    const service = { instance_type: 't3.micro', warmup_seconds: 30, startup_timeout_seconds: 90 };
    const changed = await shop.run('dev', { variables: { service, settings: { SALUTATION: 'hello' } } });
    expect(await shop.versions('dev')).toEqual(['2', '2']);
    expect(await shop.readParameter('/shop/dev/GREETING')).toBeUndefined();
    expect(await shop.readParameter('/shop/dev/SALUTATION')).toBe('hello');
    expect(await administrator.tagged('shop', 'dev')).not.toEqual([]);
    await shop.writeParameter('/shop/dev/BY_HAND', 'never-shown');
    const back = await shop.run('dev', { command: 'rollback' });
    expect(await shop.versions('dev')).toEqual(['1', '1']);
    return { changed, back, destroyed: await shop.destroy('dev') };
  }

  async function destroyTwice(): Promise<[StepResult, StepResult]> {
    await administrator.writeObject(accessLogs, 'AWSLogs/one.log.gz');
    const refused = await shop.destroy('prod', prodVariables);
    expect(await shop.versions('prod')).toHaveLength(3);
    for (const [command] of refused.log.matchAll(/aws (?:elbv2 modify-|rds modify-|s3 rm ).*/g))
      await administrator.allowDeletion(command);
    return [refused, await shop.destroy('prod', prodVariables)];
  }

  it('a change of the infrastructure alone is rolled out without a build, and a renamed setting moves', async () => {
    const { changed } = await dev;
    expectConclusion(changed, 'success');
    expect(changed.outputs).toMatchObject({ status: 'deployed', 'template-version': '2' });
    expect(changed.debugLog).not.toContain('docker build');
  });

  it('the version before it is rolled out again', async () => {
    const { back } = await dev;
    expectConclusion(back, 'success');
    expect(back.outputs).toMatchObject({ status: 'deployed', 'template-version': '1' });
  });

  it('dev is destroyed, and nothing of it is left but what was made by hand', async () => {
    const { destroyed } = await dev;
    expectConclusion(destroyed, 'success');
    expect(destroyed.summary).toMatch(/state bucket .*registry .*\/shop\/dev\/BY_HAND/s);
    expect(destroyed.debugLog).not.toContain('never-shown');
    expect(await administrator.tagged('shop', 'dev')).toEqual([]);
    expect(await shop.versions('dev')).toEqual([]);
    expect(await shop.readParameter('/shop/dev/BY_HAND')).toBe('never-shown');
  });

  it('staging goes on without the database that is set back to null', async () => {
    const result = await staging;
    expectConclusion(result, 'success');
    expect(result.log).toContain('- module.service.aws_db_instance.main[0]');
    expect(await shop.versions('staging')).toEqual(['2', '2']);
    expect(result.log).toMatch(/left in the final snapshot shop-staging-final-\d{8}-\d{6} alone/);
    expect(await shop.readParameter('/shop/staging/DATABASE_URL')).toBeUndefined();
    const left = await administrator.tagged('shop', 'staging');
    expect(left.filter((arn) => arn.includes(':rds:'))).toEqual([
      expect.stringContaining(':snapshot:shop-staging-final-'),
    ]);
  });

  it('prod is not destroyed while it is protected, and each protection is named', async () => {
    const [refused] = await prod;
    expectConclusion(refused, 'failure');
    expect(refused.outputs['failure-reason']).toBe('preflight');
    expect(refused.log).toMatch(
      /refuse to delete .*aws_db_instance\.main\[0\] \(deletion protection is on\)/,
    );
    expect(refused.log).toMatch(/refuse to delete .*aws_lb\.main\[0\] \(deletion protection is on\)/);
    expect(refused.log).toMatch(/refuse to delete .*aws_s3_bucket\.access_logs\[0\] \(it holds objects/);
    expect(refused.log).toContain('Nothing was touched.');
  });

  it('prod is destroyed once the protections are gone, but for its final snapshot', async () => {
    const [, destroyed] = await prod;
    expectConclusion(destroyed, 'success');
    expect(destroyed.summary).toMatch(/shop-prod-final.*automated backups of database shop-prod/s);
    expect(await administrator.tagged('shop', 'prod')).toEqual([
      expect.stringContaining('snapshot:rds:shop-prod-'),
      expect.stringContaining('snapshot:shop-prod-final'),
    ]);
  });
});

describe('the deploy roles', () => {
  /** Without the boundary, which grants nothing. */
  const of = (environment: string): Policy[] =>
    [...policies]
      .filter(([name]) => name.startsWith(`shop-${environment}-`) && !name.endsWith('-boundary'))
      .map(([, policy]) => policy);

  it('may do all that their jobs did: nothing was refused', async () => {
    const calls = (await control.calls()).filter(({ principal }) =>
      /shop-\w+-deploy\/asg-deploy/.test(principal ?? ''),
    );
    expect(calls.length).toBeGreaterThan(1000);
    const refused = calls.filter(({ errorCode = '' }) =>
      /^(AccessDenied|UnauthorizedOperation|AuthorizationError)/.test(errorCode),
    );
    expect(refused.map(({ service, operation, subject }) => `${service}:${operation} ${subject}`)).toEqual(
      [],
    );
  });

  it('may do nothing else, but for what is listed with its reason', async () => {
    const used = (await control.permissions()).filter(({ identity }) => /shop-\w+-deploy$/.test(identity));
    const actions = used.map(({ action }) => action);
    expect(notNeeded(actions, of('prod'))).toEqual(Object.keys(unrecorded).sort());
  });

  it('fit into what IAM takes', () => {
    expect(policies.size).toBe(16);
    for (const policy of policies.values()) expect(JSON.stringify(policy).length).toBeLessThan(6144);
  });
});

describe('the role of an instance', () => {
  it('has the boundary of its environment, which nobody gave', async () => {
    const role = await administrator.inState('shop', 'staging', 'aws_iam_role.instance');
    expect(role.permissions_boundary).toBe(boundary('staging'));
  });

  it('may do what its user data calls, what is listed, and nothing beyond its boundary', async () => {
    const { policy } = await administrator.inState('shop', 'staging', 'aws_iam_role_policy.instance');
    const script = await renderUserData({ image: 'registry.example.com/shop@sha256:0' });
    const { calls } = await boot(script, { stubs: { docker: '[ "$1" = run ] && exit 1' } });
    const actions = calls.filter((call) => call.startsWith('aws ')).map(actionOfCommand);
    const granted = JSON.parse(String(policy)) as Policy;
    expect(notNeeded(actions, [granted])).toEqual(Object.keys(unrecordedOfInstances).sort());
    const all = [...actions, ...Object.keys(unrecordedOfInstances)];
    expect(notGranted(all, [granted])).toEqual([]);
    expect(notGranted(all, [policies.get('shop-staging-instance-boundary') ?? { Statement: [] }])).toEqual(
      [],
    );
  });

  /** `aws ssm get-parameters-by-path …` calls ssm:GetParametersByPath; ecr get-login-password is a name of the CLI's own. */
  function actionOfCommand(line: string): string {
    const [, service = '', command = ''] = line.split(' ');
    if (command === 'get-login-password') return 'ecr:GetAuthorizationToken';
    return `${service}:${command.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())}`;
  }
});
