import { describe, expect, it } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../src/environment/index.ts';
import { environmentOf, imageOfVersion, refresh } from './environment/helpers.ts';
import type { PhaseModules } from '../src/commands/index.ts';
import { DeployError } from '../src/core/errors.ts';
import { main } from '../src/main.ts';
import { applyPlanned } from '../src/terraform/index.ts';
import type { PlannedResource } from '../src/terraform/index.ts';
import type { Run } from '../src/run/run.ts';
import type { AwsAccess } from '../src/aws/access.ts';

const digest = `sha256:${'9'.repeat(64)}`;
const repository = '123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop';
const image = { repository, digest, tag: 'v1', reference: `${repository}@${digest}`, built: true };
const outputs = {
  autoscalingGroupName: 'shop-prod',
  launchTemplateId: 'lt-1',
  launchTemplateVersion: 2,
  targetGroupArns: [],
  url: 'http://shop.example',
  repositoryUrl: repository,
  alarmNames: [],
  all: { url: 'http://shop.example' },
};
const commit = '4'.repeat(40);
const backend = { bucket: 'b', lockTable: 't', stateKey: 'shop/prod/terraform.tfstate', created: [] };
const access: AwsAccess = {
  region: 'eu-north-1',
  accountId: '123456789012',
  partition: 'aws',
  clientConfiguration: {
    region: 'eu-north-1',
    credentials: async () => ({ accessKeyId: 'a', secretAccessKey: 's' }),
    maxAttempts: 1,
    customUserAgent: '',
  },
  childEnvironment: async () => ({}),
  forgetCredentials: () => undefined,
};

/** What a test may put in the place of a phase; each gets the run and the story so far. */
type Steps = Record<
  'credentials' | 'look' | 'backend' | 'build' | 'push' | 'plan' | 'apply' | 'rollout',
  (run: Run, signals: EventEmitter) => Promise<void>
>;

interface Surroundings {
  environment?: Environment | undefined;
  /** Parts of the backend that are not there. */
  missing?: string[];
  /** What the state holds after a destruction. */
  remaining?: string[];
  resources?: PlannedResource[];
  /** What is below the environment's path after a destruction; null: the role may not say. */
  parameters?: string[] | null;
  /** Buckets that hold something. */
  full?: string[];
}

