import { errorText } from '../../../src/core/aws-error.ts';
import { DeployError } from '../../../src/core/errors.ts';
import type { RolloutResult, TerraformOutputs } from '../../../src/core/types.ts';
import type { Inputs } from '../../../src/inputs/table.ts';
import { abort } from '../../../src/rollout/abort.ts';
import {
  greenName,
  greenTargetGroupArn,
  groupName,
  healthyGroup,
  targetGroupArn,
  templateId,
  twoGroups,
  twoGroupWorld,
  type SimulatedAws,
} from './simulated-aws.ts';
import { worldFaults, type StrategyName, type WorldFault } from './world-faults.ts';

/** Two faults of different kinds that meet one rollout. */
export interface Pair {
  title: string;
  setting: Setting;
  faults: [WorldFault, WorldFault];
}

/** How a version is rolled out. */
interface Setting {
  name: string;
  strategy: StrategyName;
  inputs: Partial<Inputs>;
  /** The share of the instances that have to serve all the time. */
  least: number;
}

const shifting: Partial<Inputs> = {
  ...{ trafficSteps: [10, 50, 100], stepTime: 120, keepPrevious: false },
  ...{ minHealthyPercentage: undefined, maxHealthyPercentage: undefined },
};

const settings: Setting[] = [
  {
    ...{ name: 'rolling, launching first', strategy: 'rolling', least: 1 },
    inputs: { minHealthyPercentage: 100, maxHealthyPercentage: 134 },
  },
  {
    ...{ name: 'rolling, half at a time, with a bake time', strategy: 'rolling', least: 0.5 },
    inputs: { minHealthyPercentage: 50, maxHealthyPercentage: 100, bakeTime: 120 },
  },
  { name: 'blue-green', strategy: 'blue-green', least: 1, inputs: shifting },
  {
    ...{ name: 'blue-green, with a bake time', strategy: 'blue-green', least: 1 },
    inputs: { ...shifting, bakeTime: 120 },
  },
];

/** Every pair of faults of two kinds that a rollout of some strategy can meet. */
export function allPairs(): Pair[] {
  return settings.flatMap((setting) => {
    const { name, strategy } = setting;
    const faults = worldFaults.filter(({ only = strategy }) => only === strategy);
    return faults.flatMap((one, index) =>
      faults
        .slice(index + 1)
        .filter(({ of }) => of !== one.of)
        .map((other): Pair => ({
          title: `${name}: ${one.name}, and ${other.name}`,
          ...{ setting, faults: [one, other] },
        })),
    );
  });
}

const instances = 3;
/** Hours that a run may take at the most: its timeout, and two for a way back that AWS drags out. */
const longest = 3600 + 2 * 3600 + 600;

/** What was seen of one run. */
interface Seen {
  result: RolloutResult | undefined;
  failure: DeployError | undefined;
  seconds: number;
  /** Where fewer served than there must. */
  shortages: string[];
  /** All that a person reads. */
  text: string;
}

/**
 * Rolls a version out while both faults strike, and again when they are over.
 * @returns what is wrong with what was seen; nothing when all that must hold did
 */
export async function runPair({ setting, faults }: Pair): Promise<string[]> {
  const { strategy } = setting;
  const world = await worldOf(strategy);
  for (const fault of faults) await fault.begins(world, strategy);
  const seen = await run(world, setting);
  const problems = await wrongWithEnd(world, seen, faults);
  const again = faults.some(({ destroys }) => destroys)
    ? { problems: [], shortages: [] }
    : await runAgain(world, setting);
  problems.push(...again.problems);
  // Some of what was launched under it is still there in the next run.
  if (!faults.some(({ takes }) => takes)) problems.push(...seen.shortages, ...again.shortages);
  return problems.length === 0 ? [] : [...problems, seen.text];
}

async function worldOf(strategy: StrategyName): Promise<SimulatedAws> {
  const options = { instances, maxSize: 9 };
  const world = await (strategy === 'rolling' ? healthyGroup(options) : twoGroupWorld(options));
  world.alarms.set('errors', 'OK');
  world.demand = { rate: 100, of: () => ({ errors: 0, seconds: 0.05 }) };
  return world;
}

async function run(world: SimulatedAws, setting: Setting): Promise<Seen> {
  const shortages = watch(world, setting);
  const [lines, warnings] = [world.lines.length, world.warnings.length];
  const begun = world.elapsed;
  let result: RolloutResult | undefined;
  let failure: unknown;
  try {
    result = await world.rollOut(2, setting.inputs, { outputs: outputsOf(setting.strategy) });
  } catch (error) {
    failure = error;
  }
  const known = failure instanceof DeployError ? failure : undefined;
  const said = known
    ? [known.reason, known.message, ...known.evidence.map(({ label, text }) => `${label}: ${text}`)]
    : [failure === undefined ? (result?.status ?? '') : errorText(failure)];
  const text = [
    ...world.lines.slice(lines),
    ...world.warnings.slice(warnings),
    ...said,
    `left: ${known?.left ?? ''}`,
    `next: ${known?.next ?? ''}`,
  ].join('\n');
  return { result, failure: known, seconds: world.elapsed - begun, shortages: shortages(), text };
}

