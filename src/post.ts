import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Notice, OwnLock } from './core/index.ts';
import { phaseFacts } from './core/index.ts';
import type { SavedState, Toolkit, UnendedDeployment } from './github/index.ts';
import { keepStates } from './kept-states.ts';
import { endLeft, hasEnded } from './run/index.ts';
import {
  endLeftDeployment,
  githubContext,
  isTemporaryDirectory,
  loadToolkit,
  readInput,
  readSavedState,
} from './github/index.ts';

/** How long a Terraform that lost its run gets to end its work, and then to end when it is asked to. */
const millisecondsToEnd = 120_000;
/** How long a job that is over waits for GitHub. */
const longestWaitForGithub = 20_000;
const terraform = /(^|\/)(terraform|tofu)(-bin)?$/;

/** Asks AWS how a run that did not end by itself left things. */
type Look = (environment: NodeJS.ProcessEnv, toolkit: Toolkit, saved: SavedState) => Promise<Notice[]>;

/**
 * Runs after the job, whatever became of the step. A run that ended by itself has nothing left to do; after one that
 * was cancelled or killed, its private folder is removed (plan, variables, registry login), AWS is asked how its
 * rollout and its lock stand, and what on-cancel promised is done if the run could not do it.
 */
export async function post(
  environment: NodeJS.ProcessEnv,
  toolkit: () => Promise<Toolkit> = loadToolkit,
  look: Look = lookAtAws,
): Promise<0> {
  const saved = readSavedState(environment);
  const { temporaryDirectory, rollout, deployment, lock } = saved;
  if (temporaryDirectory === undefined) return 0;
  if (lock !== undefined && mayHoldLock(saved)) await untilOver(lock);
  if (isTemporaryDirectory(environment, temporaryDirectory)) {
    if (lock !== undefined) await keepState(environment, temporaryDirectory, toolkit);
    await rm(temporaryDirectory, { recursive: true, force: true });
  }
  // First what may harm somebody, then what is only shown.
  if (rollout !== undefined || mayHoldLock(saved)) await tell(environment, await toolkit(), { saved, look });
  if (deployment !== undefined) await endDeployment(environment, deployment, await toolkit());
  return 0;
}

/** Where it can't be kept, the folder stays: nothing else knows what was made. */
async function keepState(
  environment: NodeJS.ProcessEnv,
  folder: string,
  toolkit: () => Promise<Toolkit>,
): Promise<void> {
  const name = `${readInput(environment, 'application')}-${readInput(environment, 'environment')}`;
  for (const { level, text } of await keepStates(folder, githubContext(environment).workspace, name))
    (await toolkit())[level](text);
}

/** What AWS says of what may be left, or that it says nothing. */
async function tell(
  environment: NodeJS.ProcessEnv,
  tools: Toolkit,
  { saved, look }: { saved: SavedState; look: Look },
): Promise<void> {
  try {
    for (const { level, text } of await look(environment, tools, saved)) tools[level](text);
  } catch (error) {
    tools.debug(`post: ${String(error)}`);
    tools.warning(whatMayBeLeft(saved, environment));
  }
}

/** Loaded only after a run that was killed: most runs end by themselves. */
const lookAtAws: Look = async (...given) => (await import('./leftovers.ts')).lookForLeftovers(...given);

/**
 * It works in the folder that is removed, and would be killed with the job. It is interrupted only when it takes too long: a
 * call that is under way then is given up, and what AWS makes of it all the same is in no state.
 */
async function untilOver({ pid }: OwnLock): Promise<void> {
  if (!(await hasEnded(pid, millisecondsToEnd))) await endLeft({ pid, name: terraform }, millisecondsToEnd);
}

/** GitHub would show it as in progress for ever. */
async function endDeployment(
  environment: NodeJS.ProcessEnv,
  deployment: UnendedDeployment,
  { debug }: Pick<Toolkit, 'debug'>,
): Promise<void> {
  const input = (name: string): string => readInput(environment, name).trim();
  const token = input('github-token');
  if (token.length === 0) return;
  const names = { application: input('application'), environment: input('environment') };
  const github = githubContext(environment);
  const ended = endLeftDeployment({ token, ...names, github }, deployment, debug);
  await Promise.race([ended, sleep(longestWaitForGithub, undefined, { ref: false })]);
}

function mayHoldLock({ phase }: SavedState): boolean {
  return phase !== undefined && phaseFacts(phase).locks !== 'nothing';
}

/** What can be said when AWS does not answer. */
function whatMayBeLeft(saved: SavedState, environment: NodeJS.ProcessEnv): string {
  const name = `${readInput(environment, 'application')}-${readInput(environment, 'environment')}`;
  if (mayHoldLock(saved))
    return `The step was killed while Terraform may have been working for ${name}, and AWS does not answer: the lock of its state may still be held. If the next run finds it held and nobody else is deploying, "terraform force-unlock" with the id that it shows releases it.`;
  const ended = `The step ended during the rollout of ${name}, and AWS does not answer`;
  const { group = name, blueGreen } = saved.rollout ?? {};
  if (blueGreen === undefined)
    return `${ended}: its instance refresh may still be running. Look with "aws autoscaling describe-instance-refreshes --auto-scaling-group-name ${group}"; "aws autoscaling rollback-instance-refresh --auto-scaling-group-name ${group}" undoes it. The next run finds it and does what on-active-refresh says.`;
  const names = blueGreen.groups.map(({ autoscalingGroupName }) => autoscalingGroupName).join(' and ');
  return `${ended}: both versions may be up, in ${names}, each with the share of the requests that it had. Look with the command status, or "aws elbv2 describe-rules --rule-arns ${blueGreen.listenerRuleArn}"; the command abort takes the rollout back, promote goes on with it, as the next deploy of the same version does.`;
}
