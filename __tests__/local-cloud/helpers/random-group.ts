/** Groups that somebody may have, and what may happen to them while a refresh goes on, for properties. */
import fc from 'fast-check';
import type { Json } from './fleet.ts';

export interface Percentages {
  min: number;
  /** null: none. */
  max: number | null;
}

/** Times are seconds. */
export interface RandomGroup {
  desired: number;
  percentages: Percentages;
  warmup: number;
  drain: number;
  boot: number;
  toHealthy: number;
  healthCheckType: 'EC2' | 'ELB';
  grace: number;
  policy: Percentages | undefined;
  launchHook: number | undefined;
  terminateHook: number | undefined;
  checkpoints: number[];
  checkpointDelay: number;
  bakeTime: number;
  autoRollback: boolean;
}

/** Every pair that AWS takes: the two are at most 100 apart. */
const percentages: fc.Arbitrary<Percentages> = fc
  .tuple(fc.nat(100), fc.option(fc.nat(100), { freq: 3 }))
  .map(([min, above]) => ({ min, max: above === null ? null : Math.max(100, min + above) }));

const policy = fc
  .option(fc.tuple(fc.nat(100), fc.nat(100)), { nil: undefined, freq: 1 })
  .map((pair) => pair && { min: pair[0], max: Math.max(100, pair[0] + pair[1]) });

const hook = fc.option(fc.integer({ min: 30, max: 120 }), { nil: undefined, freq: 1 });

const checkpoints = fc.oneof(
  { weight: 3, arbitrary: fc.constant<number[]>([]) },
  {
    weight: 1,
    arbitrary: fc
      .uniqueArray(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 4 })
      .map((marks) => marks.toSorted((one, other) => one - other)),
  },
);

/** Mostly small: that is where rounding is. */
const size = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 1, max: 6 }) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 25 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 200 }) },
);

export const randomGroup: fc.Arbitrary<RandomGroup> = fc.record({
  desired: size,
  percentages,
  warmup: fc.nat(300),
  drain: fc.nat(300),
  boot: fc.integer({ min: 1, max: 90 }),
  toHealthy: fc.nat(60),
  healthCheckType: fc.constantFrom('EC2' as const, 'ELB' as const),
  grace: fc.nat(600),
  policy,
  launchHook: hook,
  terminateHook: hook,
  checkpoints,
  checkpointDelay: fc.nat(900),
  bakeTime: fc.oneof(fc.constant(0), fc.nat(600)),
  autoRollback: fc.boolean(),
});

/** Other settings of the next refresh. */
export const randomSettings: fc.Arbitrary<
  Pick<RandomGroup, 'percentages' | 'warmup' | 'checkpoints' | 'checkpointDelay' | 'bakeTime'>
> = fc.record({
  percentages,
  warmup: fc.nat(300),
  checkpoints,
  checkpointDelay: fc.nat(900),
  bakeTime: fc.oneof(fc.constant(0), fc.nat(600)),
});

/** Somebody, or something, interferes. `which` picks one of those that there are. */
export interface Happening {
  /** Seconds after the one before. */
  after: number;
  what: (typeof happenings)[number];
  which: number;
}

/** What the owner may do with a refresh: nothing else of the fleet is disturbed by it. */
export const turns = ['cancel', 'cancel at once', 'roll back'] as const;

/** One of them, at some moment, or none. */
export const randomTurn: fc.Arbitrary<Happening | undefined> = fc.option(
  fc.record({ after: fc.nat(2000), what: fc.constantFrom(...turns), which: fc.constant(0) }),
  { nil: undefined },
);

const happenings = [
  ...['scale', 'scale', 'scale', 'die', 'die', 'unhealthy', 'terminate'],
  ...['no capacity', 'never healthy', 'slow', 'faults end'],
  ...[...turns, 'roll back', 'another refresh'],
  ...['protect', 'unprotect', 'standby', 'back from standby', 'suspend', 'resume', 'alarm', 'answer a hook'],
] as const;

export const randomHappenings: fc.Arbitrary<Happening[]> = fc.array(
  fc.record({ after: fc.nat(240), what: fc.constantFrom(...happenings), which: fc.nat(1000) }),
  { maxLength: 12 },
);

/** The preferences of its refresh, as the API takes them. */
export function preferencesOf(group: RandomGroup): Json {
  const { percentages, warmup, checkpoints, checkpointDelay, bakeTime, autoRollback } = group;
  return {
    MinHealthyPercentage: percentages.min,
    ...(percentages.max !== null && { MaxHealthyPercentage: percentages.max }),
    InstanceWarmup: warmup,
    ...(checkpoints.length > 0 && {
      CheckpointPercentages: checkpoints,
      CheckpointDelay: checkpointDelay,
    }),
    ...(bakeTime > 0 && { BakeTime: bakeTime }),
    AutoRollback: autoRollback,
  };
}
