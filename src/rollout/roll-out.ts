import { DeployError } from '../core/index.ts';
import type { Foretold, Image, RolloutResult, TerraformOutputs } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import { settleActive, throwIfCancelled } from './rolling/index.ts';
import type { RolloutApi } from './aws/index.ts';
import { awsRolloutApi } from './aws/index.ts';
import { duration, systemClock, type Clock } from '../core/index.ts';
import { Canary } from './smoke-test/index.ts';
import { foretoldWords, mostly } from './plan/index.ts';
import { checkFirst, foretell, launchSeconds } from './preflight/index.ts';
import { cameUpSentence, watchComeUp } from './monitor/index.ts';
import type { RolloutContext } from './context/index.ts';
import { succeeded } from './rolling/index.ts';
import { RolloutHistory } from './monitor/index.ts';
import type { RefreshObservation, RolloutTarget } from './model/index.ts';
import { truncatedList } from '../core/index.ts';
import { failure, resultOf, undoFinished, unsuccessful, wordsFor, type Underway } from './rolling/index.ts';
import { throwIfOvertaken } from './rolling/index.ts';
import { courseOf, readScene, sentSettings, type Scene } from './plan/index.ts';
import { desiredConfiguration, refreshPreferences } from './plan/index.ts';
import { startRefresh } from './rolling/index.ts';
import { isActive, savedTemplateVersion } from './model/index.ts';
import { verdictTimeouts, likeliestCause, restartedCause, type VerdictTimeouts } from './verdict/index.ts';
import { learnHooks, watch } from './monitor/index.ts';

/** What tests replace; the defaults are AWS through the SDK, the machine's clock and the network. */
export interface RolloutTools {
  api?: RolloutApi;
  clock?: Clock;
  fetch?: typeof fetch;
  /** When this run began, by the calendar: a group made since then is a first deployment. */
  runStartedAt?: Date;
  /** False when this run has changed no infrastructure: then nothing that it finds is new, whatever the clocks say. */
  applied?: boolean;
}

/** How often the group is looked at anew because somebody else's refresh was in the way. */
const looks = 10;

/**
 * Moves the group to the template version that Terraform made: looks, checks, forecasts, starts the refresh, watches
 * it, undoes it when it turns out bad, and verifies it when AWS calls it successful.
 *
 * Takes the contract's outputs; the image is only named in the log. Returns what was seen at the end.
 * @throws DeployError with cause, evidence, state and next step for everything that is no success; `rollout` on it
 * says how far it came.
 */
export async function rollOut(
  run: Run,
  outputs: TerraformOutputs,
  image?: Image,
  tools: RolloutTools = {},
): Promise<RolloutResult> {
  const context = openContext(run, outputs, tools);
  const { smokeTest } = run.inputs;
  const canary = smokeTest && new Canary(context, { ...smokeTest, url: outputs.url }, tools.fetch);
  for (let look = 1; look <= looks; look += 1) {
    throwIfCancelled(context);
    const scene = await readScene(context, outputs);
    throwIfOvertaken(context, scene.refreshes, beginOf(tools));
    const active = scene.refreshes.find(isActive);
    const adopted = active && (await settleActive(context, active));
    if (active && !adopted) continue;
    context.target.previousVersion = savedTemplateVersion(scene.group);
    context.names.healthPath = scene.targetGroups[0]?.path ?? '';
    const done = await pursue({ context, scene, outputs, image, tools, canary }, adopted);
    if (done) return done;
  }
  throw new DeployError({
    reason: 'refresh-active',
    message: `other instance refreshes of ${context.group} kept coming first`,
    left: 'no refresh of this run was started',
    next: 'see who else rolls out to this group, then run this job again',
  });
}

interface Pursuit {
  context: RolloutContext;
  scene: Scene;
  outputs: TerraformOutputs;
  image: Image | undefined;
  tools: RolloutTools;
  canary: Canary | undefined;
}

/** The result; undefined when somebody else's refresh came first and everything has to be looked at again. */
async function pursue(
  pursuit: Pursuit,
  adopted: RefreshObservation | undefined,
): Promise<RolloutResult | undefined> {
  const { context, scene } = pursuit;
  if (adopted) return refreshOnto(pursuit, adopted);
  switch (courseOf(scene, context.target)) {
    case 'unchanged':
      return unchanged(pursuit);
    case 'come-up':
      return comeUp(pursuit);
    case 'refresh':
      return refreshOnto(pursuit, undefined);
  }
}

