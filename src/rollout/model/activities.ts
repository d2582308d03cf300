import type { ActivityObservation } from './observations.ts';

/**
 * A moment, by AWS's clock, after all that has happened so far: what is read since then tells of later instances only.
 * @param activities newest first
 * @returns undefined where nothing has happened
 */
export function afterNewest(activities: ActivityObservation[]): Date | undefined {
  const newest = activities[0]?.startTime;
  return newest && new Date(newest.getTime() + 1);
}
