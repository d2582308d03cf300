import type { AwsAccess } from '../aws/index.ts';
import type { Log, OwnLock } from '../core/index.ts';
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
  /** Is told of a Terraform that takes the lock, and which lock that is: the post step of a killed run looks after both. */
  noteLock?: (lock: OwnLock) => void;
  /** What the runner knows: commit, workspace, links. */
  github: GithubContext;
}
