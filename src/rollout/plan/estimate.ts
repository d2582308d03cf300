import type { Estimate } from '../../core/index.ts';
import { duration } from '../../core/index.ts';
import { reachedCheckpoint, replacementBatch, type HealthyPercentages } from './batches.ts';

export interface EstimateInput {
  /** The group's desired capacity. */
  desired: number;
  /** Instances that will be replaced. */
  toReplace: number;
  percentages: HealthyPercentages;
  /** Seconds. */
  warmup: number;
  /** Seconds from the order to the instance in service. */
  launch: number;
  /**
   * Seconds from an instance in service to one that passes its checks, as far as that is known; it counts where it is
   * longer than the warmup.
   */
  serving?: number;
  /** Seconds until an old instance is gone: what it took lately, or the longest deregistration delay of the target groups. */
  drain: number;
  /** Per cent, rising; empty for none. */
  checkpoints: number[];
  checkpointDelay: number;
  bakeTime: number;
}

/** What decides which instances go together. */
export type Replacement = Pick<EstimateInput, 'desired' | 'toReplace' | 'percentages' | 'checkpoints'>;

export interface EstimatePart {
  name: 'launching' | 'warmup' | 'draining' | 'checkpoints' | 'baking';
  seconds: number;
}

/** What a rollout will do: numbers are instances, times are seconds. */
export interface RolloutEstimate {
  batches: number;
  /** Instances in the largest batch. */
  atATime: number;
  launchFirst: boolean;
  lowestCapacity: number;
  highestCapacity: number;
  /** Instances that will have been replaced when it ends: fewer than asked when the last checkpoint is below 100. */
  replaced: number;
  seconds: number;
  parts: EstimatePart[];
  dominant: EstimatePart | undefined;
}

/**
 * What a refresh will do, from the same batch rule that the refresh follows. Pure.
 *
 * Each batch launches and warms up, and the next one waits until the old instances have drained: after the warmup
 * when new ones are launched first, beside it when old ones go at the same time. AWS does not say that it waits, and
 * a target without connections drains at once: until instances of the group have gone, this is an upper bound.
 */
export function estimateRollout(input: EstimateInput): RolloutEstimate {
  const steps = replacementSteps(input);
  const replaced = steps.reduce((sum, step) => sum + step.batch, 0);
  const launchFirst = steps.every((step) => step.launchFirst);
  const parts: EstimatePart[] = [
    { name: 'launching', seconds: steps.length * comingUp(input) },
    { name: 'warmup', seconds: steps.length * input.warmup },
    { name: 'draining', seconds: steps.reduce((sum, step) => sum + drainSeconds(step, input), 0) },
    { name: 'checkpoints', seconds: pausesAfter(steps, input) * input.checkpointDelay },
    { name: 'baking', seconds: steps.length > 0 ? input.bakeTime : 0 },
  ];
  const longest = parts.reduce((most, part) => (part.seconds > most.seconds ? part : most));
  return {
    batches: steps.length,
    atATime: Math.max(0, ...steps.map((step) => step.batch)),
    launchFirst,
    lowestCapacity: input.desired - Math.max(0, ...steps.map((step) => step.terminateFirst)),
    highestCapacity: input.desired + Math.max(0, ...steps.map((step) => step.surge)),
    replaced,
    seconds: parts.reduce((sum, part) => sum + part.seconds, 0),
    parts,
    dominant: longest.seconds > 0 ? longest : undefined,
  };
}

/** Seconds of a batch until its new instances serve, but for the warmup. */
function comingUp({ launch, serving = 0, warmup }: EstimateInput): number {
  return launch + Math.max(0, serving - warmup);
}

/** Seconds that draining adds to a batch on top of launch and warmup. */
function drainSeconds(step: { surge: number }, input: EstimateInput): number {
  return step.surge > 0 ? input.drain : Math.max(0, input.drain - comingUp(input) - input.warmup);
}

/** The batches of a refresh, in their order. Pure. */
export function replacementSteps(input: Replacement): ReturnType<typeof replacementBatch>[] {
  const steps: ReturnType<typeof replacementBatch>[] = [];
  const last = input.checkpoints.at(-1) ?? 100;
  const goals = [...input.checkpoints.filter((percentage) => percentage < last), last].map((percentage) =>
    Math.min(input.toReplace, Math.ceil((input.desired * percentage) / 100)),
  );
  // Without checkpoints everything goes, also what a group above its desired capacity has too many.
  if (last === 100) goals[goals.length - 1] = input.toReplace;
  let done = 0;
  for (const goal of goals) {
    while (done < goal) {
      const step = replacementBatch({ desired: input.desired, ...input.percentages, remaining: goal - done });
      if (step.batch < 1) return steps;
      steps.push(step);
      done += step.batch;
    }
  }
  return steps;
}

