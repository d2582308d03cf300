import { describe, expect, it } from '@jest/globals';
import { afterNewest } from '../../../src/rollout/model/activities.ts';
import { failedLaunch } from '../helpers/observations.ts';

describe('afterNewest', () => {
  it('is later than the newest activity, by as little as AWS tells apart', () => {
    const activities = [failedLaunch('newest', 9), failedLaunch('older', 5)];
    expect(afterNewest(activities)).toEqual(new Date(9001));
  });

  it('is unknown where nothing has happened', () => {
    expect(afterNewest([])).toBeUndefined();
  });
});
