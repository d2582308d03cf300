import { rm } from 'node:fs/promises';
import { Announcements } from './announcements.ts';
import { commands, loadStages, phase } from './commands/index.ts';
import type { CommandContext, CommandName, Stages } from './commands/index.ts';
import type { DeployError, TerraformOutputs } from './core/index.ts';
import { asked } from './first-line.ts';
import {
  doubtfulInputs,
  githubContext,
  inputsOf,
  listenForCancel,
  loadToolkit,
  makeTemporaryDirectory,
  requireSystem,
  RunnerLog,
  saveState,
} from './github/index.ts';
import type { SignalSource, Toolkit } from './github/index.ts';
import type { Inputs } from './inputs/index.ts';
import { settleProxies } from './proxy/index.ts';
import { failureOf, newRecord, publicWords, report } from './report/index.ts';
import type { RunRecord } from './report/index.ts';
import type { Run } from './run/index.ts';

/** The world around a run; the entry gives the real one, tests another. */
export interface World {
  environment: NodeJS.ProcessEnv;
  signals: SignalSource;
  toolkit?: () => Promise<Toolkit>;
  stages?: () => Promise<Stages>;
}

/** What a run tells, and where. */
interface Reporting {
  toolkit: Toolkit;
  log: RunnerLog;
  record: RunRecord;
  announcements: Announcements;
}

/**
 * One command in, one report out. What happens in between is the README's account of a deployment, told by
 * the command's own module.
 *
 * @returns the exit code: 0 when all that was asked for was seen to be done, else 1
 */
export async function main(world: World): Promise<0 | 1> {
  const toolkit = await (world.toolkit ?? loadToolkit)();
  const log = new RunnerLog(toolkit);
  const record = newRecord(asked(world.environment));
  const announcements = new Announcements(world.environment, toolkit, log);
  const reporting = { toolkit, log, record, announcements };
  let failure: DeployError | undefined;
  try {
    const inputs = await checkInputs(world.environment, reporting);
    settleProxies(world.environment, log);
    await runCommand(world, inputs, reporting);
  } catch (error) {
    failure = failureOf(error, record);
    record.rollout ??= failure.rollout;
  }
  if (record.phase === 'rollout' && !goesOnAtAws(record, failure)) saveState(toolkit, { rollout: undefined });
  record.warnings = log.warnings;
  const reported = await report(toolkit, {
    ...{ record, failure },
    mask: (text) => log.mask(text),
    line: (text) => log.line(text),
  });
  await announcements.copy(reported.summary());
  await announcements.end(reported);
  return failure === undefined ? 0 : 1;
}

/** Everything that can be checked without a network is checked first, and put on record. */
async function checkInputs(
  environment: NodeJS.ProcessEnv,
  { log, record, announcements }: Reporting,
): Promise<Inputs & { command: CommandName }> {
  const { sha: commit, repositoryUrl, runUrl } = githubContext(environment);
  Object.assign(record, { commit, repositoryUrl, runUrl });
  requireSystem(environment);
  for (const sentence of doubtfulInputs(environment)) log.warning(sentence);
  const inputs = await inputsOf(environment, commands);
  const { command, application, region } = inputs;
  Object.assign(record, { command, application, environment: inputs.environment, region });
  log.publish({
    'the application': application,
    'the environment': inputs.environment,
    'the region': region,
    'the repository': githubContext(environment).repository,
    'the commit': record.commit,
  });
  log.publish(publicWords);
  if (inputs.githubToken !== undefined) log.secret(inputs.githubToken);
  announcements.begin(inputs, record);
  return inputs;
}

/** Loads the command that was asked for, gets credentials, and runs it in a folder that is gone afterwards. */
async function runCommand(
  { environment, signals, stages: load = loadStages }: World,
  inputs: Inputs & { command: CommandName },
  { toolkit, log, record, announcements }: Reporting,
): Promise<void> {
  const cancellation = listenForCancel(signals, (text) => log.line(text));
  const temporaryDirectory = await makeTemporaryDirectory(environment);
  const { started } = record;
  saveState(toolkit, { temporaryDirectory, started });
  const onPhase: CommandContext['onPhase'] = (name) => saveState(toolkit, { phase: name });
  const onDeploying: CommandContext['onDeploying'] = (commit) => announcements.deploying(commit);
  const onRollout: CommandContext['onRollout'] = (outputs, begun) =>
    saveState(toolkit, { rollout: { ...rolloutOf(outputs), ...begun, started } });
  const compareCommits: CommandContext['compareCommits'] = (...given) => announcements.compare(...given);
  try {
    const [command, stages] = await Promise.all([commands[inputs.command].load(), load()]);
    const { signal } = cancellation;
    const noteLock: Run['noteLock'] = (lock) => saveState(toolkit, { lock });
    const run = { inputs, log, signal, temporaryDirectory, noteLock, github: githubContext(environment) };
    const aws = await phase({ run, record, onPhase }, 'credentials', () => stages.openAwsAccess(inputs, log));
    log.publish({ 'the account': aws.accountId });
    record.conclusion = await command({
      run: { ...run, aws },
      ...{ record, stages, onPhase },
      ...{ onDeploying, onRollout, compareCommits },
    });
  } finally {
    await rm(temporaryDirectory, { recursive: true, force: true });
    cancellation.release();
    saveState(toolkit, { phase: undefined });
  }
}

/** What the post step needs to find the refresh of this run. */
function rolloutOf(outputs: TerraformOutputs) {
  return {
    group: outputs.autoscalingGroupName,
    templateId: outputs.launchTemplateId,
    version: outputs.launchTemplateVersion,
    ...(outputs.blueGreen !== undefined && { blueGreen: outputs.blueGreen }),
  };
}

/** The rollout of a cancelled job goes on, or back, at AWS: the post step says how it stands. */
function goesOnAtAws({ rollout }: RunRecord, failure: DeployError | undefined): boolean {
  return failure?.reason === 'cancelled' && (rollout?.status ?? 'cancelled') === 'cancelled';
}