/** How often the refresh waits at a checkpoint: once where a step passes several, and never when all is done. */
export function pausesAfter(steps: { batch: number }[], { desired, checkpoints }: Replacement): number {
  let done = 0;
  let last = 0;
  let pauses = 0;
  for (const { batch } of steps) {
    done += batch;
    const reached = reachedCheckpoint(checkpoints, (100 * done) / desired);
    if (reached > last && reached < 100) pauses += 1;
    last = reached;
  }
  return pauses;
}

const partNames: Record<EstimatePart['name'], string> = {
  launching: 'launching',
  warmup: 'warmup',
  draining: 'deregistration delay',
  checkpoints: 'checkpoint delay',
  baking: 'bake time',
};

/** The forecast as the log says it, without the heading. */
export function estimateLines(
  expected: RolloutEstimate,
  input: EstimateInput,
  { warmupFrom, drainFrom }: { warmupFrom: string; drainFrom: string | undefined },
): string[] {
  const { batches, atATime, lowestCapacity, highestCapacity, dominant } = expected;
  const time = estimateWords({ seconds: expected.seconds, mostly: dominantPart(expected) });
  const order = expected.launchFirst
    ? 'launch before terminate'
    : expected.highestCapacity > input.desired
      ? 'terminate and launch, some on top'
      : 'terminate and launch at the same time';
  const lines = [
    `${input.toReplace} instance${input.toReplace === 1 ? '' : 's'}, ${order}, ${atATime} at a time: ${batches} batch${batches === 1 ? '' : 'es'}`,
    lowestCapacity === highestCapacity
      ? `capacity stays at ${input.desired}; about ${time}`
      : `capacity stays between ${lowestCapacity} and ${highestCapacity}; about ${time}`,
  ];
  if (dominant?.name === 'warmup') {
    lines.push(
      `the warmup is ${batches} × ${input.warmup} s, ${share(expected)}, from ${warmupFrom}${instead(expected, input, 'warmup')}`,
    );
  }
  if (dominant?.name === 'draining') {
    lines.push(
      drainFrom === undefined
        ? `until old instances are gone is ${batches} × ${Math.round(input.drain)} s, ${share(expected)}, as the last ones took${instead(expected, input, 'drain')}`
        : `the deregistration delay is up to ${batches} × ${input.drain} s, ${share(expected)}, from ${drainFrom}${instead(expected, input, 'drain')}; without open connections AWS may not wait for it`,
    );
  }
  if (expected.replaced < input.toReplace) {
    lines.push(
      `! the last checkpoint is below 100: ${input.toReplace - expected.replaced} instances keep the old version`,
    );
  }
  return lines;
}

/** "58 % of it" */
function share({ dominant, seconds }: RolloutEstimate): string {
  return `${Math.round((100 * (dominant?.seconds ?? 0)) / seconds)} % of it`;
}

/** Seconds that are enough for most services, of a warmup as of a deregistration delay. */
const enoughForMost = 30;

/** What another setting would make of it, where that saves a quarter or more: users can't know which one costs them. */
function instead({ seconds }: RolloutEstimate, input: EstimateInput, setting: 'warmup' | 'drain'): string {
  const other = estimateRollout({ ...input, [setting]: Math.min(input[setting], enoughForMost) });
  if (other.seconds > 0.75 * seconds) return '';
  return ` (with ${enoughForMost} s all of it would take about ${duration(other.seconds)})`;
}

/** The setting that takes most of the time, when it takes half or more: "15 min are warmup"; else ''. */
export function dominantPart({ dominant, seconds }: Pick<RolloutEstimate, 'dominant' | 'seconds'>): string {
  if (!dominant || dominant.seconds * 2 < seconds || dominant.name === 'launching') return '';
  return `${duration(dominant.seconds)} are ${partNames[dominant.name]}`;
}

/** "4 min 50 s, of which 3 min are warmup" */
export function estimateWords({ seconds, mostly: most }: Estimate): string {
  return `${duration(seconds)}${most === '' ? '' : `, of which ${most}`}`;
}
