import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Backend, PlanSummary } from '../core/index.ts';
import { duration } from '../core/index.ts';
import type { Run } from '../run/index.ts';
import { requireContract } from './contract.ts';
import { copyRoot } from './copy.ts';
import { diagnosticsOf } from './diagnostics.ts';
import { driftIn } from './drift.ts';
import type { TerraformEvent } from './events.ts';
import {
  changedOutputs,
  changesAnything,
  hasDrift,
  isWhole,
  parseEvent,
  summarizePlan,
  tellsOutputs,
} from './events.ts';
import { examineRoot } from './examine.ts';
import { applyFailure, initFailure, interrupted, planFailure, unreadable } from './failures.ts';
import type { OpenedRoot } from './opened-root.ts';
import { terraformCommand } from './opened-root.ts';
import type { Outputs } from './outputs.ts';
import { noteOwnLock } from './own-lock.ts';
import { outputForms } from './output-forms.ts';
import { outputsIn, parseOutputs, plansBlueGreen, protectOutputs } from './outputs.ts';
import { editsIn } from './plan-diff.ts';
import type { PlanDocument } from './plan-document.ts';
import type { PlanReview } from './plan-review.ts';
import { changesIn, totalsIn } from './plan-totals.ts';
import { needsReview, nothingFound, reviewPlan } from './plan-review.ts';
import type { Terraform } from './prepare.ts';
import { createProgress } from './progress.ts';
import { refusedReads } from './refused-reads.ts';
import { showPlan, showReview } from './show-plan.ts';
import { rescueState } from './rescue.ts';
import { retryReleasedLock } from './retry-lock.ts';
import type { TerraformRun } from './retry-lock.ts';
import type { PlannedResource } from './resources.ts';
import { destroyedIn, managedResources, readPlan, resourcesIn } from './resources.ts';
import { ensureBackendBlock, keepStateHere, readRoot } from './source.ts';

export interface RootOptions {
  /** Absolute path of the root; it is not written to. */
  directory: string;
  backend: Backend;
  stateKey: string;
  /** false for a root that nothing is deployed onto (bootstrap): its variables and outputs are its own business. */
  contract?: boolean;
  /** true where there is no state bucket yet: planned as if for the first time, with a state that is thrown away. */
  withoutState?: boolean;
  /** Those of the buckets that are known to be empty: a plan may take them away. Left out, none is. */
  emptyBuckets?: (names: readonly string[]) => Promise<string[]>;
}

/** What a plan is for. */
export interface PlanOptions {
  /** Plans to destroy everything. */
  destroy?: boolean;
  /**
   * For a plan that is never applied: takes no lock, so that it writes nothing and holds nobody up, and is made from the
   * state alone where the role may not read what is there.
   */
  readOnly?: boolean;
}

/** A saved plan of an opened root. */
export interface Plan {
  summary: PlanSummary;
  /** False when neither a resource nor an output would change: there is nothing to apply. */
  changed: boolean;
  /** What it would do that a deployment does not do unasked. */
  review: PlanReview;
  /** Path of the saved plan, in the run's temporary folder. */
  file: string;
  /** Applies exactly this plan. */
  apply(): Promise<void>;
  /** The managed resources of the plan, as they are now. */
  resources(): Promise<PlannedResource[]>;
  /** Those of them that it destroys, or replaces. */
  destroyed(): Promise<PlannedResource[]>;
  /** Whether the root gives both groups of blue/green then; undefined where only the apply can tell. */
  blueGreen(): Promise<boolean | undefined>;
}

/** An initialised Terraform root. */
export interface Root {
  plan(variables: Record<string, unknown>, options?: PlanOptions): Promise<Plan>;
  /** Addresses of the managed resources in the state. */
  managed(): Promise<string[]>;
  /** Every output by name; those that are sensitive without their value. */
  outputs(): Promise<Outputs>;
}

/**
 * Copies the root to the temporary folder and initialises it there with the state in the backend.
 * @throws DeployError as `examineRoot`; terraform-unavailable (providers can't be had), backend, terraform-plan
 */
export async function openRoot(run: Run, terraform: Terraform, options: RootOptions): Promise<Root> {
  const { directory, backend, stateKey, contract = true, withoutState = false } = options;
  const { emptyBuckets = async () => [] } = options;
  const source = contract ? await examineRoot(run, directory) : await readRoot(directory);
  const folder = await mkdtemp(join(run.temporaryDirectory, 'terraform-'));
  const copy = await copyRoot(directory, topOf(run, directory), join(folder, 'source'));
  await ensureBackendBlock(copy, source);
  if (withoutState) await keepStateHere(copy);
  const opened = {
    ...{ run, terraform, backend, stateKey, contract, withoutState, emptyBuckets, copy, folder, source },
  };
  await initialise(opened);
  return {
    plan: (variables, planOptions) => plan(opened, variables, planOptions),
    managed: () => managedResources(opened),
    outputs: () => outputs(opened),
  };
}