function openContext(run: Run, outputs: TerraformOutputs, tools: RolloutTools): RolloutContext {
  const clock = tools.clock ?? systemClock;
  const startedAt = clock.now();
  const target: RolloutTarget = {
    templateId: outputs.launchTemplateId,
    version: outputs.launchTemplateVersion,
    previousVersion: undefined,
  };
  return {
    run,
    api: tools.api ?? awsRolloutApi(run.aws),
    clock,
    group: outputs.autoscalingGroupName,
    target,
    names: { application: run.inputs.application, environment: run.inputs.environment, healthPath: '' },
    startedAt,
    deadline: startedAt + run.inputs.timeout,
    warned: new Set(),
  };
}

function unchanged({ context, scene, tools }: Pursuit): RolloutResult {
  const { run, target } = context;
  const count = scene.now.serving.length;
  const status = isFresh(scene, tools) ? 'first-deployment' : 'unchanged';
  run.log.line(
    `${count} of ${scene.group.desired} instances run version ${target.version} and are healthy: nothing to roll out`,
  );
  return resultOf(underwayOf(context, scene, undefined, undefined), status, scene.now.serving);
}

/** When this run began, by the calendar. */
function beginOf({ runStartedAt }: RolloutTools): Date {
  return runStartedAt ?? new Date(performance.timeOrigin);
}

/** A group that was made since this run began, with no refresh in its history. */
function isFresh({ group, refreshes }: Scene, tools: RolloutTools): boolean {
  if (tools.applied === false) return false;
  return refreshes.length === 0 && group.createdAt !== undefined && group.createdAt >= beginOf(tools);
}

function underwayOf(
  context: RolloutContext,
  scene: Scene,
  refreshId: string | undefined,
  forecast: Foretold | undefined,
): Underway {
  return {
    context,
    before: scene.group,
    settings: sentSettings(scene, context.target),
    refreshId,
    forecast,
    begunAt: context.clock.now(),
  };
}

/** No refresh: instances of the target version have only to come up, and there is nothing to go back to. */
async function comeUp(pursuit: Pursuit): Promise<RolloutResult | undefined> {
  const { context, scene, canary, tools } = pursuit;
  const { run, clock, target } = context;
  const expected = launchSeconds(scene) + 30;
  const fresh = isFresh(scene, tools);
  const underway = {
    ...underwayOf(context, scene, undefined, { seconds: expected, mostly: '' }),
    before: { ...scene.group, instances: [] },
  };
  const how = fresh ? 'first deployment' : 'no other version is there to replace';
  run.log.line(
    `${how}: waiting for ${scene.group.desired} instances of version ${target.version}, about ${duration(expected)}`,
  );
  const end = await watchComeUp(context, scene, { timeouts: timeoutsOf(run, scene), expected, fresh });
  if (end.kind === 'up') {
    run.log.line(cameUpSentence(end.facts, clock.now() - context.startedAt));
    return succeeded(
      { ...underway, status: fresh || scene.now.serving.length === 0 ? 'first-deployment' : 'unchanged' },
      canary,
    );
  }
  if (end.kind === 'stuck') return replaceStuck(pursuit, end.instances);
  const left = {
    text: 'there is no version before to go back to: the group keeps launching this one until it is mended',
    instances: end.facts.instances
      .filter(({ lifecycleState }) => lifecycleState !== 'gone')
      .map(({ id }) => id),
  };
  if (end.kind === 'condemned')
    throw failure(underway, wordsFor(context, end.cause, end.facts), 'failed', left);
  if (end.kind === 'cancelled' || end.kind === 'gone')
    throw await unsuccessful(underway, { ...end, refresh: undefined, seconds: 0 });
  const likely = wordsFor(context, likeliestCause(end.facts), end.facts);
  const sentence = `the instances did not come up within ${duration(run.inputs.timeout)}: ${likely.sentence}`;
  throw failure(underway, { ...likely, reason: 'timeout', sentence }, 'failed', left);
}

/**
 * Replaces the instances of a group that has the version but does not serve, healthy ones included: a refresh that
 * skips what matches would change nothing, and one instance can't be picked.
 */
