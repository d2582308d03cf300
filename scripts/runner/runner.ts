import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inputVariables, readActionFile } from './action-file.ts';
import { defaultVariables, inheritedEnvironment, prependPath } from './environment.ts';
import type { Job } from './environment.ts';
import { createCommandFiles, longestSummary } from './file-commands.ts';
import type { FileCommands } from './file-commands.ts';
import { endLeftovers, findLeftovers, startEntry } from './process.ts';
import type { CancelTimes, EntryProcess } from './process.ts';
import { OutputReader } from './workflow-commands.ts';
import type { Annotation } from './workflow-commands.ts';

export interface ActionStep {
  /** The folder with action.yml. */
  actionDirectory: string;
  /** What `with:` gives. */
  inputs: Record<string, string>;
  job: Partial<Job> & { workspace: string };
  /** What `env:` and earlier steps give, such as credentials; it wins over what is inherited. */
  environment?: Record<string, string>;
  /** Where each line goes, masked, as a person would see it. */
  show?: (line: string) => void;
  /** Kept between runs like the tool cache of a runner; a new one when left out. */
  toolCache?: string;
  /** Cancels the job when it is aborted: the main entry gets the runner's signals, then the post entry runs. */
  cancel?: AbortSignal;
  cancelTimes?: CancelTimes;
}

export interface StepResult {
  conclusion: 'success' | 'failure' | 'cancelled';
  exitCode: number | null;
  postExitCode: number | null | undefined;
  /** Signals that the main entry needed when the job was cancelled. */
  signals: NodeJS.Signals[];
  outputs: Record<string, string>;
  state: Record<string, string>;
  /** Markdown of the main entry and of the post entry. */
  summary: string;
  annotations: Annotation[];
  /** What was shown, and what would be shown with debug logging on. */
  log: string;
  debugLog: string;
  /** The lines and the summary as the step wrote them, before anything was hidden; without those that ask to hide. */
  written: { lines: string[]; summary: string };
  /** Processes that were still there at the end; they were ended then. */
  leftovers: { pid: number; command: string }[];
  /** Files that were left in RUNNER_TEMP, by path in it. */
  temporaryFiles: string[];
  seconds: number;
}

const jobDefaults = {
  repository: 'octo-org/shop',
  runId: '1001',
  runNumber: '1',
  actor: 'octocat',
  eventName: 'push',
  event: {},
  ref: 'refs/heads/main',
  serverUrl: 'https://github.com',
  apiUrl: 'https://api.github.com',
  token: '',
};

/**
 * Runs one JavaScript action as a step of a job on GitHub's runner: inputs with their defaults, the files for
 * outputs, state, environment, path and summary, masked and folded output, then the post entry whatever happened.
 *
 * Left out, because no action that only deploys can tell: other steps and their contexts, expressions but
 * `github.<name>`, `pre` entries (refused), `post-if`, problem matchers, the artifact, cache and OIDC services,
 * container jobs, and the five minutes after which GitHub gives up on a cancelled job.
 *
 * @throws Error when the folder holds no node24 action
 */
