/**
 * Between which numbers of instances a group may move while some of them are replaced, and how many a refresh takes
 * in one set. Written from AWS's text alone; what that does not say is marked as assumed.
 */

/** Per cent of the desired capacity. */
export interface HealthyPercentages {
  /** 0 to 100: what has to serve. */
  minHealthyPercentage: number;
  /** 100 to 200: what the group may grow to. null: not set, which is not 100 (AutoScaling API, RefreshPreferences). */
  maxHealthyPercentage: number | null;
}

/** In instances. */
export interface CapacityRange {
  /** How many have to serve, healthy and warmed up. */
  least: number;
  /** How many there may be, the new ones that don't serve yet included; null where no maximum is set. */
  most: number | null;
}

/** How one set of a refresh is replaced, in instances; both together are the size of the set. */
export interface ReplacementSet {
  /** Old ones that may leave now, before anything new serves. */
  leaveNow: number;
  /** New ones that come on top of the desired capacity; as many old ones leave when they serve. */
  comeOnTop: number;
}

/** A share of the desired capacity in whole instances, never more than the share. */
const wholeInstances = (desired: number, percentage: number): number =>
  Math.floor((desired * percentage) / 100);

/**
 * Documented: the minimum is rounded up, so that what may be missing is rounded down. Assumed: what may be on top is
 * rounded down too; AWS does not say how the maximum is rounded.
 * @param desired the desired capacity, 0 or more
 */
export function capacityRange(
  desired: number,
  { minHealthyPercentage, maxHealthyPercentage }: HealthyPercentages,
): CapacityRange {
  const least = desired - wholeInstances(desired, 100 - minHealthyPercentage);
  if (maxHealthyPercentage === null) return { least, most: null };
  return { least, most: desired + wholeInstances(desired, maxHealthyPercentage - 100) };
}

/**
 * The next set of a refresh (User Guide, "How an instance refresh works" and "Instance maintenance policies").
 *
 * Without a maximum, documented: instances are terminated and launched at the same time, and one is replaced even
 * where the minimum has no room for it, as in a group of one. With a maximum, documented: the group stays between the
 * two limits, and where both are 100 % one instance at a time is launched first. Assumed: the same holds wherever
 * rounding leaves no room, and a set that is smaller than the room comes on top as far as it can.
 * @param desired the desired capacity, 0 or more
 * @param remaining instances that may be in the set, 0 or more
 */
export function replacementSet(
  desired: number,
  percentages: HealthyPercentages,
  remaining: number,
): ReplacementSet {
  const { least, most } = capacityRange(desired, percentages);
  if (most === null) return { leaveNow: Math.min(remaining, Math.max(1, desired - least)), comeOnTop: 0 };
  const comeOnTop = Math.min(remaining, roomOnTop(desired, percentages));
  return { leaveNow: Math.min(remaining - comeOnTop, desired - least), comeOnTop };
}

/** How many a refresh may launch on top of the desired capacity; one where the limits leave no room either way. */
export function roomOnTop(desired: number, percentages: HealthyPercentages): number {
  const { least, most } = capacityRange(desired, percentages);
  if (most === null) return 0;
  return least === desired && most === desired ? 1 : most - desired;
}
