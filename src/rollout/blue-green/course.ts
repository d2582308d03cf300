import { isUp, type Side } from './state.ts';

/** What a run wants of its course. */
export interface CourseRules {
  version: number;
  /** By steps; else all requests go at once. */
  gradually: boolean;
  /** Per cent, rising, the last one 100. */
  steps: readonly number[];
  /** Per cent at which a person is waited for; undefined for nowhere. */
  pauseAt: number | undefined;
  /** The preview has to be asked before there are requests. */
  preview: boolean;
  /** Seconds that the old fleet stays whole after the last step. */
  bakeTime: number;
}

/** What a run knows beyond what AWS says: only how long it has looked, never where things stand. */
export interface Memory {
  previewed: boolean;
  /** The weight that was judged good, or given up to judge as `on-inconclusive` says. */
  judged: number | undefined;
  /** Seconds since all requests go to the new side, as this run has seen it. */
  baked: number;
}

/** What comes next. What waits is asked again at the next look. */
export type Step =
  /** What another version left on the idle side goes first. */
  | { kind: 'empty' }
  | { kind: 'emptying' }
  /** The old side may not shrink while its load is looked at. */
  | { kind: 'pin' }
  | { kind: 'launch'; size: number }
  | { kind: 'coming-up' }
  | { kind: 'preview' }
  | { kind: 'shift'; weight: number }
  | { kind: 'judge'; weight: number }
  | { kind: 'pause'; weight: number }
  | { kind: 'bake' }
  | { kind: 'done' };

/**
 * The next step of a course, from what is there. Every step is decided anew from it, so that one whose answer was lost,
 * or whose run was killed, is done again or found done. Pure.
 */
export function nextStep({ from, to }: { from: Side; to: Side }, rules: CourseRules, memory: Memory): Step {
  const { version, gradually, pauseAt, bakeTime } = rules;
  const isOther = to.version !== version || to.others > 0;
  if (isOther && to.weight === 0 && isUp(to)) return { kind: to.group.desired > 0 ? 'empty' : 'emptying' };
  if (isUp(from) && from.group.minSize < from.group.desired) return { kind: 'pin' };
  const size = sizeOf(from, to);
  if (isOther || to.group.desired < size || to.group.minSize < to.group.desired)
    return { kind: 'launch', size };
  // A group that was scaled to nothing in this moment is no measure: what has no instance never gets a request.
  if (to.serving < Math.max(1, to.group.desired)) return { kind: 'coming-up' };
  if (to.weight === 0 && rules.preview && !memory.previewed) return { kind: 'preview' };
  const { weight } = to;
  if (gradually && weight > 0 && weight < 100 && memory.judged !== weight) return { kind: 'judge', weight };
  if (pauseAt === weight && gradually) return { kind: 'pause', weight };
  if (weight < 100) return { kind: 'shift', weight: weightAfter(weight, rules) };
  return memory.baked < bakeTime ? { kind: 'bake' } : { kind: 'done' };
}

/** Instances that the side which is filled gets: as many as have the requests now; what has none is no measure. Pure. */
export function sizeOf(from: Side, to: Side): number {
  return from.weight > 0 ? Math.max(from.group.desired, to.group.desired) : to.group.desired;
}

/** Every weight that a gradual course comes to, rising, the place to pause among them. Pure. */
export function allSteps({ steps, pauseAt }: Pick<CourseRules, 'steps' | 'pauseAt'>): number[] {
  const all = new Set([...steps, ...(pauseAt === undefined ? [] : [pauseAt]), 100]);
  return [...all].toSorted((one, other) => one - other);
}

function weightAfter(weight: number, rules: CourseRules): number {
  return (rules.gradually ? allSteps(rules).find((each) => each > weight) : undefined) ?? 100;
}
