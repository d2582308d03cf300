import { openAwsAccess } from './aws/index.ts';
import { commands } from './commands/index.ts';
import type { Notice } from './core/index.ts';
import { phaseFacts } from './core/index.ts';
import type { SavedState, Toolkit } from './github/index.ts';
import { githubContext, inputsOf, RunnerLog } from './github/index.ts';
import { settleProxies } from './proxy/index.ts';
import { awsRolloutApi, settleInterruptedRollout } from './rollout/index.ts';
import type { Run } from './run/index.ts';
import { hasEnded } from './run/index.ts';
import {
  backendNames,
  lockNotice,
  lockOwner,
  readLock,
  releasedNotice,
  releaseLock,
  stateKey,
} from './state-backend/index.ts';

/**
 * Asks AWS, with the job's credentials, how a run that was killed left its rollout or its lock, and finishes what
 * on-cancel promised.
 * @throws when AWS can't be asked
 */
export async function lookForLeftovers(
  environment: NodeJS.ProcessEnv,
  toolkit: Toolkit,
  saved: SavedState,
): Promise<Notice[]> {
  const inputs = await inputsOf(environment, commands, { filesGone: true });
  const log = new RunnerLog(toolkit);
  settleProxies(environment, log);
  const aws = await openAwsAccess(inputs, log);
  const { rollout } = saved;
  if (rollout !== undefined)
    return [await settleInterruptedRollout(awsRolloutApi(aws), rollout, inputs.onCancel)];
  const { signal } = new AbortController();
  const run: Run = { inputs, aws, log, signal, temporaryDirectory: '', github: githubContext(environment) };
  return lockOf(run, saved);
}

/**
 * Of the state whose lock the run may have held in its phase. It is released where it is the run's for certain, and the
 * Terraform that took it is over: nobody else can know that.
 */
async function lockOf(run: Run, { phase, started = 0, lock }: SavedState): Promise<Notice[]> {
  const locks = phase === undefined ? 'nothing' : phaseFacts(phase).locks;
  if (locks === 'nothing') return [];
  const { bucket, lockTable, stateKey: own } = backendNames(run);
  const key = locks === 'bootstrap' ? stateKey(run.inputs.application, 'bootstrap') : own;
  const question = { bucket, key, started, lockTable, region: run.aws.region, who: lockOwner() };
  const held = await readLock(run, bucket, key);
  if (held === undefined || lock?.key !== key || lock.id !== held.id) return [lockNotice(held, question)];
  if (!(await hasEnded(lock.pid, 0))) return [lockNotice(held, question)];
  try {
    return (await releaseLock(run, { bucket, lockTable, stateKey: key, id: held.id }))
      ? [releasedNotice(held, question)]
      : [lockNotice(await readLock(run, bucket, key), question)];
  } catch (error) {
    run.log.debug(`releasing the lock ${held.id}: ${String(error)}`);
    return [lockNotice(held, question)];
  }
}
