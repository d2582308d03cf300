import type { AwsAccess } from '../aws/index.ts';
import type { Log } from '../core/index.ts';
import type { GithubContext } from '../github/index.ts';
import type { Inputs } from '../inputs/index.ts';

/** One run of one command: what every phase gets. */
export interface Run {
  inputs: Inputs;
  aws: AwsAccess;
  log: Log;
  /** Aborted once when the job is cancelled; `signal.reason` is a DeployError with reason `cancelled`. */
  signal: AbortSignal;
  /** A private folder (0700) that is removed when the run ends, whatever happened. */
  temporaryDirectory: string;
  /** What the runner knows: commit, workspace, links. */
  github: GithubContext;
}