/** Looks at every second whether as many serve as were there, or as somebody else wants by now. */
function watch(world: SimulatedAws, { strategy, least: share }: Setting): () => string[] {
  const begun = world.elapsed;
  // What a run before has left may be short already.
  const first = Math.min(instances, healthy(world, targetGroupArn));
  const shortages: string[] = [];
  let over = false;
  const look = async (): Promise<void> => {
    if (over) return;
    if (world.elapsed - begun > longest) throw new Error('it goes on for ever');
    const blue = await world.find(groupName);
    const wanted = Math.floor(share * Math.min(first, blue?.desired ?? 0));
    const { weights } = world.rule;
    const serving =
      strategy === 'rolling'
        ? healthy(world, targetGroupArn)
        : [targetGroupArn, greenTargetGroupArn]
            .filter((arn) => (weights[arn] ?? 0) > 0)
            .reduce((least, arn) => Math.min(least, healthy(world, arn)), Infinity);
    if (serving < (strategy === 'rolling' ? wanted : 1))
      shortages.push(`after ${Math.round(world.elapsed - begun)} s ${serving} served`);
    world.after(1, look);
  };
  world.after(1, look);
  return () => {
    over = true;
    return shortages.length === 0 ? [] : [`too few served: ${shortages[0]} (${shortages.length} times)`];
  };
}

function healthy(world: SimulatedAws, arn: string): number {
  const kinds = world.simulated.simulation.serving(arn).filter((each) => each.healthy);
  return kinds.reduce((sum, { count }) => sum + count, 0);
}

/** Versions of the instances that stay, and the share of the requests that each group has. */
async function standing(world: SimulatedAws): Promise<{ versions: number[]; weights: number[] }> {
  const weights = [targetGroupArn, greenTargetGroupArn].map((arn) => world.rule.weights[arn] ?? 0);
  const groups = await Promise.all([groupName, greenName].map((name) => world.find(name)));
  const versions = groups.flatMap((group) =>
    (group?.instances ?? [])
      .filter(({ lifecycleState }) => !lifecycleState.startsWith('Terminat'))
      .map(({ templateVersion }) => templateVersion ?? 0),
  );
  return { versions: [...new Set(versions)], weights };
}

const told =
  /THE ROLLBACK FAILED|may run both|\d+ of \d+ instances run|goes on at AWS|stay as they are|could not be read|touched nothing more|has taken over|is gone|came after it|has none/;

async function wrongWithEnd(
  world: SimulatedAws,
  { result, failure, seconds, text }: Seen,
  faults: readonly WorldFault[],
): Promise<string[]> {
  const problems: string[] = [];
  if (seconds > longest) problems.push(`it took ${seconds} s`);
  const { versions } = await standing(world);
  if (result !== undefined) {
    const isTrue = versions.length === 1 && versions[0] === 2;
    if (
      result.status === 'successful' &&
      !isTrue &&
      !text.includes('is not as it should be between rollouts')
    )
      problems.push(`it says successful, and there are the versions ${versions.join()}`);
    return problems;
  }
  if (failure === undefined || failure.reason === 'internal')
    problems.push('it ended with an error that it does not understand');
  // Before anything is begun, the phase says it.
  if (failure?.left === undefined && world.count('start') + world.count('setSizes') > 0)
    problems.push('it does not say what is left');
  if (!faults.some(({ words }) => words.test(text))) problems.push('it names neither of the causes');
  if (versions.length > 1 && !told.test(text))
    problems.push(`there are the versions ${versions.join()}, and it does not say so`);
  return problems;
}

async function lift(world: SimulatedAws): Promise<void> {
  world.calm();
  world.simulated.clearFaults();
  world.alarms.set('errors', 'OK');
  world.demand = { rate: 100, of: () => ({ errors: 0, seconds: 0.05 }) };
  for (const AutoScalingGroupName of [groupName, greenName]) {
    if ((await world.find(AutoScalingGroupName)) === undefined) continue;
    await world.operation('ResumeProcesses', { AutoScalingGroupName });
    await world
      .operation('DeleteLifecycleHook', { AutoScalingGroupName, LifecycleHookName: 'warm-cache' })
      .catch(() => undefined);
  }
}

/** The faults are over: the same job again has to get there. */
async function runAgain(
  world: SimulatedAws,
  setting: Setting,
): Promise<Record<'problems' | 'shortages', string[]>> {
  // What was to happen later has happened by then.
  await world.advance(400);
  await lift(world);
  const seen: string[] = [];
  for (let attempt = 1; attempt <= reruns; attempt += 1) {
    const { result, failure, text, shortages } = await run(world, setting);
    const { versions, weights } = await standing(world);
    const isThere = (version: number): boolean => versions.length === 1 && versions[0] === version;
    if (result !== undefined && ['successful', 'unchanged'].includes(result.status) && isThere(2))
      return { problems: [], shortages };
    // Somebody has brought a later version meanwhile, to all of it: that is theirs.
    if (failure?.reason === 'superseded' && isThere(3)) return { problems: [], shortages: [] };
    seen.push(
      `run again, it ended with ${result?.status ?? failure?.reason ?? 'an error'} and the versions ${versions.join()}, weights ${weights.join()}:\n${text}`,
    );
    if (failure?.next?.includes('command abort')) await takeBack(world, setting.strategy);
  }
  return { problems: [...seen, '--- the first run:'], shortages: [] };
}

/** Bad instances that are there already stay bad: the first run finds them out, and the next one gets through. */
const reruns = 2;

/** What the failure says is to be done. */
async function takeBack(world: SimulatedAws, strategy: StrategyName): Promise<void> {
  await abort(world.run({ command: 'abort' }), outputsOf(strategy), { api: world.api, clock: world.clock });
}

function outputsOf(strategy: StrategyName): TerraformOutputs {
  return {
    ...{ autoscalingGroupName: groupName, launchTemplateId: templateId, launchTemplateVersion: 2 },
    ...{ targetGroupArns: [targetGroupArn], url: '', repositoryUrl: '', alarmNames: ['errors'], all: {} },
    ...(strategy === 'blue-green' && { blueGreen: twoGroups }),
  };
}