async function runMain(
  inputs: Record<string, string>,
  steps: Partial<Steps> = {},
  unchanged = false,
  options: Surroundings = {},
) {
  const signals = new EventEmitter();
  const folder = await mkdtemp(join(tmpdir(), 'main-test-'));
  await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\n');
  const story: string[] = [];
  const told: string[] = [];
  const set: Record<string, string> = {};
  const state: Record<string, string> = {};
  let summary = '';
  let directory = '';
  const step = async (name: keyof Steps, run?: Run) => {
    if (run !== undefined) directory = run.temporaryDirectory;
    await steps[name]?.(run!, signals);
    story.push(name);
  };
  const modules: PhaseModules = {
    aws: async () => ({
      openAwsAccess: async () => {
        await step('credentials');
        return access;
      },
    }),
    backend: async () => ({
      ensureBackend: async (run) => {
        await step('backend', run);
        return backend;
      },
      findBackend: async () => ({ backend, missing: options.missing ?? [] }),
    }),
    terraform: async () => ({
      bundledTerraform: () => '/action/terraform',
      prepareTerraform: async () => ({ flavour: 'terraform', binary: '/bin/terraform', version: '1.11.4' }),
      openRoot: async (run, _terraform, { withoutState = false }) => ({
        managed: async () => options.remaining ?? [],
        plan: async (variables, how = {}) => {
          if (withoutState) story.push('without state');
          if (how.readOnly === true) story.push('read only');
          if (how.destroy === true) story.push('destroy');
          story.push(`image=${String(variables.image)}`);
          await step('plan', run);
          return {
            summary: { add: 1, change: 0, destroy: 0, changes: ['+ aws_lb.main'] },
            changed: !unchanged,
            file: '',
            apply: () => step('apply', run),
            resources: async () => options.resources ?? [],
          };
        },
        outputs: async () => outputs.all,
      }),
      applyPlanned,
      readContract: () => outputs,
      environmentPlatform: async () => 'linux/arm64',
    }),
    image: async () => ({
      startBuild: async (run) => {
        await step('build', run);
        return { kind: 'existing', image };
      },
      ensureRepository: async () => repository,
      findImage: async () => image,
      platformsOf: async () => [],
      publishImage: async (run) => {
        await step('push', run);
        return { ...image, built: !unchanged };
      },
    }),
    deployed: async () => ({
      readEnvironment: async (run) => {
        await step('look', run);
        return options.environment;
      },
      repositoryOf: async () => repository,
      readImages: async (_run, references) =>
        new Map(
          references.map((one) => [
            one,
            { state: one.includes('gone') ? 'missing' : 'there', tags: [commit] },
          ]),
        ),
    }),
    buckets: async () => ({
      fullBuckets: async (_run, names) => names.filter((name) => options.full?.includes(name)),
    }),
    parameters: async () => ({
      parameterNames: async () => (options.parameters === null ? undefined : (options.parameters ?? [])),
    }),
    rollout: async () => ({
      checkArchitecture: async () => undefined,
      foresee: async (run, { launchTemplateVersion }) => {
        story.push(`foresee=${launchTemplateVersion}`);
        run.log.line('Rollout forecast');
        return { seconds: 65, findings: [] };
      },
      rollOut: async (run, { launchTemplateVersion }) => {
        story.push(`version=${launchTemplateVersion}`);
        await step('rollout', run);
        return {
          status: unchanged ? 'unchanged' : 'successful',
          instanceRefreshId: unchanged ? undefined : 'refresh-1',
          templateVersion: 2,
          previousTemplateVersion: 1,
          instancesBefore: ['i-1'],
          instancesAfter: ['i-2'],
          forecast: { seconds: 1, mostly: '' },
          seconds: 1,
        };
      },
    }),
  };
  const environment: NodeJS.ProcessEnv = { RUNNER_TEMP: folder, GITHUB_WORKSPACE: folder };
  for (const [name, value] of Object.entries(inputs)) environment[`INPUT_${name.toUpperCase()}`] = value;
  try {
    const exitCode = await main({
      environment,
      print: (line) => void told.push(line),
      signals,
      modules: async () => modules,
      toolkit: async () => ({
        info: (text) => void told.push(text),
        debug: () => undefined,
        notice: () => undefined,
        warning: (text) => void told.push(`warning: ${String(text)}`),
        error: (text) => void told.push(`Error: ${String(text)}`),
        setSecret: () => undefined,
        setOutput: (name, value) => void (set[name] = String(value)),
        saveState: (name, value) => void (state[name] = String(value)),
        startGroup: (title) => void told.push(`> ${title}`),
        endGroup: () => void told.push('<'),
        summary: {
          addRaw: (text) => {
            summary += text;
            return { write: async () => undefined };
          },
        },
      }),
    });
    const leftOver = (await readdir(folder)).filter((name) => name !== 'Dockerfile');
    return {
      ...{ exitCode, story, told, outputs: set, state, summary, leftOver, directory },
      listeners: signals.listenerCount('SIGINT') + signals.listenerCount('SIGTERM'),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const shop = { application: 'shop', environment: 'prod' };
const failing = (reason: DeployError['reason']) => () =>
  Promise.reject(new DeployError({ reason, message: `${reason} it was`, next: 'do it again' }));

/** Waits until a step's branch has been interrupted, or fails after a while. */
function interrupted({ signal }: Run): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(), 2_000);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}

describe('main', () => {
  it('deploys: builds beside the backend, applies with the digest, rolls out, and reports', async () => {
    const run = await runMain(shop);
    expect(run.exitCode).toBe(0);
    expect(run.told[0]).toBe('asg-deploy: deploy shop prod');
    expect(run.story[0]).toBe('credentials');
    expect(run.story.slice(1, 3).sort()).toEqual(['backend', 'build']);
    expect(run.story.slice(3)).toEqual([
      'push',
      `image=${image.reference}`,
      'plan',
      'apply',
      'version=2',
      'rollout',
    ]);
    expect(run.told.at(-1)).toMatch(
      /^Deployed shop to prod: version 2 \(image sha256:99999999…\) runs on 1 instance, at http:\/\/shop\.example in /,
    );
    expect(run.outputs).toMatchObject({
      status: 'deployed',
      'failure-reason': '',
      'template-version': '2',
      'plan-summary': '{"add":1,"change":0,"destroy":0}',
    });
    expect(run.summary).toContain('✅ deployed');
    expect(run).toMatchObject({ leftOver: [], listeners: 0, state: { phase: '' } });
  });

  it('does nothing when there is nothing to do, and says so in one line', async () => {
    const run = await runMain(shop, {}, true);
    expect(run.exitCode).toBe(0);
    expect(run.story).not.toContain('apply');
    expect(run.told.at(-1)).toMatch(
      /^Nothing to deploy: the image exists, the plan is empty, 1 of 1 instances run version 2/,
    );
    expect(run.outputs.status).toBe('unchanged');
  });

  it('touches nothing when an input is wrong', async () => {
    const run = await runMain({ ...shop, environment: 'production', timeout: '5' });
    expect(run.exitCode).toBe(1);
    expect(run.story).toEqual([]);
    expect(run.told.at(-1)).toMatch(
      /^Error: 2 inputs can not be used:\n[^]*did you mean prod\?[^]*Nothing was touched/,
    );
    expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': 'input-invalid', url: '' });
    expect(run.state).toEqual({});
  });

  it.each<[keyof Steps, DeployError['reason'], string[]]>([
    ['credentials', 'credentials', []],
    ['backend', 'backend', ['credentials']],
    ['build', 'image-build', ['credentials']],
    ['push', 'image-push', ['credentials', 'backend', 'build']],
    ['plan', 'terraform-plan', ['credentials', 'backend', 'build', 'push']],
    ['apply', 'terraform-apply', ['credentials', 'backend', 'build', 'push', 'plan']],
    ['rollout', 'boot-failed', ['credentials', 'backend', 'build', 'push', 'plan', 'apply']],
  ])('stops when %s fails, with its reason, and leaves no folder', async (name, reason, before) => {
    const run = await runMain(shop, { [name]: failing(reason) });
    expect(run.exitCode).toBe(1);
    expect(run.story.filter((step) => before.includes(step))).toHaveLength(before.length);
    const later = ['push', 'plan', 'apply', 'rollout'].filter((step) => !before.includes(step));
    expect(run.story.filter((step) => later.includes(step))).toEqual([]);
    expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': reason });
    expect(run.told.at(-1)).toContain(`next: do it again`);
    expect(run.told.at(-1)).toContain('left: ');
    expect(run.summary).toContain(`\`${reason}\``);
    expect(run.leftOver).toEqual([]);
  });

  it('says that a failed rollout was rolled back, and to what', async () => {
    const rolled = { templateVersion: 2, previousTemplateVersion: 1, instanceRefreshId: 'refresh-1' };
    const rollout = {
      ...rolled,
      instancesBefore: ['i-1'],
      instancesAfter: [],
      forecast: { seconds: 1, mostly: '' },
      seconds: 9,
    };
    const failure = new DeployError({
      reason: 'boot-failed',
      message: 'the new version does not start',
      left: 'rolled back: 1 of 1 instances runs version 1',
      rollout: { status: 'rolled-back', ...rollout },
    });
    const run = await runMain(shop, { rollout: () => Promise.reject(failure) });
    expect(run.told.at(-1)).toContain('\n  rolled back: 1 of 1 instances runs version 1\n');
    expect(run.outputs).toMatchObject({
      status: 'rolled-back',
      'failure-reason': 'boot-failed',
      'template-version': '2',
      'previous-template-version': '1',
      'instance-refresh-id': 'refresh-1',
    });
  });

  it('interrupts and awaits the build when the backend fails', async () => {
    let ended = false;
    const build = (run: Run) =>
      interrupted(run).finally(() => {
        ended = true;
      });
    const run = await runMain(shop, { backend: failing('backend'), build });
    expect(run.outputs['failure-reason']).toBe('backend');
    expect(ended).toBe(true);
    expect(run.story).not.toContain('build');
  });

  it('reports what nobody expected as internal, with its message', async () => {
    const run = await runMain(shop, { plan: () => Promise.reject(new TypeError('x is undefined')) });
    expect(run.outputs['failure-reason']).toBe('internal');
    expect(run.told.at(-1)).toMatch(/TypeError: +x is undefined/);
  });
});

describe('a cancelled job', () => {
  it.each<keyof Steps>(['backend', 'build', 'push', 'plan', 'apply', 'rollout'])(
    'ends in %s, once, says what was left, and leaves no folder',
    async (name) => {
      let aborts = 0;
      const pending = runMainWithSignals(name, () => aborts++);
      const run = await pending;
      expect(aborts).toBe(1);
      expect(run.exitCode).toBe(1);
      expect(run.outputs).toMatchObject({ status: 'cancelled', 'failure-reason': 'cancelled' });
      expect(run.told.join('\n')).toContain('SIGINT: the job was cancelled');
      expect(run.told.join('\n')).not.toContain('SIGTERM');
      expect(run.told.at(-1)).toMatch(/left: /);
      expect(run.told.at(-1)).toMatch(/next: run this job again/);
      expect(existsSync(run.directory)).toBe(false);
    },
  );

  /** SIGINT and then SIGTERM while a step runs, as the runner sends them. */
  function runMainWithSignals(name: keyof Steps, onAbort: () => void) {
    return runMain(shop, {
      [name]: async (run: Run, signals: EventEmitter) => {
        run.signal.addEventListener('abort', onAbort);
        const ending = interrupted(run);
        for (const signal of ['SIGINT', 'SIGTERM', 'SIGINT'] as const) signals.emit(signal);
        await ending;
      },
    });
  }
});

describe('status', () => {
  const good = (version: string) => refresh({ id: version, version, status: 'Successful' });
  const now = environmentOf([3, 3], { refreshes: [good('3'), good('2')] });

  it('shows what runs, and touches nothing', async () => {
    const run = await runMain({ ...shop, command: 'status' }, {}, true, { environment: now });
    expect(run.exitCode).toBe(0);
    expect(run.story).toEqual(['credentials', 'look']);
    expect(run.told).toContainEqual(expect.stringMatching(/3 +sha256:33333333… +4444444 +2 of 2 healthy/));
    expect(run.told.at(-1)).toBe('shop-prod: 2 of 2 instances serve.');
    expect(run.outputs).toMatchObject({
      status: 'reported',
      url: 'http://shop.example',
      image: imageOfVersion(3),
    });
    expect(JSON.parse(run.outputs.running ?? '')).toMatchObject({
      versions: [{ version: 3, healthy: 2 }],
      rollbackTarget: { version: 2 },
    });
    expect(run.summary).toContain('2 of 2 healthy');
  });

  it('says so when nothing is deployed', async () => {
    const run = await runMain({ ...shop, command: 'status' });
    expect(run).toMatchObject({ exitCode: 1, outputs: { 'failure-reason': 'group-missing' } });
    expect(run.told.at(-1)).toContain('shop is not deployed to prod in eu-north-1');
  });
});

describe('rollback', () => {
  const good = (version: string) => refresh({ id: version, version, status: 'Successful' });
  const now = environmentOf([3, 3], { refreshes: [good('3'), good('2')] });
  const goBack = (inputs: Record<string, string> = {}, environment: Environment | undefined = now) =>
    runMain({ ...shop, command: 'rollback', ...inputs }, {}, false, { environment });

  it('goes to the last good version, with neither build nor Terraform', async () => {
    const run = await goBack();
    expect(run.exitCode).toBe(0);
    expect(run.story).toEqual(['credentials', 'look', 'version=2', 'rollout']);
    expect(run.told.at(-1)).toMatch(
      /^Rolled back shop in prod: version 2 \(image sha256:22222222…, commit 4444444\) runs on 1 instance again, at http/,
    );
    expect(run.outputs).toMatchObject({ status: 'deployed', image: imageOfVersion(2) });
  });

  it.each<[string, Record<string, string>, string]>([
    ['a version', { 'template-version': '1' }, 'version=1'],
    ['an image', { image: 'v1' }, 'version=1'],
  ])('goes to %s that is named', async (_what, inputs, story) => {
    const environment = { ...now, versions: now.versions.map((each) => ({ ...each })) };
    environment.versions[2]!.image = image.reference;
    expect((await goBack(inputs, environment)).story).toContain(story);
  });

  it('goes to what a refresh under way replaces', async () => {
    const active = refresh({ id: 'r', version: '3', status: 'InProgress' });
    const run = await goBack({}, environmentOf([2, 3], { refreshes: [active, good('2'), good('1')] }));
    expect(run.story).toContain('version=2');
  });

  it.each<[string, Record<string, string>, Environment | undefined, string, RegExp]>([
    ['nothing is deployed', {}, undefined, 'group-missing', /is not deployed/],
    [
      'there is no version before',
      {},
      environmentOf([1], { versions: 1 }),
      'preflight',
      /no version to go back to/,
    ],
    [
      'the group follows $Latest',
      {},
      environmentOf([3], { saved: '$Latest' }),
      'preflight',
      /no numbered version/,
    ],
    [
      'the version does not exist',
      { 'template-version': '9' },
      now,
      'input-invalid',
      /its newest are 3, 2, 1/,
    ],
    [
      'no version runs the image',
      { image: 'v1' },
      now,
      'image-missing',
      /no version of launch template lt-1 runs/,
    ],
  ])('touches nothing when %s', async (...row) => {
    const [, inputs, environment, reason, text] = row;
    const run = await runMain({ ...shop, command: 'rollback', ...inputs }, {}, false, { environment });
    expect(run.outputs['failure-reason']).toBe(reason);
    expect(run.told.at(-1)).toMatch(text);
    expect(run.told.at(-1)).toContain('Nothing was touched.');
    expect(run.story).toEqual(['credentials', 'look']);
  });

  it('touches nothing when the image is gone', async () => {
    const environment = { ...now, versions: now.versions.map((each) => ({ ...each })) };
    environment.versions[1]!.image = `gone/${imageOfVersion(2)}`;
    const run = await goBack({}, environment);
    expect(run.outputs['failure-reason']).toBe('image-missing');
    expect(run.story).not.toContain('rollout');
  });
});

describe('plan', () => {
  const good = (version: string) => refresh({ id: version, version, status: 'Successful' });
  const now = environmentOf([3, 3], { refreshes: [good('3'), good('2')] });

  it('plans with the image that runs, foresees the rollout of the next version, and changes nothing', async () => {
    const run = await runMain({ ...shop, command: 'plan' }, {}, false, { environment: now });
    expect(run.exitCode).toBe(0);
    expect(run.story).toEqual([
      ...['credentials', 'look', 'read only', `image=${imageOfVersion(3)}`, 'plan', 'foresee=4'],
    ]);
    expect(run.told.at(-1)).toMatch(
      /^Planned shop in prod: 1 to add, 0 to change, 0 to destroy; a rollout would take about 1 min 5 s. Nothing was touched/,
    );
    expect(run.outputs).toMatchObject({
      status: 'planned',
      'plan-summary': '{"add":1,"change":0,"destroy":0}',
    });
    expect(run.summary).toMatch(/Rollout forecast[^]*1 to add/);
  });

  it('plans the image that is named', async () => {
    const run = await runMain({ ...shop, command: 'plan', image: 'v1' }, {}, false, { environment: now });
    expect(run.story).toContain(`image=${image.reference}`);
  });

  it('says what a first deployment would make, and makes none of it', async () => {
    const run = await runMain({ ...shop, command: 'plan' }, {}, false, {
      missing: ['state bucket b', 'lock table t'],
    });
    expect(run.told).toContain('There is no state bucket b yet: the first deployment makes it');
    expect(run.told).toContain('There is no lock table t yet: the first deployment makes it');
    expect(run.story.slice(0, 4)).toEqual(['credentials', 'look', 'without state', 'read only']);
    expect(run.story).not.toContain('backend');
    expect(run.told.at(-1)).toContain('this would be the first deployment');
  });
});

describe('destroy', () => {
  const told = { ...shop, command: 'destroy', 'confirm-destroy': 'shop-prod' };
  const now = environmentOf([3], {});
  const balancer = {
    address: 'aws_lb.main',
    type: 'aws_lb',
    before: { arn: 'arn:lb', enable_deletion_protection: true },
  };
  const database = {
    address: 'aws_db_instance.main[0]',
    type: 'aws_db_instance',
    before: {
      skip_final_snapshot: false,
      final_snapshot_identifier: 'shop-prod-final',
      deletion_protection: false,
      ...{ identifier: 'shop-prod', delete_automated_backups: false, backup_retention_period: 30 },
    },
  };

  const bucket = (name: string, forceDestroy: boolean) => ({
    address: `aws_s3_bucket.${name}`,
    type: 'aws_s3_bucket',
    before: { bucket: name, force_destroy: forceDestroy },
  });

  it('is not begun without being told twice', async () => {
    const run = await runMain({ ...shop, command: 'destroy' });
    expect(run.story).toEqual([]);
    expect(run.told.at(-1)).toMatch(/confirm-destroy is empty; write shop-prod[^]*Nothing was touched/);
  });

  it('plans, shows, applies, and says what is left', async () => {
    const run = await runMain(told, {}, false, { environment: now, resources: [database] });
    expect(run.story).toEqual([
      ...['credentials', 'look', 'destroy', `image=${imageOfVersion(3)}`, 'plan', 'apply'],
    ]);
    expect(run.outputs.status).toBe('destroyed');
    expect(run.told.join('\n')).toMatch(
      /state bucket b:[^]*lock table t:[^]*registry [^]*snapshot shop-prod-final[^]*backups of database shop-prod: kept for 30 days/,
    );
    expect(run.summary).toContain('shop-prod-final');
    expect(run.told.at(-1)).toMatch(/^Destroyed prod of shop: its only resource is gone/);
    expect(run.told.join('\n')).not.toContain('parameters');
  });

  it.each<[string, string[] | null, RegExp]>([
    [
      'names parameters that were made by hand',
      ['/shop/prod/BY_HAND', '/shop/prod/db/OTHER'],
      /parameters that Terraform did not make: \/shop\/prod\/BY_HAND, \/shop\/prod\/db\/OTHER: /,
    ],
    [
      'counts them when they are many',
      Array.from({ length: 12 }, (_, index) => `/shop/prod/P${index}`),
      /P9 and 2 more: /,
    ],
    ['says when it may not look for them', null, /under \/shop\/prod [^]*ssm:DescribeParameters/],
  ])('%s', async (_what, parameters, text) => {
    const run = await runMain(told, {}, false, { environment: now, resources: [database], parameters });
    expect(run.outputs.status).toBe('destroyed');
    expect(run.told.join('\n')).toMatch(text);
    expect(run.summary).toMatch(text);
  });

  it.each<[string, Surroundings, string, RegExp]>([
    [
      'something is protected',
      { environment: now, resources: [balancer] },
      'preflight',
      /aws_lb\.main[^]*arn:lb/,
    ],
    [
      'a bucket that Terraform may not empty holds objects',
      {
        environment: now,
        resources: [balancer, bucket('logs', false), bucket('cache', true), bucket('empty', false)],
        full: ['logs', 'cache'],
      },
      'preflight',
      /refuse to delete aws_lb\.main \(deletion[^,]*, aws_s3_bucket\.logs \(it holds objects[^,]*, [^,]*: destroying[^]*s3:\/\/logs --recursive/,
    ],
    [
      'a rollout is under way',
      { environment: { ...now, refreshes: [refresh({ id: 'r', version: '3', status: 'InProgress' })] } },
      'refresh-active',
      /instance refresh r/,
    ],
  ])('touches nothing when %s', async (_what, surroundings, reason, text) => {
    const run = await runMain(told, {}, false, surroundings);
    expect(run.outputs['failure-reason']).toBe(reason);
    expect(run.told.at(-1)).toMatch(text);
    expect(run.told.at(-1)).toContain('Nothing was touched.');
    expect(run.story).not.toContain('apply');
  });

  it('has nothing to do where nothing is', async () => {
    for (const surroundings of [{ missing: ['state bucket b'] }, {}]) {
      const run = await runMain(told, {}, true, surroundings);
      expect(run.story).not.toContain('apply');
      expect(run.outputs.status).toBe('unchanged');
      expect(run.told.at(-1)).toMatch(/^Nothing to destroy/);
    }
  });

  it('is no success while the state holds something', async () => {
    const run = await runMain(told, {}, false, { environment: now, remaining: ['aws_lb.main'] });
    expect(run).toMatchObject({ exitCode: 1, outputs: { 'failure-reason': 'terraform-apply' } });
  });

  it('says when it was cut short', async () => {
    const run = await runMain(told, { apply: failing('terraform-apply') }, false, { environment: now });
    expect(run.told.at(-1)).toContain('may have destroyed a part');
  });
});

describe('what is saved for the post step', () => {
  it('is nothing to look after when the run ended by itself', async () => {
    for (const steps of [{}, { rollout: failing('boot-failed') }])
      expect((await runMain(shop, steps)).state).toMatchObject({ phase: '', rollout: '' });
  });

  it('is the rollout when the job was cancelled during it', async () => {
    const rollout = (_run: Run, signals: EventEmitter) => {
      signals.emit('SIGINT');
      return failing('cancelled')();
    };
    const { state } = await runMain(shop, { rollout });
    expect(JSON.parse(state.rollout ?? '')).toMatchObject({
      group: 'shop-prod',
      templateId: 'lt-1',
      version: 2,
    });
    expect(Number(state.started)).toBeGreaterThan(0);
  });
});
