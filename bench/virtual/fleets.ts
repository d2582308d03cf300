import { Random } from './random.ts';
import type { Behaviour, Settings } from './world.ts';

export interface RandomFleet {
  seed: number;
  instances: number;
  settings: Settings;
  behaviour: Behaviour;
}

/** Percentages that people choose. */
const percentages = [
  [90, null],
  [50, null],
  [75, null],
  [100, 110],
  [100, 150],
  [100, 200],
  [90, 120],
  [50, 100],
] as const;

/** A fleet as somebody may have it: of 1 to 200 instances, mostly small. */
export function randomFleet(seed: number): RandomFleet {
  const random = new Random(seed);
  const [minHealthyPercentage, maxHealthyPercentage] = random.pick(percentages);
  const checkpoints = random.next() < 0.15 ? { checkpoints: [20, 100], checkpointDelay: 300 } : {};
  return {
    seed,
    instances: Math.round(200 ** random.next()),
    settings: {
      ...{ minHealthyPercentage, maxHealthyPercentage },
      warmup: random.pick([0, 30, 60, 120, 300]),
      deregistrationDelay: random.pick([5, 30, 60, 120, 300]),
      checkInterval: random.pick([5, 10, 30]),
      ...checkpoints,
      ...(random.next() < 0.15 && { bakeTime: 300 }),
    },
    behaviour: {
      running: random.between(5, 12),
      booting: random.between(15, 90),
      lastConnection: random.pick([2, 20, 120, Number.POSITIVE_INFINITY]),
      failures: 0.002,
    },
  };
}
