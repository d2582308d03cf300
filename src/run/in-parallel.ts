import type { Run } from './run.ts';

/**
 * Two branches of a run at the same time. When one fails, or the run is cancelled, the other is interrupted and
 * awaited, so that nothing of it goes on behind the report's back.
 *
 * @returns both results
 * @throws the first failure; of a branch that fails because it was interrupted, nothing is heard
 */
export async function runInParallel<A, B>(
  run: Run,
  left: (run: Run) => Promise<A>,
  right: (run: Run) => Promise<B>,
): Promise<[A, B]> {
  const controller = new AbortController();
  const branch = { ...run, signal: AbortSignal.any([run.signal, controller.signal]) };
  let first: { error: unknown } | undefined;
  const interrupting = <T>(work: (run: Run) => Promise<T>) =>
    work(branch).catch((error: unknown) => {
      first ??= { error };
      controller.abort(error);
      throw error;
    });
  const [one, other] = await Promise.allSettled([interrupting(left), interrupting(right)]);
  if (one.status === 'fulfilled' && other.status === 'fulfilled') return [one.value, other.value];
  throw first?.error;
}