export async function runAction(step: ActionStep): Promise<StepResult> {
  const action = await readActionFile(step.actionDirectory);
  if (action.pre !== undefined) throw new Error('actions with a pre entry can not be run here');
  const directory = await mkdtemp(join(tmpdir(), 'runner-'));
  try {
    return await runIn(directory, action, step);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function runIn(
  directory: string,
  action: Awaited<ReturnType<typeof readActionFile>>,
  step: ActionStep,
): Promise<StepResult> {
  const start = performance.now();
  const job: Job = { ...jobDefaults, ...step.job };
  const trackingId = `local_${randomUUID()}`;
  const environment = {
    ...(await jobEnvironment(directory, job, step)),
    RUNNER_TRACKING_ID: trackingId,
    ...inputVariables(action, step.inputs, {
      token: job.token,
      actor: job.actor,
      repository: job.repository,
    }),
  };
  const output = new OutputReader(step.show ?? (() => undefined), job.token === '' ? [] : [job.token]);
  const entry = (file: string, variables: Record<string, string>): EntryOptions => ({
    file: join(step.actionDirectory, file),
    commandDirectory: join(directory, 'commands'),
    cwd: job.workspace,
    environment: variables,
    output,
  });
  output.beginStep();
  const main = await runEntry(entry(action.main, environment), step);
  const after = prependPath(
    { ...environment, ...main.commands.environment, ...prefixed('STATE_', main.commands.state) },
    main.commands.path,
  );
  output.beginStep();
  const post = action.post === undefined ? undefined : await runEntry(entry(action.post, after), undefined);
  const leftovers = await findLeftovers(trackingId);
  endLeftovers(leftovers);
  const summary = main.commands.summary + (post?.commands.summary ?? '');
  return {
    conclusion: conclusionOf(main.exitCode, post?.exitCode, step.cancel),
    exitCode: main.exitCode,
    postExitCode: post?.exitCode,
    signals: main.signals,
    outputs: main.commands.outputs,
    state: main.commands.state,
    summary: output.mask(summary),
    annotations: output.annotations,
    log: output.lines.join('\n'),
    debugLog: output.debugLines.join('\n'),
    written: { lines: output.written, summary },
    leftovers,
    temporaryFiles: await readdir(join(directory, 'temp'), { recursive: true }),
    seconds: (performance.now() - start) / 1000,
  };
}

async function jobEnvironment(
  directory: string,
  job: Job,
  step: ActionStep,
): Promise<Record<string, string>> {
  const folders = {
    temporary: join(directory, 'temp'),
    toolCache: step.toolCache ?? join(directory, 'tools'),
    eventFile: join(directory, 'event.json'),
  };
  await mkdir(folders.temporary);
  await mkdir(folders.toolCache, { recursive: true });
  await writeFile(folders.eventFile, JSON.stringify(job.event));
  return {
    ...inheritedEnvironment(process.env),
    ...step.environment,
    ...defaultVariables(job, folders, step.actionDirectory),
  };
}

interface EntryOptions {
  file: string;
  commandDirectory: string;
  cwd: string;
  environment: Record<string, string>;
  output: OutputReader;
}

interface FinishedEntry {
  exitCode: number | null;
  signals: NodeJS.Signals[];
  commands: FileCommands;
}

async function runEntry(options: EntryOptions, step: ActionStep | undefined): Promise<FinishedEntry> {
  const files = await createCommandFiles(options.commandDirectory);
  const entry = startEntry(options.file, {
    cwd: options.cwd,
    environment: { ...options.environment, ...files.variables },
    onLine: (line) => options.output.read(line),
  });
  const cancelling = cancelOn(step, entry);
  const { exitCode } = await entry.ended;
  const signals = await cancelling();
  return { exitCode, signals, commands: withinLimits(await files.read(), options.output) };
}

/** A summary is taken whole or not at all. */
function withinLimits(commands: FileCommands, output: OutputReader): FileCommands {
  const bytes = Buffer.byteLength(commands.summary);
  if (bytes <= longestSummary) return commands;
  output.read(
    `::error::$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k, got ${Math.ceil(bytes / 1024)}k`,
  );
  return { ...commands, summary: '' };
}

/** Connects the job's cancellation with the entry; the returned function disconnects it and says what was sent. */
function cancelOn(step: ActionStep | undefined, entry: EntryProcess): () => Promise<NodeJS.Signals[]> {
  let sent: Promise<NodeJS.Signals[]> = Promise.resolve([]);
  const cancel = (): void => {
    sent = entry.cancel(step?.cancelTimes);
  };
  if (step?.cancel?.aborted) cancel();
  step?.cancel?.addEventListener('abort', cancel, { once: true });
  return () => {
    step?.cancel?.removeEventListener('abort', cancel);
    return sent;
  };
}

function conclusionOf(
  exitCode: number | null,
  postExitCode: number | null | undefined,
  cancel: AbortSignal | undefined,
): StepResult['conclusion'] {
  if (cancel?.aborted) return 'cancelled';
  return exitCode === 0 && (postExitCode ?? 0) === 0 ? 'success' : 'failure';
}

function prefixed(prefix: string, values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
}
