/** What an instance refresh is asked to keep, after defaults; null stands for "not set" and is not 100. */
export interface HealthyPercentages {
  /** 0 to 100, per cent of the desired capacity that stays in service. */
  minHealthyPercentage: number;
  /** 100 to 200, or null when the maximum is left out. */
  maxHealthyPercentage: number | null;
}

/** One step of a refresh, in instances. */
export interface ReplacementBatch {
  /** Old instances that may go before their replacements serve. */
  terminateFirst: number;
  /** New instances that are started on top of the desired capacity. */
  surge: number;
  /** Instances replaced in this step: terminateFirst + surge, never more than what remains. */
  batch: number;
  /** True when no old instance goes before its replacement is in service and warmed up. */
  launchFirst: boolean;
}

/** What AWS uses where neither the refresh nor an instance maintenance policy says more. */
export const defaultMinHealthyPercentage = 90;

/**
 * The percentages that hold for one refresh.
 *
 * The refresh's own numbers win as a pair: a refresh that gives only the minimum has no maximum, whatever the group's
 * instance maintenance policy says (AutoScaling API, RefreshPreferences: the maximum requires the minimum). A policy
 * value of -1 is AWS's way to say "not set".
 */
export function effectivePercentages(
  preferences: { minHealthyPercentage?: number | undefined; maxHealthyPercentage?: number | undefined },
  policy?: { minHealthyPercentage?: number | undefined; maxHealthyPercentage?: number | undefined },
): HealthyPercentages {
  const source =
    preferences.minHealthyPercentage === undefined && preferences.maxHealthyPercentage === undefined
      ? (policy ?? {})
      : preferences;
  const given = (value: number | undefined): number | undefined =>
    value === undefined || value < 0 ? undefined : value;
  return {
    minHealthyPercentage: given(source.minHealthyPercentage) ?? defaultMinHealthyPercentage,
    maxHealthyPercentage: given(source.maxHealthyPercentage) ?? null,
  };
}

/**
 * How many instances the next step of a refresh replaces, and in which order.
 *
 * Without a maximum, old instances go at the same time as new ones are started, at least one at a time even when the
 * minimum leaves no room for it. With a maximum, up to `surge` instances are started on top of the desired capacity
 * and the rest of the step is made room for by terminating; when the two percentages leave room for neither, one
 * instance is started first. The minimum is rounded up to whole instances (AWS documents it); that the maximum is
 * rounded down is assumed: AWS does not say. So is that a last, smaller step uses the surge before it terminates.
 *
 * `desired` and `remaining` are numbers of instances; nothing remaining gives an empty batch.
 */
export function replacementBatch({
  desired,
  minHealthyPercentage,
  maxHealthyPercentage,
  remaining,
}: HealthyPercentages & { desired: number; remaining: number }): ReplacementBatch {
  const mustStay = Math.ceil((desired * minHealthyPercentage) / 100);
  const mayGo = Math.max(0, desired - mustStay);
  const left = Math.max(0, remaining);
  if (maxHealthyPercentage === null) {
    const batch = Math.min(left, Math.max(1, mayGo));
    return { terminateFirst: batch, surge: 0, batch, launchFirst: false };
  }
  const mayAdd = Math.max(0, Math.floor((desired * maxHealthyPercentage) / 100) - desired);
  const room = mayGo + mayAdd === 0 ? 1 : mayAdd;
  const batch = Math.min(left, mayGo + room);
  const surge = Math.min(room, batch);
  return { terminateFirst: batch - surge, surge, batch, launchFirst: batch === surge };
}

/**
 * The highest checkpoint that a share of replaced instances, in per cent, has reached; 0 for none. Of several that are
 * passed at once only this one counts (User Guide, "Add checkpoints to an instance refresh"). Every one below 100 makes
 * the refresh wait; that the last one of a list does so too, before the refresh ends there, is assumed.
 */
export function reachedCheckpoint(checkpoints: readonly number[], percentage: number): number {
  return checkpoints.filter((checkpoint) => checkpoint <= percentage).at(-1) ?? 0;
}
