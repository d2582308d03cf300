/** Runs the whole action but for its stages, which tell a story instead of touching the world. */
import { EventEmitter } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AwsAccess } from '../../src/aws/access.ts';
import type { Stages } from '../../src/commands/stages.ts';
import { DeployError } from '../../src/core/errors.ts';
import type { RolloutStatus } from '../../src/core/types.ts';
import type { Environment } from '../../src/environment/environment.ts';
import { main } from '../../src/main.ts';
import type { Run } from '../../src/run/run.ts';
import { applyPlanned } from '../../src/terraform/apply-planned.ts';
import { readContract } from '../../src/terraform/contract.ts';
import { nothingFound } from '../../src/terraform/plan-review.ts';
import type { PlanReview } from '../../src/terraform/plan-review.ts';
import type { PlannedResource } from '../../src/terraform/resources.ts';

const digest = `sha256:${'9'.repeat(64)}`;
const repository = '123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop';
export const image = { repository, digest, tag: 'v1', reference: `${repository}@${digest}`, built: true };
const rootOutputs = {
  autoscaling_group_name: 'shop-prod',
  launch_template_id: 'lt-1',
  launch_template_version: 2,
  target_group_arns: [],
  url: 'http://shop.example',
  repository_url: repository,
  alarm_names: [],
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
export type Steps = Record<
  'credentials' | 'look' | 'backend' | 'build' | 'push' | 'plan' | 'apply' | 'rollout',
  (run: Run, signals: EventEmitter) => Promise<void>
>;

export interface Surroundings {
  environment?: Environment | undefined;
  /** Parts of the backend that are not there. */
  missing?: { bucket?: string; lockTable?: string };
  /** What the root gives, by Terraform's names. */
  outputs?: Record<string, unknown>;
  /** What the state holds after a destruction. */
  remaining?: string[];
  resources?: PlannedResource[];
  /** Those of them that the plan destroys. */
  destroyed?: PlannedResource[];
  /** What is below the environment's path after a destruction; null: the role may not say. */
  parameters?: string[] | null;
  /** Buckets that hold something. */
  full?: string[];
  /** More variables of the job. */
  variables?: NodeJS.ProcessEnv;
  /** What the review of the plan found. */
  review?: Partial<PlanReview>;
  /** What the template version before launches; left out, nobody knows. */
  imageBefore?: { reference: string; tags: string[] };
  /** Whether the root would give two groups. */
  blueGreen?: boolean;
  /** The rollout takes another one back first. */
  takesBack?: boolean;
  /** The runner's files can't be written. */
  diskFull?: boolean;
  /** How the rollout ends; left out, well. */
  ends?: RolloutStatus;
}

/** A whole run, from the workflow's inputs to the report, with other stages than the real ones. */
export async function runMain(
  inputs: Record<string, string>,
  steps: Partial<Steps> = {},
  unchanged = false,
  options: Surroundings = {},
) {
  const signals = new EventEmitter();
  const folder = await mkdtemp(join(tmpdir(), 'main-test-'));
  await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\n');
  const write = (work: () => unknown): void => {
    if (options.diskFull === true)
      throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
    work();
  };
  const story: string[] = [];
  const told: string[] = [];
  const set: Record<string, string> = {};
  const state: Record<string, string> = {};
  /** What was saved when a step began: what the post step finds when the run is killed there. */
  const savedAt: Partial<Record<keyof Steps, Record<string, string>>> = {};
  let summary = '';
  let directory = '';
  const step = async (name: keyof Steps, run?: Run) => {
    savedAt[name] = { ...state };
    if (run !== undefined) directory = run.temporaryDirectory;
    await steps[name]?.(run!, signals);
    story.push(name);
  };
  const stages: Stages = {
    openAwsAccess: async () => {
      await step('credentials');
      return access;
    },
    readBootstrap: async () => undefined,
    readAppliedOutputs: (_run, _backend, ask) => ask(),
    ensureBackend: async (run) => {
      await step('backend', run);
      return backend;
    },
    findBackend: async () => ({ backend, missing: options.missing ?? {} }),
    abort: async () => undefined,
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
          summary: {
            add: 1,
            change: 0,
            destroy: (options.destroyed ?? []).length,
            changes: ['+ aws_lb.main'],
          },
          changed: !unchanged,
          review: { ...nothingFound([]), ...options.review },
          file: '',
          apply: () => step('apply', run),
          resources: async () => options.resources ?? [],
          destroyed: async () => options.destroyed ?? [],
          blueGreen: async () => options.blueGreen ?? false,
        };
      },
      outputs: async () =>
        Object.fromEntries(
          Object.entries(options.outputs ?? rootOutputs).map(([name, value]) => [name, { value }]),
        ),
    }),
    applyPlanned,
    readContract,
    environmentPlatform: async () => 'linux/arm64',
    currentCommit: async ({ github }) => github.sha,
    startBuild: async (run) => {
      await step('build', run);
      return { kind: 'existing', image };
    },
    ensureRepository: async () => repository,
    findImage: async () => image,
    findImageToRun: async () => image,
    platformsOf: async () => [],
    publishImage: async (run) => {
      await step('push', run);
      return { ...image, built: !unchanged };
    },
    readEnvironment: async (run) => {
      await step('look', run);
      return options.environment;
    },
    repositoryOf: async () => repository,
    readVersionImage: async () => options.imageBefore?.reference ?? '',
    readImages: async (_run, references) =>
      new Map(
        references.map((one) => {
          const state = one.includes('gone') ? 'missing' : one.includes('archived') ? 'archived' : 'there';
          const { reference, tags } = options.imageBefore ?? { tags: [] };
          return [one, { state, tags: one === reference ? tags : [commit] }];
        }),
      ),
    restoreImage: async () => void story.push('restore'),
    emptyBuckets: async (_run, names) => names.filter((name) => options.full?.includes(name) !== true),
    fullBuckets: async (_run, names) =>
      names
        .filter((name) => options.full?.includes(name))
        .map((name) => ({ name, holds: name.endsWith('-versioned') ? 'versions' : 'objects' })),
    parameterNames: async () => (options.parameters === null ? undefined : (options.parameters ?? [])),
    checkArchitecture: async () => undefined,
    previewRollout: async (run, { launchTemplateVersion }) => {
      story.push(`foresee=${launchTemplateVersion}`);
      run.log.line('Rollout forecast');
      return { seconds: 65, findings: [] };
    },
    rollOut: async (run, { launchTemplateVersion }, _image, { onTakenBack, onBegin } = {}) => {
      onBegin?.(undefined, undefined);
      story.push(`version=${launchTemplateVersion}`);
      if (options.takesBack === true) onTakenBack?.();
      await step('rollout', run);
      return {
        status: options.ends ?? (unchanged ? 'unchanged' : 'successful'),
        instanceRefreshId: unchanged ? undefined : 'refresh-1',
        templateVersion: 2,
        previousTemplateVersion: 1,
        instancesBefore: ['i-1'],
        instancesAfter: ['i-2'],
        estimate: { seconds: 1, mostly: '' },
        seconds: 1,
      };
    },
  };
  const environment: NodeJS.ProcessEnv = {
    ...{ RUNNER_TEMP: folder, GITHUB_WORKSPACE: folder },
    ...options.variables,
  };
  for (const [name, value] of Object.entries(inputs)) environment[`INPUT_${name.toUpperCase()}`] = value;
  try {
    const exitCode = await main({
      environment,
      signals,
      stages: async () => stages,
      toolkit: async () => ({
        info: (text) => void told.push(text),
        debug: () => undefined,
        notice: () => undefined,
        warning: (text) => void told.push(`warning: ${String(text)}`),
        error: (text) => void told.push(`Error: ${String(text)}`),
        setSecret: () => undefined,
        setOutput: (name, value) => write(() => (set[name] = String(value))),
        saveState: (name, value) => write(() => (state[name] = String(value))),
        startGroup: (title) => void told.push(`> ${title}`),
        endGroup: () => void told.push('<'),
        summary: {
          addRaw: (text) => {
            summary += text;
            return { write: async () => write(() => undefined) };
          },
        },
      }),
    });
    const leftOver = (await readdir(folder)).filter((name) => name !== 'Dockerfile');
    return {
      ...{ exitCode, story, told, outputs: set, state, savedAt, summary, leftOver, directory },
      listeners: signals.listenerCount('SIGINT') + signals.listenerCount('SIGTERM'),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

export const shop = { application: 'shop', environment: 'prod' };
export const failing = (reason: DeployError['reason']) => () =>
  Promise.reject(new DeployError({ reason, message: `${reason} it was`, next: 'do it again' }));
