import { describe, expect, it } from '@jest/globals';
import { Random } from '../../../bench/virtual/random.ts';
import { fillSeconds, rolloutSeconds, type Behaviour, type Settings } from '../../../bench/virtual/world.ts';

const machines: Behaviour = { running: 8, booting: 50, lastConnection: 20, failures: 0 };
const settings: Settings = {
  ...{ minHealthyPercentage: 100, maxHealthyPercentage: 200, warmup: 300, deregistrationDelay: 5 },
  checkInterval: 10,
};

const seconds = (change: Partial<Settings>, instances = 4, seed = 1) =>
  rolloutSeconds({ seed, instances, settings: { ...settings, ...change }, behaviour: machines });

describe('a rollout on the virtual clock', () => {
  it('is the same for the same seed, and another for another', async () => {
    const one = await seconds({ warmup: 0 });
    expect(await seconds({ warmup: 0 })).toBe(one);
    expect(await seconds({ warmup: 0 }, 4, 2)).not.toBe(one);
  });

  it('takes a launch, a warmup and a drain', async () => {
    const taken = await seconds({});
    expect(taken).toBeGreaterThan(300 + 5);
    expect(taken).toBeLessThan(300 + 5 + 40);
  });

  it('takes as often a warmup as there are batches', async () => {
    const taken = await seconds({ minHealthyPercentage: 50, maxHealthyPercentage: 100 });
    expect(taken).toBeGreaterThan(600);
  });

  it('waits for the boot where the warmup is shorter', async () => {
    expect(await seconds({ warmup: 0 })).toBeGreaterThan(40);
  });

  it('fills a second group in a launch, a boot and its checks, whatever the warmup', async () => {
    const options = { seed: 1, instances: 4, settings, behaviour: machines };
    const taken = await fillSeconds(options);
    expect(taken).toBeGreaterThan(40);
    expect(taken).toBeLessThan(120);
    expect(await fillSeconds({ ...options, settings: { ...settings, warmup: 0 } })).toBe(taken);
  });

  it('waits for launches that EC2 does not take at once', async () => {
    // 1,300 at 1,000 at once and 2 a second from then on: the last one 150 s later.
    const few = await seconds({ warmup: 0 }, 900);
    expect(await seconds({ warmup: 0 }, 1300)).toBeGreaterThan(few + 60);
  });
});

it('draws durations around their median', () => {
  const random = new Random(7);
  const drawn = Array.from({ length: 1001 }, () => random.duration(50, 0.25)).toSorted((a, b) => a - b);
  expect(drawn[500]).toBeGreaterThan(47);
  expect(drawn[500]).toBeLessThan(53);
  expect(drawn[0]).toBeGreaterThan(0);
});
