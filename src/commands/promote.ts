import { DeployError } from '../core/index.ts';
import type { Environment } from '../environment/index.ts';
import { imageOf } from '../environment/index.ts';
import type { Conclusion } from '../report/index.ts';
import {
  isUnderWay,
  isUnfinished,
  rollingState,
  rollingWords,
  stateWords,
  statusMeaning,
} from '../rollout/index.ts';
import type { Fleets, RefreshObservation } from '../rollout/index.ts';
import { deployed } from './conclusions.ts';
import type { CommandContext } from './context.ts';
import { recordImage, requireEnvironment } from './current.ts';
import { phase } from './phase.ts';
import { rollOutTo } from './steps.ts';

/**
 * Goes on with a rollout that paused, or whose run is gone, from what AWS says alone: nothing is built and Terraform does
 * not run.
 *
 * @throws DeployError `preflight` where nothing is under way
 */
export async function promote(context: CommandContext): Promise<Conclusion> {
  const { run, record } = context;
  const { environment, version } = await phase(context, 'look', async () => {
    const environment = await requireEnvironment(context);
    const version = versionUnderWay(environment);
    run.log.line(`Going on with version ${version}`);
    record.commit = '';
    const reference = imageOf(environment, version);
    if (reference !== '') await recordImage(context, reference);
    return { environment, version };
  });
  context.onDeploying(record.commit);
  record.outputs = { ...environment.outputs, launchTemplateVersion: version };
  await rollOutTo(context, record.outputs, record.image);
  return deployed(record, Date.now());
}

function versionUnderWay(environment: Environment): number {
  const { fleets } = environment;
  return fleets === undefined ? versionOfRefresh(environment) : versionOfFleets(fleets);
}

function versionOfFleets({ state }: Fleets): number {
  if (isUnderWay(state) && state.to.version !== undefined) return state.to.version;
  throw nothingThere(stateWords(state));
}

/** What a refresh brings, or has brought to a part of the group. */
function versionOfRefresh({ group, refreshes }: Environment): number {
  const state = rollingState(group, refreshes);
  const isOnItsWay =
    state.kind !== 'moving' || (goesForth(state.refresh) && state.version !== state.previous);
  if (isUnfinished(state) && state.version !== undefined && isOnItsWay) return state.version;
  throw nothingThere(rollingWords(state));
}

function goesForth({ status }: RefreshObservation): boolean {
  return !statusMeaning(status).rollingBack && status !== 'Cancelling';
}

function nothingThere(words: string): DeployError {
  return new DeployError({
    reason: 'preflight',
    message: `there is nothing to go on with: ${words}`,
    left: 'Nothing was touched.',
    next: 'deploy, or see what runs with the command status',
  });
}
