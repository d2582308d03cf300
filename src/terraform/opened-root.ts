import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from '../run/index.ts';
import type { ChildResult } from '../run/index.ts';
import type { Backend } from '../core/index.ts';
import type { Run } from '../run/index.ts';
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
  /** The copy that Terraform works in. */
  copy: string;
  /** Private folder of this root: data, plan, variables. */
  folder: string;
  source: RootSource;
}

/** Runs Terraform in the copy; its answer to a cancel is awaited however long it takes. */
export async function terraformCommand(
  { run, terraform, copy, folder }: OpenedRoot,
  args: readonly string[],
  onStdoutLine?: (line: string) => void,
): Promise<ChildResult> {
  const configuration = process.env.TF_CLI_CONFIG_FILE;
  return runChild(run, terraform.binary, args, {
    cwd: copy,
    env: {
      ...(await run.aws.childEnvironment()),
      TF_DATA_DIR: join(folder, 'data'),
      TF_IN_AUTOMATION: '1',
      TF_INPUT: '0',
      CHECKPOINT_DISABLE: '1',
      // A file that is not there makes Terraform warn on every command.
      ...(configuration !== undefined && !existsSync(configuration) && { TF_CLI_CONFIG_FILE: undefined }),
    },
    silent: true,
    patient: true,
    throwOnAbort: false,
    ...(onStdoutLine && { onStdoutLine }),
  });
}