/** Links reach up to the workspace when the root is in it, else to the folder that holds the root. */
function topOf({ github }: Run, directory: string): string {
  const inWorkspace = github.workspace !== '' && directory.startsWith(`${github.workspace}/`);
  return inWorkspace ? github.workspace : dirname(directory);
}

async function initialise(root: OpenedRoot): Promise<void> {
  const { run, backend, stateKey, folder, withoutState } = root;
  await mkdir(join(folder, 'data'), { recursive: true });
  const settings = {
    bucket: backend.bucket,
    key: stateKey,
    region: run.aws.region,
    encrypt: 'true',
    use_lockfile: 'true',
    ...(backend.lockTable !== undefined && { dynamodb_table: backend.lockTable }),
  };
  const args = withoutState
    ? []
    : Object.entries(settings).map(([name, value]) => `-backend-config=${name}=${value}`);
  const result = await terraformCommand(root, ['init', '-input=false', '-no-color', ...args], (line) => {
    const [, provider] = /^- (?:Installed|Using previously-installed) (\S+ \S+)/.exec(line) ?? [];
    if (provider !== undefined) run.log.line(`Provider ${provider}`);
    else run.log.debug(line);
  });
  run.signal.throwIfAborted();
  if (result.exitCode !== 0) throw initFailure(root, result);
}

/** Writes the values to a file for -var-file: a list of arguments can be read by everyone on the machine. */
async function variableFiles(root: OpenedRoot, variables: Record<string, unknown>): Promise<string[]> {
  const { run, contract, copy, folder } = root;
  const generated = join(folder, 'asg-deploy.tfvars.json');
  const values = contract ? { ...run.inputs.terraformVariables, ...variables } : variables;
  await writeFile(generated, JSON.stringify(values), { mode: 0o600 });
  const environment = ['.tfvars', '.tfvars.json']
    .map((suffix) => join(copy, 'environments', run.inputs.environment + suffix))
    .filter((file) => contract && existsSync(file));
  return [...environment, generated].map((file) => `-var-file=${file}`);
}

async function plan(
  root: OpenedRoot,
  variables: Record<string, unknown>,
  { destroy = false, readOnly = false }: PlanOptions = {},
): Promise<Plan> {
  const { run, folder, contract } = root;
  const files = await variableFiles(root, variables);
  const file = join(folder, 'plan');
  const options = [
    ...(destroy ? ['-destroy'] : []),
    ...(readOnly ? ['-lock=false'] : []),
    ...[`-out=${file}`, ...files],
  ];
  let { events, result } = await terraformPlan(root, options);
  const unread = readOnly ? refusedReads(diagnosticsOf(events).errors) : [];
  if (unread.length > 0) {
    run.log.warning(
      `The role may not read all that is there (${unread.join(', ')}): planned from the state, so that what was changed outside Terraform is not seen`,
    );
    ({ events, result } = await terraformPlan(root, ['-refresh=false', ...options]));
  }
  if (result.exitCode !== 0 && result.exitCode !== 2) throw planFailure(root, events, result);
  let read: Promise<PlanDocument> | undefined;
  const document = () => (read ??= readPlan(root, file));
  const summary = isWhole(events) ? summarizePlan(events) : totalsIn(await document());
  const changed = result.exitCode === 2 && (changesAnything(events) ?? changesIn(await document()));
  if (contract && !destroy && (readOnly || (changed && touchesContract(events))))
    requireContract(
      outputsIn(await document()),
      'The root was planned and not applied: neither infrastructure nor instances were touched.',
    );
  const review =
    !destroy && needsReview(events)
      ? await reviewed(root, await document())
      : nothingFound(destroy ? [] : run.inputs.allowDestroy);
  showReview(root, review, { readOnly });
  showPlan(root, summary, {
    warnings: diagnosticsOf(events).warnings,
    drifted:
      (hasDrift(events) || !isWhole(events)) && summary.changes.length > 0 ? driftIn(await document()) : [],
  });
  // Read for the review or the contract anyway; for its edits alone it is not.
  const edits = read === undefined ? [] : editsIn(await read);
  if (edits.length > 0) summary.edits = edits;
  return {
    ...{ summary, changed, review, file },
    apply: () => apply(root, { file, files, groups: review.groups }),
    resources: async () => resourcesIn(await document()),
    destroyed: async () => destroyedIn(await document()),
    blueGreen: async () => plansBlueGreen(await document()),
  };
}

