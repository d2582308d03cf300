import { describe, expect, it } from '@jest/globals';
import { nextPoll, remainingSeconds } from '../../../src/rollout/monitor/poll-interval.ts';

describe('polling', () => {
  it('polls faster near the expected end, between 2 and 30 seconds', () => {
    expect(nextPoll(0, 0, 3600)).toBe(30);
    expect(nextPoll(590, 0, 600)).toBe(5);
    expect(nextPoll(600, 0, 600)).toBe(2);
    expect(nextPoll(0, 0, 60)).toBe(6);
    expect(nextPoll(1200, 0, 600)).toBe(30);
    for (const percentage of [0, 50, 100]) {
      for (let elapsed = 0; elapsed < 5000; elapsed += 50) {
        expect(nextPoll(elapsed, percentage, 300)).toBeGreaterThanOrEqual(2);
        expect(nextPoll(elapsed, percentage, 300)).toBeLessThanOrEqual(30);
      }
    }
  });

  it('needs fewer calls than a fixed short interval, and sees the end soon after it came', () => {
    for (const took of [60, 133, 648, 6408]) {
      let at = 0;
      let calls = 0;
      while (at < took) {
        at += nextPoll(at, Math.floor((at / took) * 10) * 10, took * 1.1);
        calls += 1;
      }
      expect({ took, late: at - took <= 16, few: calls <= Math.max(20, took / 15) }).toEqual({
        took,
        late: true,
        few: true,
      });
    }
  });

  it('leans on the progress the more there is of it', () => {
    expect(remainingSeconds(0, 0, 300)).toBe(300);
    expect(remainingSeconds(300, 50, 300)).toBe(150);
    expect(remainingSeconds(900, 0, 300)).toBe(0);
    expect(remainingSeconds(10, 100, 300)).toBe(0);
  });
});
