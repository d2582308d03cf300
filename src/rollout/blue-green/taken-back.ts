import type { Side } from './state.ts';

/** What a run has seen of the side that it fills. */
export interface Seen {
  /** The highest share of the requests, in per cent. */
  weight: number;
  /** Its version was launched, or found there. */
  launched: boolean;
}

export const nothingSeen: Seen = { weight: 0, launched: false };

/** What is known after another look. Pure. */
export function seenOf(before: Seen, { weight, group, version }: Side, wanted: number): Seen {
  return {
    weight: Math.max(before.weight, weight),
    launched: before.launched || (version === wanted && group.desired > 0),
  };
}

/**
 * Why a run has to end that only ever raises the share of the side that it fills: somebody else has lowered it, emptied
 * the group, or launches another version in it. undefined while nobody has. Pure.
 */
export function takenBack(
  seen: Seen,
  { name, weight, group, version }: Side,
  wanted: number,
): string | undefined {
  if (weight < seen.weight) return `${name} has ${weight} % of the requests, and had ${seen.weight} %`;
  if (!seen.launched) return undefined;
  if (group.desired === 0)
    return `${name} was emptied${weight > 0 ? `, and had ${weight} % of the requests` : ''}`;
  return version === wanted
    ? undefined
    : `${name} launches version ${version ?? '?'} now, and launched version ${wanted}`;
}
