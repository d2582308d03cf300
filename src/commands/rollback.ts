import { DeployError, shortDigest } from '../core/index.ts';
import type { Environment } from '../environment/index.ts';
import { imageOf, rollbackTarget } from '../environment/index.ts';
import type { Conclusion } from '../report/index.ts';
import {
  isActive,
  isMixture,
  rollingState,
  rollingWords,
  savedTemplateVersion,
  sideToGoBackTo,
  stateWords,
} from '../rollout/index.ts';
import { rolledBack } from './conclusions.ts';
import type { CommandContext } from './context.ts';
import { recordImage, requireEnvironment } from './current.ts';
import { phase } from './phase.ts';
import { rollOutTo } from './steps.ts';

interface Goal {
  version: number;
  /** How it was found, for the log. */
  why: string;
}

/**
 * Goes back to the last version that was rolled out successfully before the one that runs, or to the one that is named
 * by template-version or image. The version exists, so nothing is built and Terraform does not run.
 *
 * @throws DeployError `preflight` when there is no version to go back to, `image-missing` when its image is gone, or
 *   archived and not restored
 */
export async function rollback(context: CommandContext): Promise<Conclusion> {
  const { run, record } = context;
  const { environment, goal } = await phase(context, 'look', async () => {
    const environment = await requireEnvironment(context);
    const goal = await chooseGoal(context, environment);
    run.log.line(`Rolling back to version ${goal.version}: ${goal.why}`);
    await checkImage(context, environment, goal);
    return { environment, goal };
  });
  context.onDeploying(record.commit);
  record.outputs = { ...environment.outputs, launchTemplateVersion: goal.version };
  await rollOutTo(context, record.outputs, record.image);
  return rolledBack(record, goal.version, Date.now());
}

async function chooseGoal(context: CommandContext, environment: Environment): Promise<Goal> {
  const { templateVersion, image } = context.run.inputs;
  if (templateVersion !== undefined) return namedVersion(environment, templateVersion);
  if (image !== undefined) return versionWith(context, environment, image);
  const underWay = refreshGoal(environment) ?? twoGroupsGoal(environment) ?? unfinishedGoal(environment);
  if (underWay !== undefined) return underWay;
  const target = rollbackTarget(environment);
  if (target === undefined) throw noTarget(environment);
  if (target.from === 'assumed') {
    return {
      version: target.version,
      why: "AWS's history names no earlier success; it is the newest earlier version that no rollout failed with",
    };
  }
  return { version: target.version, why: 'the last one before that was rolled out successfully' };
}

/**
 * While another version is on its way in, what to go back to is the one that it replaces. A way back that is under way
 * already, by a deployment that failed or another operator, is gone on with, and not forth again.
 */
function refreshGoal({ refreshes, group }: Environment): Goal | undefined {
  const active = refreshes.find(isActive);
  const saved = savedTemplateVersion(group);
  if (active === undefined || saved === undefined) return undefined;
  const coming = Number(active.target?.version);
  const newest = Math.max(saved, ...group.instances.flatMap(({ templateVersion }) => templateVersion ?? []));
  if (coming < newest) return { version: coming, why: `instance refresh ${active.id} is bringing it back` };
  return coming === saved
    ? undefined
    : { version: saved, why: `instance refresh ${active.id} is replacing it` };
}

/** Of two groups, the version that is left, or that is still up. */
function twoGroupsGoal({ fleets }: Environment): Goal | undefined {
  if (fleets === undefined) return undefined;
  const { state } = fleets;
  const { name, version } = sideToGoBackTo(state) ?? {};
  if (name === undefined || version === undefined) return undefined;
  if (state.kind === 'warm') return { version, why: `it is still up in ${name}` };
  const why =
    name === state.to.name
      ? `a rollback to it is under way: ${stateWords(state)}`
      : `version ${state.to.version ?? '?'} is on its way in: ${stateWords(state)}`;
  return { version, why };
}

/** Of one group that runs two versions, the one that is left: a rollout waits for a person, or came to no end. */
function unfinishedGoal({ fleets, group, refreshes }: Environment): Goal | undefined {
  const state = rollingState(group, refreshes);
  if (fleets !== undefined || !isMixture(state)) return undefined;
  return { version: state.previous, why: rollingWords(state) };
}

function namedVersion({ versions }: Environment, version: number): Goal {
  if (versions.some((each) => each.version === version)) return { version, why: 'template-version names it' };
  const there = versions.slice(0, 5).map((each) => each.version);
  throw new DeployError({
    reason: 'input-invalid',
    message: `template-version is "${version}", which the launch template does not have; its newest are ${there.join(', ')}`,
    left: 'Nothing was touched.',
  });
}

/** The newest version that runs the image. */
async function versionWith(
  { run, stages }: CommandContext,
  { versions, outputs }: Environment,
  name: string,
): Promise<Goal> {
  const { digest } = await stages.findImage(run, name);
  const found = versions.find(({ image }) => image?.endsWith(`@${digest}`) === true);
  if (found !== undefined) return { version: found.version, why: `it runs ${name}` };
  throw new DeployError({
    reason: 'image-missing',
    message: `no version of launch template ${outputs.launchTemplateId} runs image ${name} (${shortDigest(digest)})`,
    left: 'Nothing was touched.',
    next: 'use the command redeploy with this image: it makes a version for it',
  });
}

function noTarget({ group }: Environment): DeployError {
  const numbered = savedTemplateVersion(group) !== undefined;
  return new DeployError({
    reason: 'preflight',
    message: numbered
      ? `there is no version to go back to: AWS knows no good one before version ${group.template?.version ?? ''} of ${group.name}`
      : `there is no version to go back to: ${group.name} launches ${group.template?.version ?? 'no template'}, which is no numbered version`,
    left: 'Nothing was touched.',
    next: 'name one with template-version, or use redeploy with an image that exists',
  });
}

/** An instance could not boot without its image: a version whose image is gone is no target, an archived one is restored. */
async function checkImage(context: CommandContext, environment: Environment, goal: Goal): Promise<void> {
  const { run, record, stages } = context;
  const reference = imageOf(environment, goal.version);
  record.commit = '';
  if (reference === '') {
    run.log.warning(
      `the user data of version ${goal.version} names no image by digest; whether it still exists was not looked up`,
    );
    return;
  }
  const facts = await recordImage(context, reference);
  if (facts?.state === 'archived') return stages.restoreImage(run, reference);
  if (facts?.state === 'missing') {
    throw new DeployError({
      reason: 'image-missing',
      message: `the image of version ${goal.version} is no longer in the registry: ${reference}`,
      left: 'Nothing was touched.',
      next: 'name another version with template-version (the command status shows them), or deploy a commit that reverts the change',
    });
  }
  if (facts?.state !== 'there') run.log.warning(`whether ${reference} still exists could not be asked`);
}
