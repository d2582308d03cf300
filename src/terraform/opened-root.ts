import { totalmem } from 'node:os';
import { join } from 'node:path';
import type { Backend } from '../core/index.ts';
import type { ChildResult, Run } from '../run/index.ts';
import { runChild, runCommand } from '../run/index.ts';
import { jobVariables } from './job-variables.ts';
import type { Terraform } from './prepare.ts';
import type { RootSource } from './source.ts';

/** What everything that works on one opened root shares. */
export interface OpenedRoot {
  run: Run;
  terraform: Terraform;
  backend: Backend;
  stateKey: string;
  contract: boolean;
  withoutState: boolean;
  emptyBuckets: (names: readonly string[]) => Promise<string[]>;
  /** The copy that Terraform works in. */
  copy: string;
  /** Private folder of this root: data, plan, variables. */
  folder: string;
  source: RootSource;
}

/**
 * Runs a Terraform command that works on the state or over the network; its answer to a cancel is awaited however long
 * it takes, and returned like any other.
 */
export async function terraformCommand(
  root: OpenedRoot,
  args: readonly string[],
  onStdoutLine?: (line: string) => void,
  onStart?: (pid: number) => void,
): Promise<ChildResult> {
  return runChild(root.run, root.terraform.binary, args, {
    ...(await placeOf(root)),
    silent: true,
    patient: true,
    throwOnAbort: false,
    ...(onStdoutLine && { onStdoutLine }),
    ...(onStart && { onStart }),
  });
}

/** Runs a Terraform command that only reads a file of this root. @throws run.signal.reason when the run is cancelled */
export async function askTerraform(root: OpenedRoot, args: readonly string[]): Promise<ChildResult> {
  return runCommand(root.run, root.terraform.binary, args, await placeOf(root));
}

/** Folder and environment of every Terraform command on this root. */
export async function placeOf({ run, copy, folder, contract }: OpenedRoot) {
  return {
    cwd: copy,
    env: {
      ...jobVariables(run),
      ...memorySettings(process.env, Math.min(totalmem(), process.constrainedMemory() || Infinity)),
      ...(!contract && withoutValues()),
      ...(await run.aws.childEnvironment()),
      TF_DATA_DIR: join(folder, 'data'),
      TF_IN_AUTOMATION: '1',
      TF_INPUT: '0',
      CHECKPOINT_DISABLE: '1',
    },
  };
}

/**
 * Terraform and its provider each spend a third of a short run on freeing memory that nobody else wants: they may keep
 * more, together up to half of the machine's. What the job sets itself stays. Pure.
 * https://pkg.go.dev/runtime#hdr-Environment_Variables
 *
 * @param totalBytes memory of the machine, or of the container that the job runs in
 */
export function memorySettings(
  { GOGC = '400', GOMEMLIMIT = '' }: NodeJS.ProcessEnv,
  totalBytes: number,
): Record<string, string> {
  return { GOGC, GOMEMLIMIT: GOMEMLIMIT || `${Math.floor(totalBytes / 4 / 2 ** 20)}MiB` };
}

/** What the job gives the user's root is not for the action's own, which may have a variable of the same name. */
function withoutValues(): Record<string, undefined> {
  const names = Object.keys(process.env).filter((name) => name.startsWith('TF_VAR_'));
  return Object.fromEntries(names.map((name) => [name, undefined]));
}
