import type fc from 'fast-check';

/** As many runs as everything that has to hold is tried with, where time does not count: `npm run test:full`. */
const wanted = Number(process.env.PROPERTY_RUNS ?? '') || undefined;

/**
 * How often a property is tried: `affordable` says how often in a few seconds, PROPERTY_RUNS how often instead, and then
 * with other examples each time: a change is not to fail for what another one has broken. What fails is printed with its
 * seed and path; PROPERTY_SEED and PROPERTY_PATH try the same again.
 */
export function runs(affordable: number): fc.Parameters<unknown> {
  const { PROPERTY_SEED: seed = '', PROPERTY_PATH: path = '' } = process.env;
  return {
    numRuns: wanted ?? affordable,
    ...(seed !== '' ? { seed: Number(seed) } : wanted === undefined && { seed: 1 }),
    ...(path !== '' && { path }),
  };
}

/** Milliseconds for all runs of a property that waits, as many as are wanted. */
export const longEnough = 1_800_000;
