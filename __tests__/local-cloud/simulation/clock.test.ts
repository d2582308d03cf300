import { describe, expect, it } from '@jest/globals';
import { SimulatedClock } from '../../../local-cloud/simulation/clock.ts';

describe('SimulatedClock', () => {
  it('waits at the limit until it is moved on, and can forget what it is behind', () => {
    let real = 0;
    const clock = new SimulatedClock({ speed: 1000, start: 0, real: () => real });
    clock.hold(5000);
    real = 60;
    expect([clock.now(), clock.wanted()]).toEqual([5000, 60_000]);
    clock.hold(5000);
    expect(clock.now()).toBe(10_000);
    clock.forgetLag();
    expect([clock.now(), clock.wanted()]).toEqual([10_000, 10_000]);
    clock.hold(5000);
    real = 61;
    expect(clock.now()).toBe(11_000);
    clock.advance(3_600_000);
    expect(clock.now()).toBe(3_611_000);
  });
});
