import { rm } from 'node:fs/promises';
import { listenForCancel } from './github/index.ts';
import type { SignalSource } from './github/index.ts';
import type { DeployError } from './core/index.ts';
import type { TerraformOutputs } from './core/index.ts';
import type { RolloutState } from './rollout/index.ts';
import type { RunRecord } from './report/index.ts';
import type { Run } from './run/index.ts';
import type { Log } from './core/index.ts';
import type { CommandContext } from './commands/index.ts';
import type { PhaseModules } from './commands/index.ts';
import { asked, firstLine } from './first-line.ts';
import type { Toolkit } from './github/index.ts';

/** The world around a run; the entry gives the real one, tests another. */
export interface World {
  environment: NodeJS.ProcessEnv;
  print: (line: string) => void;
  signals: SignalSource;
  toolkit: () => Promise<Toolkit>;
  modules: () => Promise<PhaseModules>;
}

/**
 * One command in, one report out. What happens in between is the README's account of a deployment, told by
 * the command's own module.
 *
 * @returns the exit code: 0 when all that was asked for was seen to be done, else 1
 */
export async function main(world: World): Promise<0 | 1> {
  world.print(firstLine(world.environment));
  const toolkit = await world.toolkit();
  const { RunnerLog } = await import('./github/index.ts');
  const { newRecord } = await import('./report/index.ts');
  const log = new RunnerLog(toolkit);
  const record = newRecord(asked(world.environment));
  let failure: DeployError | undefined;
  try {
    await perform(world, { toolkit, log, record });
  } catch (error) {
    const { failureOf } = await import('./report/index.ts');
    failure = failureOf(error, record);
    record.rollout ??= failure.rollout;
  }
  // The rollout of a cancelled job goes on, or back, at AWS: the post step says how it stands.
  const cancelled =
    failure?.reason === 'cancelled' && (record.rollout?.status ?? 'cancelled') === 'cancelled';
  if (!cancelled && record.outputs !== undefined) toolkit.saveState('rollout', '');
  record.warnings = log.warnings;
  const { report } = await import('./report/index.ts');
  const summary = await report(toolkit, { record, failure, mask: (text) => log.mask(text) });
  if (record.command === 'plan' && failure?.reason !== 'cancelled')
    await comment(world.environment, toolkit, { record, summary });
  return failure === undefined ? 0 : 1;
}

/** On a pull request, with a token to do it: the plan as a comment. */
async function comment(
  environment: NodeJS.ProcessEnv,
  toolkit: Toolkit,
  { record, summary }: { record: RunRecord; summary: string },
): Promise<void> {
  const { readInput, githubContext } = await import('./github/index.ts');
  const given = readInput(environment, 'github-token').trim();
  if (given === '') return;
  const { commentOnPullRequest } = await import('./github/index.ts');
  const { commentMarker } = await import('./github/index.ts');
  const { runUrl } = githubContext(environment);
  const marker = commentMarker(record);
  await commentOnPullRequest(toolkit, { environment, token: given, marker, summary, runUrl });
}

interface Told {
  toolkit: Toolkit;
  log: Log;
  record: RunRecord;
}

/** Inputs first, without touching anything; then the command, in a folder that is gone afterwards. */
async function perform(world: World, { toolkit, log, record }: Told): Promise<void> {
  const { inputsOf, githubContext, makeTemporaryDirectory } = await import('./github/index.ts');
  const { loadCommand } = await import('./commands/index.ts');
  const github = githubContext(world.environment);
  record.commit = github.sha;
  const inputs = inputsOf(world.environment);
  const { command, application, environment, region } = inputs;
  Object.assign(record, { command, application, environment, region });
  if (inputs.githubToken !== undefined) log.secret(inputs.githubToken);
  const load = loadCommand(command);

  const cancellation = listenForCancel(world.signals, (text) => log.line(text));
  const temporaryDirectory = await makeTemporaryDirectory(world.environment);
  toolkit.saveState('temporary-directory', temporaryDirectory);
  toolkit.saveState('started', record.started);
  const onPhase = (name: string) => toolkit.saveState('phase', name);
  const onRollout = (outputs: TerraformOutputs) =>
    toolkit.saveState('rollout', JSON.stringify(rolloutState(outputs, record)));
  try {
    const modules = await world.modules();
    const execute = await load();
    const around = { inputs, log, github, temporaryDirectory, signal: cancellation.signal };
    const run: Run = { ...around, aws: await credentials(modules, around, record) };
    await execute({ run, record, modules, onPhase, onRollout } satisfies CommandContext);
  } finally {
    await rm(temporaryDirectory, { recursive: true, force: true });
    cancellation.release();
    onPhase('');
  }
}

/** What the post step needs to find the refresh of this run. */
function rolloutState(outputs: TerraformOutputs, { started }: RunRecord): RolloutState {
  return {
    group: outputs.autoscalingGroupName,
    templateId: outputs.launchTemplateId,
    version: outputs.launchTemplateVersion,
    started,
  };
}

async function credentials(
  modules: PhaseModules,
  { inputs, log, signal }: Omit<Run, 'aws'>,
  record: RunRecord,
) {
  const started = Date.now();
  record.phase = 'credentials';
  try {
    const { openAwsAccess } = await modules.aws();
    signal.throwIfAborted();
    return await openAwsAccess(inputs, log);
  } finally {
    record.phases.push({ name: 'credentials', seconds: (Date.now() - started) / 1000 });
  }
}
