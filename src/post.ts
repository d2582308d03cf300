import { rm } from 'node:fs/promises';
import type { Notice } from './core/index.ts';
import type { Run } from './run/index.ts';
import { githubContext, inputsOf, isTemporaryDirectory } from './github/index.ts';
import { loadToolkit } from './github/index.ts';
import type { Toolkit } from './github/index.ts';

/** What the main entry saved, in the form in which the runner hands it over. */
interface Saved {
  directory: string;
  /** The phase in which the run was killed; '' after one that ended by itself. */
  phase: string;
  /** JSON of a RolloutState when there is a rollout to look after; else ''. */
  rollout: string;
  started: number;
}

/**
 * Runs after the job, whatever became of the step. A run that ended by itself has nothing left to do; after one that
 * was cancelled or killed, its private folder is removed (plan, variables, registry login), AWS is asked how its
 * rollout and its lock stand, and what on-cancel promised is done if the run could not do it.
 */
export async function post(
  environment: NodeJS.ProcessEnv,
  toolkit: () => Promise<Toolkit> = loadToolkit,
  look: typeof lookAtAws = lookAtAws,
): Promise<0> {
  const saved: Saved = {
    directory: environment['STATE_temporary-directory'] ?? '',
    phase: environment.STATE_phase ?? '',
    rollout: environment.STATE_rollout ?? '',
    started: Number(environment.STATE_started ?? ''),
  };
  if (saved.directory === '') return 0;
  if (isTemporaryDirectory(environment, saved.directory))
    await rm(saved.directory, { recursive: true, force: true });
  if (saved.rollout === '' && !terraformPhases.includes(saved.phase)) return 0;
  const tools = await toolkit();
  try {
    for (const { level, text } of await look(environment, tools, saved)) tools[level](text);
  } catch (error) {
    tools.debug(`post: ${String(error)}`);
    for (const text of warningsFor(saved, environment)) tools.warning(text);
  }
  return 0;
}

/** The phases in which Terraform may hold the lock. */
const terraformPhases = ['backend', 'registry', 'infrastructure', 'destruction'];

/** Asks AWS, with the job's credentials, and finishes what on-cancel promised. @throws when AWS can't be asked */
async function lookAtAws(environment: NodeJS.ProcessEnv, toolkit: Toolkit, saved: Saved): Promise<Notice[]> {
  const [{ openAwsAccess }, { RunnerLog }, { awsRolloutApi, finishRefresh, parseRolloutState }] =
    await Promise.all([import('./aws/index.ts'), import('./github/index.ts'), import('./rollout/index.ts')]);
  const inputs = inputsOf(environment);
  const log = new RunnerLog(toolkit);
  const aws = await openAwsAccess(inputs, log);
  const state = parseRolloutState(saved.rollout);
  if (state !== undefined) return [await finishRefresh(awsRolloutApi(aws), state, inputs.onCancel)];
  const { signal } = new AbortController();
  const run: Run = { inputs, aws, log, signal, temporaryDirectory: '', github: githubContext(environment) };
  return lockOf(run, saved);
}

async function lockOf(run: Run, { phase, started }: Saved): Promise<Notice[]> {
  const { ourselves, readLock, tellLock } = await import('./state-backend/index.ts');
  const { defaultLockTable, stateKey } = await import('./state-backend/index.ts');
  const { stateOf } = await import('./environment/index.ts');
  const { bucket, key: own } = stateOf(run);
  const key = phase === 'registry' ? stateKey(run.inputs.application, 'bootstrap') : own;
  const lockTable = run.inputs.lockTable ?? defaultLockTable;
  const question = {
    ...{ bucket, key, started },
    lockTable: lockTable === 'none' ? undefined : lockTable,
    region: run.aws.region,
    who: ourselves(),
  };
  return [tellLock(await readLock(run, bucket, key), question)];
}

/** What can be said when AWS does not answer. */
function warningsFor({ phase }: Saved, environment: NodeJS.ProcessEnv): string[] {
  const name = `${environment.INPUT_APPLICATION ?? ''}-${environment.INPUT_ENVIRONMENT ?? ''}`;
  if (!terraformPhases.includes(phase)) {
    return [
      `The step ended during the rollout of ${name}, and AWS does not answer: its instance refresh may still be running. Look with "aws autoscaling describe-instance-refreshes --auto-scaling-group-name ${name}"; "aws autoscaling rollback-instance-refresh --auto-scaling-group-name ${name}" undoes it. The next run finds it and does what on-active-refresh says.`,
    ];
  }
  return [
    `The step was killed while Terraform may have been working for ${name}, and AWS does not answer: the lock of its state may still be held. If the next run finds it held and nobody else is deploying, "terraform force-unlock" with the id that it shows releases it.`,
  ];
}