async function replaceStuck(pursuit: Pursuit, stuck: string[]): Promise<RolloutResult | undefined> {
  const { context, tools, outputs } = pursuit;
  context.run.log.line(
    `${truncatedList(stuck)} of version ${context.target.version} ${stuck.length === 1 ? 'does' : 'do'} not serve and nothing replaces ${stuck.length === 1 ? 'it' : 'them'}: replacing every instance with the same version`,
  );
  const scene = await readScene(context, outputs);
  // Somebody else has begun meanwhile, or they came back in this very moment: look at everything again.
  if (scene.refreshes.some(isActive) || courseOf(scene, context.target) !== 'come-up') return undefined;
  const settings = {
    ...scene.settings,
    skipMatching: false,
    autoRollback: false,
    checkpoints: [],
    checkpointDelay: 0,
  };
  return refreshOnto({ ...pursuit, tools, scene: { ...scene, settings } }, undefined);
}

function timeoutsOf(run: RolloutContext['run'], { group, targetGroups, settings }: Scene): VerdictTimeouts {
  return verdictTimeouts(group, targetGroups, {
    unhealthyTimeout: run.inputs.unhealthyTimeout,
    instanceWarmup: run.inputs.instanceWarmup,
    checkpointDelay: settings.checkpointDelay,
  });
}

/** Starts a refresh, or takes the adopted one, and sees it through. */
async function refreshOnto(
  pursuit: Pursuit,
  adopted: RefreshObservation | undefined,
): Promise<RolloutResult | undefined> {
  const { context, scene, canary } = pursuit;
  if (!adopted) await checkFirst(context, scene);
  const expected = foretell(context, scene, pursuit.image);
  const foretold = { seconds: expected.seconds, mostly: mostly(expected) };
  const underway = underwayOf(context, scene, adopted?.id, foretold);
  if (!adopted) {
    await canary?.before(expected);
    throwIfCancelled(context);
    const started = await start(pursuit, underway);
    if (started === undefined) return undefined;
    underway.refreshId = started;
  }
  const end = await watchOurs(pursuit, underway, adopted);
  if (end.kind !== 'ended' || end.refresh.status !== 'Successful') throw await unsuccessful(underway, end);
  context.run.log.line(
    `AWS calls the refresh successful after ${duration(end.seconds)}; the forecast was ${foretoldWords(foretold)}`,
  );
  const restarted = restartedCause(end.facts);
  if (restarted) throw await undoFinished(underway, wordsFor(context, restarted, end.facts));
  const partly = (scene.settings.checkpoints.at(-1) ?? 100) < 100;
  return succeeded({ ...underway, status: partly ? 'partly-replaced' : 'successful' }, canary);
}

async function watchOurs(
  { context, scene, canary }: Pursuit,
  underway: Underway,
  adopted: RefreshObservation | undefined,
) {
  const { clock, run, target } = context;
  // Instances that an adopted refresh has brought up already are as new as those to come.
  const old = scene.group.instances.filter((each) => !adopted || each.templateVersion !== target.version);
  const history = new RolloutHistory(target, clock.now(), { before: old.map(({ id }) => id) });
  await learnHooks(context, history);
  return watch(context, {
    refreshId: underway.refreshId ?? '',
    history,
    expected: underway.forecast?.seconds ?? 0,
    timeouts: timeoutsOf(run, scene),
    deadline: context.deadline,
    alarms: underway.settings.alarms,
    heedCancel: true,
    smoke: canary && ((facts, refresh) => canary.during(facts, refresh, scene.settings.checkpoints)),
  });
}

/** @returns the id; undefined when somebody else's refresh came first. */
async function start({ context, scene }: Pursuit, { settings }: Underway): Promise<string | undefined> {
  const { run, target } = context;
  const started = await startRefresh(context, {
    version: target.version,
    desiredConfiguration: desiredConfiguration(scene.group, target, target.version),
    preferences: refreshPreferences(run.inputs, settings),
    known: new Set(scene.refreshes.map(({ id }) => id)),
  });
  run.log.line(
    started.blockedBy
      ? `instance refresh ${started.blockedBy.id} was started by somebody else in this moment`
      : `started instance refresh ${started.id}`,
  );
  return started.id;
}
