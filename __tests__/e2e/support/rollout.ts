import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import { runAction } from '../../../scripts/runner/runner.ts';
import type { ActionStep, StepResult } from '../../../scripts/runner/runner.ts';
import { stateBucket } from './fleet.ts';
import type { Service } from './fleet.ts';
import { watch } from './watch.ts';

const actionDirectory = fileURLToPath(new URL('../../..', import.meta.url));

export interface RolloutOptions {
  /** To which version of the launch template; 2 unless given. */
  version?: number;
  inputs?: Record<string, string>;
  environment?: Record<string, string>;
  /** What happens, once, when a line of the log matches. */
  when?: [RegExp, () => Promise<unknown>][];
  /** The job is cancelled when a line matches. */
  cancelOn?: RegExp;
  cancelTimes?: ActionStep['cancelTimes'];
}

/** Where a rollout ended: what the step said, and what is there now. */
export interface Rollout extends StepResult {
  /** Statuses of the group's refreshes, newest first; none where the group is gone. */
  refreshes: string[];
  /** Instances by template version that are not on their way out. */
  versions: Record<string, number>;
  /** The version that the group launches. */
  saved: string | undefined;
}

/** Rolls a version out through the built action's own entry, then looks at the group. */
export async function rollOut(service: Service, options: RolloutOptions = {}): Promise<Rollout> {
  const workspace = await mkdtemp(join(tmpdir(), 'workspace-'));
  try {
    const reactions: Promise<unknown>[] = [];
    const result = await runAction(stepOf(service, workspace, options, reactions));
    await Promise.all(reactions);
    return { ...result, ...(await whatIsThere(service)) };
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

function stepOf(
  service: Service,
  workspace: string,
  options: RolloutOptions,
  reactions: Promise<unknown>[],
): ActionStep {
  const { version = 2, inputs, environment, cancelOn, cancelTimes } = options;
  const waiting = [...(options.when ?? [])];
  const controller = new AbortController();
  return {
    actionDirectory,
    inputs: {
      command: 'rollback',
      application: service.application,
      environment: 'dev',
      'state-bucket': stateBucket,
      'template-version': String(version),
      ...inputs,
    },
    job: { workspace, sha: '0'.repeat(40) },
    environment: { ...service.fleet.cloud.environment, AWS_EC2_METADATA_DISABLED: 'true', ...environment },
    cancel: controller.signal,
    ...(cancelTimes && { cancelTimes }),
    show(line) {
      if (cancelOn?.test(line)) controller.abort();
      for (const entry of waiting.filter(([pattern]) => pattern.test(line))) {
        waiting.splice(waiting.indexOf(entry), 1);
        reactions.push(entry[1]());
      }
    },
  };
}

/** What is there now: the refreshes, the instances by version, and the group's saved version. */
export async function whatIsThere(
  service: Service,
): Promise<Pick<Rollout, 'refreshes' | 'versions' | 'saved'>> {
  const there = await service.find();
  if (there === undefined || there.Status !== undefined)
    return { refreshes: [], versions: {}, saved: undefined };
  const refreshes = (await service.refreshes()).map(({ Status }) => Status ?? '');
  // After the refreshes: one that is over is seen with what it has left.
  const group = await service.look();
  const policy = group.MixedInstancesPolicy?.LaunchTemplate;
  return {
    refreshes,
    versions: versionsOf(group),
    saved: (group.LaunchTemplate ?? policy?.LaunchTemplateSpecification)?.Version,
  };
}

/**
 * Looks at a group all the while that something is done.
 * @throws Error when fewer instances were in service, of any version, than when it began
 */
export async function expectServed<T>(
  look: () => Promise<AutoScalingGroup | undefined>,
  work: () => Promise<T>,
): Promise<T> {
  const inService = async () =>
    ((await look())?.Instances ?? []).filter(({ LifecycleState }) => LifecycleState === 'InService').length;
  const atFirst = await inService();
  let least = atFirst;
  const end = watch(async () => (least = Math.min(least, await inService())), 200);
  const result = await work().finally(end);
  if (least < atFirst) throw new Error(`at one time, ${least} of ${atFirst} instances were in service`);
  return result;
}

/** Instances by version that are not on their way out. */
export function versionsOf(group: AutoScalingGroup | undefined): Record<string, number> {
  const versions: Record<string, number> = {};
  for (const { LaunchTemplate, LifecycleState } of group?.Instances ?? []) {
    const version = LaunchTemplate?.Version ?? '';
    if (!LifecycleState?.startsWith('Terminat')) versions[version] = (versions[version] ?? 0) + 1;
  }
  return versions;
}