function terraformPlan(root: OpenedRoot, options: readonly string[]): Promise<TerraformRun> {
  const { run } = root;
  return retryReleasedLock(run, async (lockTimeout) => {
    const events: TerraformEvent[] = [];
    // Without a lock of its own, what is read would be another's.
    const lock = options.includes('-lock=false') ? undefined : noteOwnLock(root);
    const wait = lock === undefined ? [] : [`-lock-timeout=${lockTimeout}s`];
    const result = await terraformCommand(
      root,
      ['plan', '-json', '-input=false', '-detailed-exitcode', ...wait, ...options],
      collectEvents(events, (event) => {
        lock?.onEvent(event);
        sayWaiting(run, event);
      }),
      lock?.onStart,
    );
    run.signal.throwIfAborted();
    return { events, result };
  });
}

/**
 * Whether an apply would change an output of the contract whose form can be wrong. Those that stay are the state's, which
 * the rollout reads before it begins; and of the version, which every deployment changes, the plan knows no number.
 */
function touchesContract(events: readonly TerraformEvent[]): boolean {
  if (!tellsOutputs(events)) return true;
  return changedOutputs(events).some((name) => name in outputForms && name !== 'launch_template_version');
}

/** The review of a plan, in which buckets that hold nothing may go. */
async function reviewed({ run, emptyBuckets }: OpenedRoot, document: PlanDocument): Promise<PlanReview> {
  const review = reviewPlan(document, run.inputs.allowDestroy);
  const buckets = review.refused.flatMap(({ bucket }) => (bucket === undefined ? [] : [bucket]));
  const empty = buckets.length === 0 ? [] : await emptyBuckets(buckets);
  return {
    ...review,
    refused: review.refused.filter(({ bucket }) => bucket === undefined || !empty.includes(bucket)),
  };
}

/** What an apply is given besides the root. */
interface PlannedApply {
  /** The saved plan. */
  file: string;
  /** Arguments that name the files of its variables. */
  files: readonly string[];
  /** The groups whose instances it starts or ends by itself. */
  groups: readonly string[];
}

async function apply(root: OpenedRoot, planned: PlannedApply): Promise<void> {
  const { run } = root;
  const { events, result } = await retryReleasedLock(run, (lockTimeout) =>
    terraformApply(root, planned, lockTimeout),
  );
  if (result.exitCode === 0 && !run.signal.aborted) return;
  const saved = await rescueState(root);
  const unfinished = { events, saved, groups: planned.groups };
  if (run.signal.aborted) throw interrupted(root, unfinished);
  throw applyFailure(root, unfinished, result);
}

async function terraformApply(
  root: OpenedRoot,
  { file, files }: PlannedApply,
  lockTimeout: number,
): Promise<TerraformRun> {
  const { run, source } = root;
  const events: TerraformEvent[] = [];
  const progress = createProgress();
  const start = Date.now();
  const lock = noteOwnLock(root);
  const collect = collectEvents(events, (event) => {
    lock.onEvent(event);
    sayWaiting(run, event);
    for (const line of progress(event, (Date.now() - start) / 1000)) run.log.line(line);
  });
  // A saved plan holds its variables, but for the ephemeral ones, which are saved nowhere.
  const again = source.ephemeral.length > 0 ? files : [];
  const result = await terraformCommand(
    root,
    ['apply', '-json', '-input=false', `-lock-timeout=${lockTimeout}s`, ...again, file],
    collect,
    lock.onStart,
  );
  return { events, result };
}

/** Terraform says so when the lock is not to be had at once; without a line the job would seem to hang. */
function sayWaiting({ inputs, log }: Run, { type }: TerraformEvent): void {
  if (type === 'state_lock_acquire' && inputs.lockTimeout > 0)
    log.line(`Acquiring the state lock; if someone holds it, for up to ${duration(inputs.lockTimeout)}`);
}

function collectEvents(events: TerraformEvent[], onEvent?: (event: TerraformEvent) => void) {
  return (line: string) => {
    const event = parseEvent(line);
    if (!event) return;
    events.push(event);
    onEvent?.(event);
  };
}

async function outputs(root: OpenedRoot): Promise<Outputs> {
  const { run } = root;
  const result = await terraformCommand(root, ['output', '-json', '-no-color'], () => undefined);
  run.signal.throwIfAborted();
  if (result.exitCode !== 0) throw initFailure(root, result);
  const read = parseOutputs(result.stdout);
  if (read === undefined) throw unreadable('the outputs');
  return protectOutputs(run.log, read);
}
